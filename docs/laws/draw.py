"""Draw the pictures of the law pages: `python docs/laws/draw.py [NAME...]`, all pages if no name is given.

Each page holds one block of Python that leaves its picture in `figure`; the picture goes to pictures/NAME.png.
"""

import re
import sys
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gigawatt.view.style import styled

HERE = Path(__file__).parent
BLOCK = re.compile(r"^```python\n(.*?)^```", re.S | re.M)
DPI = 110


def pages() -> dict[str, Path]:
    """{name: file} of every law page."""
    return {file.stem: file for file in sorted(HERE.glob("*.md")) if file.stem != "index"}


def blocks(page: Path) -> list[str]:
    """The blocks of Python on a page."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def drawn(page: Path) -> Figure:
    """The picture that the one block of a page makes."""
    (block,) = blocks(page)
    names: dict[str, object] = {"__name__": "page"}
    exec(compile(block, page.name, "exec"), names)
    figure = names["figure"]
    assert isinstance(figure, Figure), f"{page.name}: leave the picture in a variable `figure`"
    return figure


def draw(name: str, folder: Path = HERE / "pictures") -> Path:
    """Write the picture of one page; its file."""
    figure, file = drawn(pages()[name]), folder / f"{name}.png"
    FigureCanvasAgg(figure)
    with styled():
        figure.savefig(file, dpi=DPI, metadata={"Software": None})
    return file


if __name__ == "__main__":
    for name in sys.argv[1:] or pages():
        if name not in pages():
            sys.exit(f"no page '{name}': there are {', '.join(pages())}")
        print(draw(name).relative_to(HERE.parents[1]))
