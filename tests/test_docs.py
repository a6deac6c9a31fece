"""Documentation that cannot lie: every page is compared with the program, and what it shows is run."""

import ast
import glob
import re
import runpy
import shlex
import tomllib
from functools import cache
from pathlib import Path

import pytest
import typer

import gigawatt.contents as contents
from gigawatt.cli import app
from gigawatt.core.entry import entries
from gigawatt.core.scenario import load, split_label
from gigawatt.core.scenario_file import scenario_names
from gigawatt.jobs import changed
from gigawatt.study.bet_file import bet_names
from gigawatt.study.catalogue import Catalogue
from gigawatt.study.explain import explain, use_name
from gigawatt.study.verify import all_cases

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gigawatt"
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
GENERATED = runpy.run_path(str(DOCS / "reference" / "generate.py"), run_name="generate")["PAGES"]

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.S | re.M)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
INLINE = re.compile(r"`([^`\n]+)`")


def name_of(file):
    return str(file.relative_to(ROOT))


def page(name):
    return (DOCS / name).read_text(encoding="utf-8")


def prose(text):
    """A page without its blocks of code."""
    return FENCE.sub("", text)


def blocks(language, name=""):
    """Every block of code in a language, of all pages or of one."""
    found = [(file, m) for file in PAGES for m in FENCE.finditer(file.read_text(encoding="utf-8"))]
    return [
        pytest.param(re.sub(f"^{m[1]}", "", m[3], flags=re.M), id=f"{name_of(file)}-{m.start()}")
        for file, m in found
        if m[2] == language and name in ("", name_of(file))
    ]


def shell_lines(text):
    """Lines of a page that are typed into a shell: in a block marked so, or indented."""
    fenced = [line for m in FENCE.finditer(text) if m[2] == "sh" for line in m[3].splitlines()]
    return fenced + re.findall(r"^ {4}(.*)$", prose(text), re.M)


@pytest.fixture(scope="module")
def everything():
    """The base scenario and all shipped mechanisms, to look names up in."""
    return Catalogue("base")


# ---------------------------------------------------------------- reference pages against the package


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_says_what_the_model_is_now(name):
    told = "run: python docs/reference/generate.py"
    assert page(f"reference/{name}") == GENERATED[name](), f"docs/reference/{name} has fallen behind: {told}"


def classes_written():
    """(module, class) of every mechanism, read from the source files."""
    trees = {f.stem: ast.parse(f.read_text(encoding="utf-8")) for f in (PACKAGE / "mechanisms").glob("*.py")}
    found = [(stem, node) for stem, tree in trees.items() for node in tree.body if isinstance(node, ast.ClassDef)]
    return [(stem, c) for stem, c in found if any(isinstance(x, ast.ClassDef) and x.name == "Out" for x in c.body)]


def test_every_mechanism_and_signal_is_on_its_page():
    mechanisms, signals = page("reference/mechanisms.md"), page("reference/signals.md")
    written = classes_written()
    assert written
    for stem, node in written:
        assert re.search(rf"^### .*{stem}\.{node.name}$", mechanisms, re.M)
        out = next(x for x in node.body if isinstance(x, ast.ClassDef) and x.name == "Out")
        for field in (x for x in out.body if isinstance(x, ast.AnnAssign)):
            assert re.search(rf"^\| \**`{field.target.id}`", signals, re.M)


def test_every_number_that_ships_is_on_its_page():
    text = page("reference/parameters.md")
    for file in sorted((PACKAGE / "params").glob("*.toml")):
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        for path in paths_with_a_value(tables):
            assert f"| `{path}` |" in text, f"{file.name}: {path}"


def paths_with_a_value(table, prefix=""):
    for key, item in table.items():
        if isinstance(item, dict) and "value" in item:
            yield f"{prefix}{key}"
        elif isinstance(item, dict):
            yield from paths_with_a_value(item, f"{prefix}{key}.")


def test_every_scenario_is_on_its_page():
    files = [f for f in (PACKAGE / "scenarios").glob("*.toml") if f.stem in scenario_names()]
    assert len(files) == len(scenario_names())
    for file in files:
        assert re.search(rf"^## {file.stem}$", page("reference/scenarios.md"), re.M)


def test_every_public_name_and_study_is_on_its_page():
    text = page("reference/library.md")
    for name in contents.__all__:
        assert name.startswith("_") or re.search(rf"`gw\.{name}\b", text), name
    for file in (PACKAGE / "study").glob("[a-z]*"):
        assert f"`gigawatt.study.{file.stem}`" in text


def test_every_command_is_on_its_page():
    text = page("reference/cli.md")
    for name in typer.main.get_command(app).commands:
        assert f"gigawatt {name}" in text, name


def test_the_readme_counts_the_acceptance_cases():
    (count,) = re.findall(r"(\d+) acceptance cases", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert int(count) == len(all_cases())


def test_the_model_page_lists_the_laws_of_base_in_causal_order(base_world):
    rows = [line for line in page("explanation/model.md").splitlines() if re.match(r"\| \d+ \|", line)]
    listed = [name for row in rows for name in INLINE.findall(row.split("|")[2])]
    assert listed == [use_name(type(m)) for m in base_world.mechanisms]


def test_the_index_leads_to_every_page():
    indexes = [DOCS / "index.md", DOCS / "laws" / "index.md"]
    links = {(index, link.partition("#")[0]) for index in indexes for link in LINK.findall(index.read_text("utf-8"))}
    found = {(index.parent / link).resolve() for index, link in links}
    assert not set(DOCS.rglob("*.md")) - found - {DOCS / "index.md"}


# ---------------------------------------------------------------- names, links and places


@pytest.mark.parametrize("file", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(file):
    links = [link for link in LINK.findall(prose(file.read_text(encoding="utf-8"))) if ":" not in link]
    assert [link for link in links if not leads_somewhere(file, link)] == []


def leads_somewhere(file, link):
    """Whether the file exists, and has the heading or id after the '#'."""
    path, _, anchor = link.partition("#")
    target = (file.parent / path).resolve() if path else file
    return target.exists() and (not anchor or anchor in anchors(target))


@cache
def anchors(file):
    """What a link into a page may name: ids as written, and headings as a web page makes ids of them."""
    text = file.read_text(encoding="utf-8")
    heads = [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.M)]
    return {*re.findall(r'id="([^"]+)"', text), *heads}


@pytest.mark.parametrize("file", [file for file in PAGES if file.name not in GENERATED], ids=name_of)
def test_every_name_in_a_text_exists(file, everything):
    """Files of the repository, numbers, mechanisms and targets of make, written as `code`."""
    text = file.read_text(encoding="utf-8")
    names = [*INLINE.findall(prose(text)), *(word for line in shell_lines(text) for word in line.split())]
    assert [name for name in names if not exists(name, everything)] == []


def exists(name, everything):
    """False for what looks like a name of ours and is none."""
    laws = {use_name(m) for m in everything.mechanisms.values()}
    modules = {law.partition(".")[0] for law in laws}
    owner, _, rest = name.partition(".")
    if re.fullmatch(r"(gigawatt|docs|examples|tests|benchmarks|requirements)/[\w./*-]*", name):
        return bool(glob.glob(str(ROOT / name)))
    if re.match(r"make [a-z]", name):
        return re.search(rf"^{name.split()[1]}:.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    if owner in modules and re.fullmatch(r"[A-Z]\w+", rest):
        return name in laws
    if owner in {*everything.mechanisms, "start"} - modules and re.fullmatch(r"[a-z_]+(\.[\w ]+)?", rest):
        return name in entries() or split_label(name, everything.kinds)[0]
    return True


@pytest.mark.parametrize("file", [*PAGES, *EXAMPLES], ids=name_of)
def test_no_page_holds_a_path_of_one_machine_or_a_bare_host(file):
    text = file.read_text(encoding="utf-8")
    assert not re.findall(r"(?<![\w.])/(?:home|work|tmp|root|usr|var|opt|mnt|Users)/\S*|\b[A-Z]:\\\S*", text)
    assert not re.findall(r"http://\S*|https://(?:[^./\s]+|[\d.]+)(?:[:/]\S*)?(?:\s|$)|\blocalhost\b", text)


# ---------------------------------------------------------------- what the pages show, run


@pytest.mark.parametrize("file", EXAMPLES, ids=name_of)
def test_an_example_runs_and_prints_something_worth_reading(file, capsys):
    runpy.run_path(str(file), run_name=file.stem)
    told = capsys.readouterr().out
    assert len(told.splitlines()) >= 5
    assert "nan" not in told.lower().split()


@pytest.mark.parametrize("code", blocks("python"))
def test_python_in_a_page_compiles(code):
    compile(code, "page", "exec")


@pytest.mark.parametrize("code", blocks("python", "README.md"))
def test_python_in_the_readme_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "draws=1000" in code
    exec(code.replace("draws=1000", "draws=64"), {"__name__": "page"})


def test_the_mechanism_of_the_how_to_is_the_one_that_the_example_runs():
    (block,) = blocks("python", "docs/howto/write-a-mechanism.md")
    lines = block.values[0].strip().splitlines()
    example = (ROOT / "examples" / "own_mechanism.py").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line not in example] == []


@pytest.mark.parametrize("text", blocks("toml"))
def test_a_scenario_in_a_page_builds_a_world(text, tmp_path):
    file = tmp_path / "page.toml"
    file.write_text(text, encoding="utf-8")
    scenario = load(str(file))
    assert scenario.world().mechanisms and len(scenario.chain) > 1


def commands_shown():
    """Every `gigawatt ...` of the pages, without comment and redirection, each once; no usage lines."""
    texts = [file.read_text(encoding="utf-8") for file in PAGES]
    lines = [line for text in texts for line in shell_lines(text)]
    lines += [code for text in texts for code in INLINE.findall(prose(text))]
    shown = {re.split(r" #| >", line)[0].strip() for line in lines}
    return sorted(line for line in shown if re.match(r"gigawatt [a-z-]", line) and not line.endswith("[OPTIONS]"))


@pytest.mark.parametrize("line", commands_shown())
def test_a_command_in_a_page_is_understood(line, everything):
    """Options and their values parse; scenarios, numbers, signals and laws in it exist. Nothing runs."""
    group = typer.main.get_command(app)
    words = shlex.split(line)[1:]
    if words[0].startswith("--"):
        assert words[0] in {option for param in group.params for option in param.opts} | {"--help"}
        return
    command = group.commands[words[0]]
    given = command.make_context(words[0], words[1:]).params
    if words[0] == "explain" and given["name"].upper() != given["name"]:
        assert explain(given["name"])
    names = [given.get("scenario"), given.get("a"), given.get("b"), *(given.get("scenarios") or [])]
    made = {name for other in commands_shown() for name in re.findall(r"--out (\w+)", other)}
    for name in (
        n for n in names if n and not n.isupper() and not n.endswith(".toml") and n not in made | set(bet_names())
    ):
        options = (given.get(key) for key in ("until", "set", "lever", "hold", "use"))
        assert changed(name, *options).world()


def test_the_searches_above_find_what_is_wrong(tmp_path, everything):
    file = tmp_path / "p.md"
    file.write_text("# A `b` c!\n[x](#a-b-c) [y](q.md)\n<a id='n'></a>\n```sh\n[z](no)\n```\n", encoding="utf-8")
    assert LINK.findall(prose(file.read_text())) == ["#a-b-c", "q.md"]
    assert leads_somewhere(file, "#a-b-c") and leads_somewhere(file, "p.md#a-b-c")
    assert not leads_somewhere(file, "#z") and not leads_somewhere(file, "q.md")
    law = use_name(everything.used[0])
    assert exists(law, everything) and not exists(law + "x", everything)
    assert exists("tests/test_docs.py", everything) and not exists("tests/test_dogs.py", everything)
    assert exists("start.price", everything) and not exists("start.prise", everything)
    assert exists("make test", everything) and not exists("make tests", everything)
    assert list(paths_with_a_value({"a": {"b": {"value": 1}, "c": {"d": {"value": 2}}}})) == ["a.b", "a.c.d"]
