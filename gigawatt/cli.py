"""The command line: each command is a few lines around one function of the library.

Numbers go to stdout; progress, notices and errors to stderr. Everything but Typer is imported inside the
commands, so that `--help`, `--version` and completion answer at once.
"""

from contextlib import nullcontext
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigawatt.console import Group, columns, interruptible, leave, listen, progress, say, show, show_json

if TYPE_CHECKING:
    import xarray as xr

    from gigawatt.core.scenario import Scenario

app = typer.Typer(cls=Group, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich")


def scenario_files(incomplete: str) -> list[str]:
    """Shipped scenarios for shell completion, without opening them."""
    names = (f.name.removesuffix(".toml") for f in resources.files("gigawatt").joinpath("scenarios").iterdir())
    return sorted(name for name in names if name.startswith(incomplete) and "." not in name)


SCENARIO = typer.Argument(metavar="SCENARIO", help="Shipped name or TOML file.", autocompletion=scenario_files)
OneScenario = Annotated[str, SCENARIO]
OfScenario = Annotated[
    str, typer.Option("--scenario", help="Shipped name or TOML file.", autocompletion=scenario_files)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print no table, notice or progress.")]
Draws = Annotated[int, typer.Option(min=1, help="Number of draws; draw i is the same whatever their number.")]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Everything random follows from it.")]
Until = Annotated[str | None, typer.Option(metavar="YYYY-MM", help="Last month.")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Set a number for sure.")]
Lever = Annotated[
    list[str] | None,
    typer.Option(metavar="PATH=YYYY-MM:VALUE,...", help="Change a number on dates, each value until the next."),
]
Hold = Annotated[
    list[str] | None,
    typer.Option(metavar="SIGNAL=YYYY-MM:VALUE,...", help="Prescribe a signal, in straight lines between dates."),
]
Use = Annotated[
    list[str] | None,
    typer.Option(metavar="MODULE.CLASS", help="Put a mechanism in place of what gives the same signals."),
]
Keep = Annotated[str | None, typer.Option(metavar="NAMES|all", help="Signals to keep, with commas between.")]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="New folder for result, recipe, figures and report.")]


def version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gigawatt {metadata.version('gigawatt')}")
        raise typer.Exit()


@app.callback()
def gigawatt(
    version: Annotated[bool, typer.Option("--version", callback=version, is_eager=True, help="Print it.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error; may stand anywhere.")] = False,
) -> None:
    """An open simulator of AI compute investment: compute, capability, adoption, revenue, cash, orders."""


@app.command()
def run(
    scenarios: Annotated[list[str], SCENARIO],
    draws: Draws = 1000,
    seed: Seed = 0,
    until: Until = None,
    set: Set = None,
    lever: Lever = None,
    hold: Hold = None,
    use: Use = None,
    keep: Keep = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run scenarios; print medians and 5-95 % ranges by year, and events with their probabilities."""
    found = [changed(name, until, set, lever, hold, use) for name in scenarios]
    carry_out(found, draws, seed, names_of(keep), out, as_json, quiet)


@app.command()
def again(
    result: Annotated[str, typer.Argument(metavar="RESULT", help="Result folder or .nc file.")],
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run the recipe inside a result again, and say whether the numbers are the same."""
    from gigawatt.core.result import open_result
    from gigawatt.core.scenario import Scenario

    old = open_result(result)
    recipe = Scenario.of(old.attrs["recipe"], result)
    draws, seed, keep = int(old.attrs["draws"]), int(old.attrs["seed"]), [str(n) for n in old.data_vars]
    (new,) = carry_out([recipe], draws, seed, keep, out, as_json, quiet)
    if not quiet:
        say(f"{result}: {sameness(old, new)}")


@app.command()
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="Scenario, TOML file or result folder.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Scenario, TOML file or result folder.")],
    signal: Annotated[str | None, typer.Option(metavar="NAMES", help="Only these signals.")] = None,
    year: Annotated[int | None, typer.Option(help="At the end of this year; the last one if not given.")] = None,
    draws: Draws = 1000,
    seed: Seed = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say what moved from A to B, draw by draw, and through which differences of the scenarios."""
    from gigawatt.study.compare import compare, sentences

    first, second = (result_or_scenario(name) for name in (a, b))
    like = next((x.attrs for x in (first, second) if hasattr(x, "attrs")), {"draws": draws, "seed": seed})
    names = names_of(signal)
    todo = [x for x in (first, second) if not hasattr(x, "attrs")]
    done = iter(simulate(todo, int(like["draws"]), int(like["seed"]), names, quiet))
    first, second = (x if hasattr(x, "attrs") else next(done) for x in (first, second))
    moved = compare(first, second, names)
    if as_json:
        show_json(moved.to_dict())
    elif not quiet:
        show(*sentences(moved, year))


@app.command("scenarios")
def list_scenarios(as_json: AsJson = False) -> None:
    """List the shipped scenarios."""
    from gigawatt.core.scenario import scenario_names

    rows = [{"name": name, "title": title} for name, title in scenario_names().items()]
    show_json(rows) if as_json else show(columns(rows, name="scenario", title="title"))


@app.command("parameters")
def list_parameters(scenario: OfScenario = "base", as_json: AsJson = False) -> None:
    """List every number that can be set: meaning, unit, value, range, grade."""
    from gigawatt.study.catalogue import parameters

    rows = parameters(scenario)
    heads = {"path": "path", "value": "value", "low": "5 %", "high": "95 %", "unit": "unit", "grade": "grade"}
    show_json(rows) if as_json else show(columns(rows, **heads, meaning="meaning"))


@app.command("signals")
def list_signals(scenario: OfScenario = "base", as_json: AsJson = False) -> None:
    """List every signal: meaning, unit, who gives it."""
    from gigawatt.study.catalogue import signals

    rows = signals(scenario)
    heads = {"name": "signal", "unit": "unit", "axes": "per", "given_by": "given by", "meaning": "meaning"}
    show_json(rows) if as_json else show(columns(rows, **heads))


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from gigawatt.core.schema import schema

    show_json(schema())


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Number, signal, mechanism, source or claim.")],
    scenario: OfScenario = "base",
    as_json: AsJson = False,
) -> None:
    """Say what a name means: unit, value, range, source, grade, who gives it, who reads it."""
    from gigawatt.study.explain import explain

    cards = explain(name, scenario)
    if as_json:
        show_json([{"name": c.name, "what": c.what, "rows": [list(row) for row in c.rows]} for c in cards])
    else:
        show("\n\n".join(map(str, cards)))


@app.command()
def cite(scenario: OneScenario = "base", as_json: AsJson = False) -> None:
    """Print the references behind a scenario's numbers, and the numbers counted by grade."""
    from dataclasses import asdict

    from gigawatt.study.catalogue import cite

    found = cite(scenario)
    show_json(asdict(found)) if as_json else show(str(found))


@app.command()
def verify(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Cases such as A01; all if none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compute the acceptance cases from the laws; exit code 1 if one that is built fails."""
    from dataclasses import asdict

    from gigawatt.study.verify import verify

    results = verify(ids or None)
    if as_json:
        show_json([asdict(result) for result in results])
    else:
        show(*verdicts(results))
    if any(result.verdict == "fail" for result in results):
        raise typer.Exit(1)


# ---------------------------------------------------------------- what the options say


def changed(
    name: str,
    until: str | None,
    set: list[str] | None,
    lever: list[str] | None,
    hold: list[str] | None,
    use: list[str] | None,
) -> "Scenario":
    """The scenario with what the options change, each error naming its option."""
    from gigawatt.core.scenario import load

    found = load(name)
    if use:
        found = found.change(use=use, where="--use")
    if set:
        found = found.change(set=assigned(set, "--set", "belief.gain=1.5"), where="--set")
    if lever:
        found = found.change(lever=dated(lever, "--lever", "order_up_to.lead=2027-01:2"), where="--lever")
    if hold:
        found = found.change(hold=dated(hold, "--hold", "output=2026-01:118000,2030-12:130000"), where="--hold")
    return found.change(end=until, where="--until") if until is not None else found


def assigned(texts: list[str], option: str, example: str) -> dict[str, str]:
    """{path: text} from 'path=text', each path once."""
    from gigawatt.core.errors import InputError

    found: dict[str, str] = {}
    for text in texts:
        path, equals, value = (part.strip() for part in text.partition("="))
        if not (path and equals and value):
            raise InputError(f"{option} {text}: a name, '=' and a value are needed, as in {option} {example}.")
        if path in found:
            raise InputError(f"{option} {path}: given twice: remove one.")
        found[path] = value
    return found


def dated(texts: list[str], option: str, example: str) -> dict[str, dict[str, float]]:
    """{path: {'2027-01': 0.5}} from 'path=2027-01:0.5,...'."""
    from gigawatt.core.errors import InputError

    found: dict[str, dict[str, float]] = {}
    for path, text in assigned(texts, option, example).items():
        found[path] = {}
        for item in text.split(","):
            date, _, value = (part.strip() for part in item.partition(":"))
            try:
                found[path][date] = float(value)
            except ValueError:
                raise InputError(
                    f"{option} {path}: '{item}' is not YYYY-MM:VALUE: write as in {option} {example}."
                ) from None
    return found


def names_of(text: str | None) -> list[str] | str | None:
    """Names from 'a,b'; 'all' and nothing as they are."""
    return text if text in (None, "all") else [name.strip() for name in text.split(",")]


def result_or_scenario(name: str) -> "xr.Dataset | Scenario":
    """What a user means by a name: a shipped scenario before a folder of the same name."""
    from gigawatt.core.result import open_result
    from gigawatt.core.scenario import load, scenario_names

    is_result = name not in scenario_names() and (name.endswith(".nc") or Path(name).is_dir())
    return open_result(name) if is_result else load(name)


# ---------------------------------------------------------------- running and printing


def carry_out(
    scenarios: "list[Scenario]",
    draws: int,
    seed: int,
    keep: list[str] | str | None,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> "list[xr.Dataset]":
    """Run, write and print. What can be wrong with the input shows before anything runs."""
    from gigawatt.core.result import Folder

    ready(scenarios, keep)
    with Folder(out) if out else nullcontext() as folder:
        results = simulate(scenarios, draws, seed, keep, quiet)
        files = write(results, folder) if folder else []
    if as_json:
        show_json({"gigawatt": metadata.version("gigawatt"), "results": [as_table(ds) for ds in results]})
    elif not quiet:
        from gigawatt.view.tables import text

        show(*(text(ds) for ds in results))
    if out and not quiet:
        pictures = [str(out / name) for name in files if name.endswith(".png")]
        say(f"Pictures: {', '.join(pictures)} (and as SVG)")
        say(f"Report: {out / 'report.html'}")
    return results


def ready(scenarios: "list[Scenario]", keep: list[str] | str | None) -> None:
    """Raise InputError for anything that would stop a run later."""
    from gigawatt.core.errors import InputError
    from gigawatt.core.run import kept, year_ends

    names = [s.name for s in scenarios]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two scenarios are called '{name}': rename a file, or run them one by one.")
    for scenario in scenarios:
        world, ends = scenario.world(), year_ends(scenario)
        kept(world, keep)
        scenario.levers(world, ends)
        scenario.holds(world, ends)


def simulate(
    scenarios: "list[Scenario]", draws: int, seed: int, keep: list[str] | str | None, quiet: bool
) -> "list[xr.Dataset]":
    """Run each scenario, with a bar for each."""
    from gigawatt.core.cache import cached
    from gigawatt.core.run import run

    def all_of_them() -> "list[xr.Dataset]":
        return [run(s, draws, seed, keep=keep, progress=bar(s.name)) for s in scenarios]

    with cached(), progress(quiet) as bar:
        return interruptible(all_of_them)


def write(results: "list[xr.Dataset]", folder: Path) -> list[str]:
    """Results and recipes (in folders of their own where there are several) and the report; names of the files."""
    from gigawatt.core.result import save
    from gigawatt.view.report import write

    for ds in results:
        home = folder / ds.attrs["scenario"] if len(results) > 1 else folder
        home.mkdir(exist_ok=True)
        save(ds, home / "result.nc")
        (home / "recipe.toml").write_text(ds.attrs["recipe"], encoding="utf-8")
    written = write({ds.attrs["scenario"]: ds for ds in results}, folder)
    return [str(path.relative_to(folder)) for path in written]


def as_table(ds: "xr.Dataset") -> dict[str, Any]:
    """What `run --json` prints for one scenario: the numbers of the table, and the events."""
    from dataclasses import asdict

    from gigawatt.study.events import events
    from gigawatt.view.tables import summary

    plain = {key: ds.attrs[key] for key in ("scenario", "title", "draws", "seed", "money")}
    return plain | {"table": summary(ds), "events": [asdict(event) for event in events(ds)]}


def sameness(old: "xr.Dataset", new: "xr.Dataset") -> str:
    """Whether two runs of one recipe agree to the last digit, and if not, where."""
    import numpy as np

    moved = [str(name) for name in old if not np.array_equal(old[name], new[name], equal_nan=True)]
    if not moved:
        return "the same numbers again."
    by = f"written by gigawatt {old.attrs['gigawatt_version']}"
    return f"other numbers in {len(moved)} of {len(old)} signals ({by}): {', '.join(moved)}."


def verdicts(results: list[Any]) -> list[Any]:
    """Tables of what was computed, the list of what is not built, and the count."""
    heads = {"id": "id", "grade": "grade", "what": "what", "expected": "expected", "computed": "computed"}
    rows = [
        {"id": r.id, "grade": r.grade, "what": c.what, "unit": c.unit, "expected": c.expected, "computed": c.computed}
        | {"verdict": "pass" if c.passed else "FAIL"}
        for r in results
        for c in r.rows
    ]
    missing = [r.id for r in results if r.verdict == "not built"]
    count = {word: sum(r.verdict == word for r in results) for word in ("pass", "fail")}
    told = [f"\n{count['pass']} cases pass, {count['fail']} fail."]
    told += [f"{len(missing)} are not built yet: {', '.join(missing)}."] if missing else []
    return [*([columns(rows, **heads, unit="unit", verdict="verdict")] if rows else []), *told]


def main() -> None:
    """Entry of the command `gigawatt`."""
    listen()
    try:
        app()
    except KeyboardInterrupt:  # between two commands' lines
        leave(130)
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else 0)
