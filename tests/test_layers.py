"""Imports run one way: core <- mechanisms <- study <- view <- command line."""

import ast
from pathlib import Path

import pytest

import gigawatt
from gigawatt.core.mechanism import path_of
from gigawatt.core.units import default_axes

ROOT = Path(gigawatt.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# A part of the package, and what it must not import. `gigawatt` itself re-exports everything.
FORBIDDEN = {
    "core": {"mechanisms", "study", "view", "cli", "web", "decisions", ""},
    "mechanisms": {"mechanisms", "study", "view", "cli", "web", ""},
    "decisions": {"mechanisms", "study", "view", "cli", "web", ""},
    "study": {"view", "cli", "web"},
    "view": {"cli", "web"},
}
DRAWING = {"matplotlib", "typer", "rich"}


def part_of(file: Path) -> str:
    inner = file.relative_to(ROOT).parts
    return inner[0] if len(inner) > 1 else inner[0].removesuffix(".py")


def imports(file: Path) -> set[str]:
    """Dotted names that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} imports relatively: write the full name"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def parts(names: set[str]) -> set[str]:
    """Parts of the package among imported names; '' is the package itself."""
    ours = {n.split(".")[1:] and n.split(".")[1] or "" for n in names if n.split(".")[0] == "gigawatt"}
    return {p if (ROOT / p).exists() or (ROOT / f"{p}.py").exists() else "" for p in ours}


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_a_part_imports_nothing_from_the_parts_above_it(file):
    part, names = part_of(file), imports(file)
    forbidden = FORBIDDEN.get(part, set()) if file.name != "__init__.py" else set()
    assert not parts(names) & forbidden
    if part in ("core", "mechanisms", "decisions", "study"):
        assert not {n.split(".")[0] for n in names} & DRAWING


def test_the_reader_of_imports_sees_through_every_form(tmp_path):
    file = tmp_path / "f.py"
    file.write_text("import matplotlib.pyplot as p\ndef f():\n    from gigawatt.study import x\n    import gigawatt\n")
    assert imports(file) == {"matplotlib.pyplot", "gigawatt.study.x", "gigawatt"}
    assert parts(imports(file)) == {"study", ""}


def test_the_core_names_no_signal_no_mechanism_and_no_axis(base_world):
    """Words of economics live in mechanisms and params; units.py alone declares axes and units."""
    economics = set(base_world.signals) | {path_of(type(m)) for m in base_world.mechanisms} | set(default_axes())
    for file in set((ROOT / "core").glob("*.py")) - {ROOT / "core" / "units.py"}:
        constants = {n.value for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Constant)}
        assert not constants & economics, file.name
