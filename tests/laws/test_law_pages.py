"""Pages of laws that cannot lie: each picture is drawn by the law itself, and each page says what not to use it for."""

import glob
import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection, PolyCollection

ROOT = Path(__file__).parents[2]
LAWS = ROOT / "docs" / "laws"
DRAW = runpy.run_path(str(LAWS / "draw.py"), run_name="draw")
PAGES = DRAW["pages"]()

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.S | re.M)
CODE = re.compile(r"`(gigawatt/[\w/.-]+\.py)`|\]\(\.\./\.\./(gigawatt/[\w/.-]+\.py)\)")

each_page = pytest.mark.parametrize("file", PAGES.values(), ids=PAGES)


def sections(text):
    """{heading: text beneath it} of the second level."""
    parts = re.split(r"^## (.*)$", FENCE.sub("", text), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def shown(ax):
    """Finite places that axes show with lines, dots, bars, bands or images."""
    lines = [np.asarray(line.get_xydata(), float) for line in ax.get_lines()]
    dots = [np.asarray(c.get_offsets(), float) for c in ax.collections if isinstance(c, PathCollection)]
    bands = [p.vertices for c in ax.collections if isinstance(c, PolyCollection) for p in c.get_paths()]
    return sum(int(np.isfinite(x).all(axis=1).sum()) for x in [*lines, *dots, *bands]) + len(ax.patches)


def shows_data(figure):
    return any(shown(ax) > 2 or ax.images for ax in figure.axes)


@each_page
def test_the_one_block_of_python_draws_the_picture(file, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert len(DRAW["blocks"](file)) == 1
    figure = DRAW["drawn"](file)
    FigureCanvasAgg(figure).draw()
    assert shows_data(figure), "no axes with data"
    assert all(ax.get_xlabel() or ax.get_title() or ax.get_title(loc="left") for ax in figure.axes[:1])
    assert not list(tmp_path.iterdir()), "the block writes a file"


@each_page
def test_a_page_says_when_to_use_the_law_and_when_not(file):
    found = sections(file.read_text(encoding="utf-8"))
    for heading in ("When to use it", "When not to use it"):
        assert len(found.get(heading, "").split()) >= 10, heading


@each_page
def test_a_page_has_an_equation_a_table_of_parameters_and_its_code(file):
    text = file.read_text(encoding="utf-8")
    languages = [m[1] for m in FENCE.finditer(text)]
    assert any(language in ("", "text", "math") for language in languages), "no block with the equation"
    assert re.search(r"^\|[-| :]+\|$", text, re.M), "no table"
    code = [a or b for a, b in CODE.findall(text)]
    assert code and all(glob.glob(str(ROOT / name)) for name in code)


@each_page
def test_a_page_shows_its_picture(file):
    (link,) = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", file.read_text(encoding="utf-8"))
    assert link == f"pictures/{file.stem}.png"
    assert (LAWS / link).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n", "run: python docs/laws/draw.py"


def test_the_index_lists_every_page_and_every_picture_has_its_page():
    linked = re.findall(r"\]\((?:\./)?([\w-]+)\.md\)", (LAWS / "index.md").read_text(encoding="utf-8"))
    assert len(linked) == len(set(linked)) and set(linked) == set(PAGES)
    assert {file.stem for file in (LAWS / "pictures").glob("*.png")} <= set(PAGES)


def test_a_picture_is_the_same_bytes_each_time(tmp_path):
    name = next(iter(PAGES))
    first = DRAW["draw"](name, tmp_path).read_bytes()
    assert DRAW["draw"](name, tmp_path).read_bytes() == first


def test_the_checks_above_find_what_is_missing():
    figure = DRAW["Figure"]()
    ax = figure.subplots()
    assert not shows_data(figure)
    ax.plot([1, 2, 3], [np.nan] * 3)
    assert not shows_data(figure)
    ax.plot([1, 2, 3], [1, 2, 3])
    assert shows_data(figure)
    text = "# A\n\n```\n## When to use it\n```\n\n## When not to use it\n\nNever, as it has no law.\n"
    assert list(sections(text)) == ["When not to use it"]
    assert CODE.findall("in `gigawatt/a.py` and [b](../../gigawatt/b.py)") == [
        ("gigawatt/a.py", ""),
        ("", "gigawatt/b.py"),
    ]
