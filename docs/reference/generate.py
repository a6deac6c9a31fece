"""Write the reference pages from the model itself: `python docs/reference/generate.py`.

Every page is a function without arguments that returns its text. tests/test_docs.py calls the same functions and
compares, so that no page can fall behind what it describes.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from runpy import run_path
from types import ModuleType

import gigawatt.contents as contents
import gigawatt.decisions
import gigawatt.study
from gigawatt.core.entry import Entry, entries
from gigawatt.core.mechanism import Mechanism, gives, keyword_names, meta_of, params, path_of, reads, wires
from gigawatt.core.noise import is_noise
from gigawatt.core.queue import Delay, outstanding_reads, posted
from gigawatt.core.scenario import Scenario, load, split_label
from gigawatt.core.scenario_file import scenario_names
from gigawatt.study.catalogue import Catalogue, reference
from gigawatt.study.compare import Difference, differences
from gigawatt.study.explain import use_name

HERE = Path(__file__).parent
NOTE = "<!-- written by docs/reference/generate.py: change the model, then run it -->"
LONG = 20  # rows of a table beyond which it is folded away


# ---------------------------------------------------------------- pieces of Markdown


def page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", NOTE, *(p for p in parts if p)]) + "\n"


def cell(text: object) -> str:
    """Text that stays within one cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def table(rows: Iterable[Sequence[str]], *heads: str) -> str:
    """A table, or nothing if it has no rows. Cells are Markdown already."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *lines]) if lines else ""


def code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n\n")[0].replace("\n", " ")


def anchor(key: str) -> str:
    return key.replace(":", "-")


def links(keys: Iterable[str], file: str = "") -> str:
    """Source keys, each linked to its line in the list of sources."""
    return ", ".join(f"[{key}]({file}#{anchor(key)})" for key in keys)


def mechanism_link(cls: type[Mechanism]) -> str:
    return f"[{use_name(cls)}](mechanisms.md#{path_of(cls)})"


# ---------------------------------------------------------------- what there is to write about


@cache
def catalogue() -> Catalogue:
    return Catalogue("base")


def laws() -> list[type[Mechanism]]:
    """All shipped mechanisms: those of base in causal order, each followed by its variants; then the rest."""
    used = catalogue().used
    spare = sorted((m for m in catalogue().mechanisms.values() if m not in used), key=use_name)
    ordered = [law for m in used for law in (m, *(s for s in spare if m in rivals(s)))]
    return list(dict.fromkeys([*ordered, *spare]))


def rivals(law: type[Mechanism]) -> list[type[Mechanism]]:
    """Mechanisms that give any of the same signals: each can stand in the place of the other."""
    return [m for m in catalogue().mechanisms.values() if m is not law and set(gives(law)) & set(gives(m))]


def entries_of(path: str) -> list[Entry]:
    """Shipped entries of a number: its own, and those by label."""
    return [e for p, e in entries().items() if p == path or p.startswith(f"{path}.")]


# ---------------------------------------------------------------- parameters


def parameters() -> str:
    used = {law: [f"{path_of(law)}.{name}" for name in params(law)] for law in laws()}
    starts = sorted(path for path in catalogue().kinds if path.startswith("start."))
    unread = [e for path, e in sorted(entries().items()) if split_label(path, catalogue().kinds)[0] is None]
    parts = [
        f"## {path_of(law)}\n\n{mechanism_link(law)}: {first_line(law)}\n\n{number_table(paths)}"
        for law, paths in sorted(used.items(), key=lambda item: path_of(item[0]))
        if paths
    ]
    return page(
        "Parameters",
        "Every number that ships, by path: what `--set`, `[set]` and `[lever]` take. The value is the median, the "
        "range the 5th and 95th percentile of the distribution named (the ends of a `uniform`); without a range it is "
        "certain. `gigawatt explain PATH` adds notes and readers.",
        *parts,
        "## start\n\nLevels before the first month, 2025-12-31 in base.",
        number_table(starts),
        "## Read by no law\n\nObserved beside the others; checks and derivations of other numbers use them.",
        table((entry_row(e, e.place or e.note) for e in unread), *HEADS),
        f"## Sources\n\n{source_list()}",
    )


HEADS = ("path", "meaning", "value", "range", "unit", "grade", "source")


def number_table(paths: Iterable[str]) -> str:
    meaning = catalogue().meaning
    return table((entry_row(e, meaning[path]) for path in paths for e in entries_of(path)), *HEADS)


def entry_row(e: Entry, meaning: str) -> tuple[str, ...]:
    drawn = f"{e.low:.6g} to {e.high:.6g}, {e.shape}" if e.uncertain else ""
    found = links(e.source) + (f": {cell(e.place)}" if e.place and e.place != meaning else "")
    return f"`{e.path}`", cell(meaning), f"{e.value:.6g}", drawn, cell(e.unit), e.grade, found


def source_list() -> str:
    keys = sorted({key for e in entries().values() for key in e.source} | scenario_sources())
    return "\n".join(f'- <a id="{anchor(key)}"></a>`{key}`: {cell(reference(key))}' for key in keys)


# ---------------------------------------------------------------- signals


def signals() -> str:
    rows = {name: signal_row(name) for law in laws() for name in gives(law)}
    return page(
        "Signals",
        "Every named number of a month, over all shipped mechanisms: what `--hold`, `[hold]` and `--keep` take, and "
        "what a result holds. **Bold** ones are in a result unless others are asked for. Stocks are those at the end "
        "of the month, flows are means over it. Who reads a signal *later* sees it a month after (`prev_`), or after a "
        "delay.",
        table(
            (row for _, row in sorted(rows.items())),
            *("signal", "unit", "per", "meaning", "given by", "read by", "read later by", "at the start"),
        ),
    )


def signal_row(name: str) -> tuple[str, ...]:
    givers = [m for m in laws() if name in gives(m)]
    readers = [m for m in laws() if name in reads(m)]
    delays = [m for m in laws() if issubclass(m, Delay) and name in posted(m).values()]
    later = [m for m in laws() if f"prev_{name}" in reads(m) or m in delays]
    kind = gives(givers[0])[name]
    shown = f"**`{name}`**" if any(meta_of(m.Out, name, "headline") for m in givers) else f"`{name}`"
    words = cell(catalogue().meaning[name])
    who = (", ".join(map(mechanism_link, group)) for group in (givers, readers, later))
    return shown, cell(kind.unit.text), " x ".join(kind.axes), words, *who, start_of(name)


def start_of(name: str) -> str:
    """Where the value before the first month comes from: a definition, another law's `begin`, or an entry."""
    defined = next(meta_of(m.Out, name, "start") for m in laws() if name in gives(m))
    if defined is not None:
        return f"{defined:g}"
    derived = [mechanism_link(m) for m in laws() if name in getattr(m, "begins", ())]
    entry = [f"`start.{name}`"] if f"start.{name}" in catalogue().kinds else []
    return f"{derived[0]} derives it" if derived else "".join(entry)


# ---------------------------------------------------------------- scenarios


def scenario_sources() -> set[str]:
    found = [load(name) for name in scenario_names()]
    return {key for s in found for key in (*s.source, *(k for e in s.set.values() for k in e.source))}


def scenarios() -> str:
    names = ["base", *sorted(set(scenario_names()) - {"base"})]
    return page(
        "Scenarios",
        "Every scenario that ships, with what sets it apart from its base. `gigawatt run NAME` runs one; "
        "[Write a scenario](../howto/write-a-scenario.md) says how to make another.",
        table(((f"[{n}](#{n})", cell(scenario_names()[n])) for n in names), "name", "title"),
        *(scenario_part(load(name)) for name in names),
    )


def scenario_part(scenario: Scenario) -> str:
    name, chain = scenario.name, scenario.chain
    file = f"[{name}.toml](../../gigawatt/scenarios/{name}.toml)"
    span = f"{scenario.begin} to {scenario.end}"
    if len(chain) == 1:
        listed = " → ".join(mechanism_link(type(m)) for m in scenario.world().mechanisms)
        changes = f"The laws, in causal order: {listed}."
        head = f"{span}. File: {file}."
    else:
        base = load(chain[-2])
        moved = differences(base.recipe(), scenario.recipe())
        rows = (difference_row(d, scenario) for d in moved)
        changes = folded(table(rows, "what", "name", f"in {base.name}", "here", "source"), len(moved))
        head = f"Differs from [{base.name}](#{base.name}); {span}. File: {file}."
    sources = f"Source: {links(scenario.source, 'parameters.md')}." if scenario.source else ""
    words = (f"## {name}", f"**{scenario.title}.**", scenario.note, head, changes, sources)
    return "\n\n".join(word for word in words if word)


def difference_row(d: Difference, scenario: Scenario) -> tuple[str, ...]:
    own = scenario.set.get(d.name)
    name = "" if d.kind == "mechanism" else f"`{d.name}`"
    return d.kind, name, cell(d.a) or "–", cell(d.b) or "–", links(own.source, "parameters.md") if own else ""


def folded(text: str, rows: int) -> str:
    return f"<details><summary>{rows} differences</summary>\n\n{text}\n\n</details>" if rows > LONG else text


# ---------------------------------------------------------------- mechanisms


def mechanisms() -> str:
    modules = sorted({law.__module__ for law in laws()})
    everything = ((mechanism_link(m), cell(first_line(m)), "yes" if m in catalogue().used else "") for m in laws())
    return page(
        "Mechanisms",
        "Every law that ships. First all of them in the causal order of base, a variant after the law that it can "
        "replace (`--use MODULE.CLASS`); then, file by file, the equations and where they stand in the month. An "
        "equation is a plain function: `gw.mechanisms.MODULE.FUNCTION(...)` works on numbers and arrays.",
        table(everything, "mechanism", "what it does", "in base"),
        *(module_part(module) for module in modules),
    )


def module_part(name: str) -> str:
    module = import_module(name)
    short = name.rpartition(".")[2]
    mine = [m for m in laws() if m.__module__ == name]
    return "\n\n".join([f"## {short}", inspect.getdoc(module) or "", equations(module), *map(mechanism_part, mine)])


def equations(module: ModuleType) -> str:
    found = [f for f in vars(module).values() if inspect.isfunction(f) and f.__module__ == module.__name__]
    shown = [f for f in found if f.__doc__ and not f.__name__.startswith("_")]
    return "\n".join(f"- `{f.__name__}{signature(f)}`: {first_line(f)}" for f in shown)


def signature(function: Callable) -> str:
    """Parameters for callers, without annotations: the docstring says in words what each is."""
    found = inspect.signature(function)
    public = [p for p in found.parameters.values() if not p.name.startswith("_")]
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in public]
    return str(found.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def mechanism_part(law: type[Mechanism]) -> str:
    inputs = list(wires(law))
    noise = ["its own noise"] if any(map(is_noise, reads(law))) else []
    start = keyword_names(law.begin) if hasattr(law, "begin") else []
    start += outstanding_reads(law) if issubclass(law, Delay) else []
    told = {
        "Reads": code(n for n in inputs if not n.startswith("prev_")),
        "Reads of last month": code(n.removeprefix("prev_") for n in inputs if n.startswith("prev_")),
        "Draws": ", ".join(noise),
        "Returns after a delay": code(posted(law).values()) if issubclass(law, Delay) else "",
        "Begins from": code(dict.fromkeys(start)),
        "Instead of it": ", ".join(map(mechanism_link, rivals(law))),
        "Sources of its numbers": links(sources_of(law), "parameters.md"),
    }
    return "\n\n".join(
        part
        for part in (
            f'### <a id="{path_of(law)}"></a>{use_name(law)}',
            inspect.getdoc(law) or "",
            "\n".join(f"- {head}: {text}" for head, text in told.items() if text),
            meaning_table("gives", gives(law), ""),
            meaning_table("parameter", params(law), path_of(law) + "."),
        )
        if part
    )


def meaning_table(head: str, kinds: Mapping, prefix: str) -> str:
    meaning = catalogue().meaning
    rows = ((f"`{prefix}{name}`", cell(kind), cell(meaning[prefix + name])) for name, kind in kinds.items())
    return table(rows, head, "unit", "meaning")


def sources_of(law: type[Mechanism]) -> list[str]:
    own = (e for name in params(law) for e in entries_of(f"{path_of(law)}.{name}"))
    return sorted({key for e in own for key in e.source})


# ---------------------------------------------------------------- library


def library() -> str:
    public = [(name, getattr(contents, name)) for name in contents.__all__ if not name.startswith("_")]
    studies = [import_module(f"gigawatt.study.{info.name}") for info in iter_modules(gigawatt.study.__path__)]
    return page(
        "Library",
        "Every public name, as in `import gigawatt as gw`.",
        "## Functions",
        *(function_part(name, thing) for name, thing in public if inspect.isfunction(thing)),
        "## Types",
        "\n".join(f"- `gw.{name}`: {first_line(thing)}" for name, thing in public if inspect.isclass(thing)),
        "## Modules",
        "\n".join(f"- `gw.{name}`: {first_line(thing)}" for name, thing in public if inspect.ismodule(thing)),
        "## Studies\n\nA study is a question asked of a world. Each is a module of `gigawatt.study`.",
        "\n".join(f"- `{module.__name__}`: {first_line(module)}" for module in studies),
    )


def function_part(name: str, function: Callable) -> str:
    return f"### {name}\n\n`gw.{name}{signature(function)}`\n\n{inspect.getdoc(function)}"


# ---------------------------------------------------------------- decisions


def decisions() -> str:
    found = [import_module(f"gigawatt.decisions.{info.name}") for info in iter_modules(gigawatt.decisions.__path__)]
    files = ((f"[{short_name(m)}](#{short_name(m)})", cell(first_line(m))) for m in found)
    return page(
        "Decisions",
        "Every public function and class of `gigawatt.decisions`, file by file: plain functions and exact solvers that "
        "need no world. `from gigawatt.decisions import newsvendor`, then `newsvendor.order(...)`. Units stand in "
        "brackets; `help(newsvendor.order)` says what each argument is, which errors it raises, and the source. [The "
        "compute bet](../explanation/compute-bet.md) says which solver is exact for what.",
        table(files, "file", "what it does"),
        *(solver_part(m) for m in found),
    )


def short_name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def solver_part(module: ModuleType) -> str:
    mine = [t for n, t in vars(module).items() if n[0] != "_" and getattr(t, "__module__", "") == module.__name__]
    classes = [class_part(t) for t in mine if inspect.isclass(t)]
    functions = [member(t.__name__, t) for t in mine if callable(t) and not inspect.isclass(t)]
    return "\n\n".join([f"## {short_name(module)}", inspect.getdoc(module) or "", "\n".join([*functions, *classes])])


def class_part(cls: type) -> str:
    """A class, and below it what callers may ask of it that it documents itself."""
    own = [(n, getattr(t, "__func__", t)) for n, t in vars(cls).items() if n[0] != "_"]
    asked = [(n, t) for n, t in own if inspect.isfunction(t) or isinstance(t, property | cached_property)]
    shown = ["  " + member(n, t) for n, t in asked if t.__doc__]
    return "\n".join([member(cls.__name__, cls), *shown])


def member(name: str, thing: object) -> str:
    """One line: how it is called, and the first paragraph of what it says."""
    called = re.sub(r"^\((self|cls)(, )?", "(", signature(thing)) if callable(thing) else ""
    return f"- `{name}{called}`: {first_line(thing)}"


PAGES: dict[str, Callable[[], str]] = {
    "parameters.md": parameters,
    "signals.md": signals,
    "scenarios.md": scenarios,
    "mechanisms.md": mechanisms,
    "library.md": library,
    "decisions.md": decisions,
    "cli.md": run_path(str(HERE / "generate_cli.py"))["cli"],
}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (HERE / name).write_text(write(), encoding="utf-8")
        print(f"docs/reference/{name}")
