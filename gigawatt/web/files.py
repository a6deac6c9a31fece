"""Files of an answer: a tidy table, and an archive with everything that a figure needs to be cited and made again."""

import io
import json
import zipfile
from typing import Any

from gigawatt.core.result import version
from gigawatt.web.controls import MONEY, chosen
from gigawatt.web.recipe import Recipe

COLUMNS = ("p05", "p25", "p50", "p75", "p95", "mean")
STAMP = (1980, 1, 1, 0, 0, 0)  # of files in an archive: the same answer gives the same bytes
LICENCE = "Apache-2.0, numbers and text alike; sources keep their own licences."
CITATION = """cff-version: 1.2.0
message: "If you use gigawatt, please cite it, with its version."
title: "gigawatt: an open simulator of AI compute investment"
type: software
version: {version}
license: Apache-2.0
authors:
  - name: "The gigawatt authors"
"""


def about(recipe: Recipe, told: dict[str, Any]) -> dict[str, str]:
    """What stands beside every figure: which world, made by what."""
    return {
        "gigawatt": version(),
        "title": told["title"],
        "recipe": json.dumps(recipe.model_dump(exclude_none=True), ensure_ascii=False),
        "draws": str(told["draws"]),
        "seed": str(told["seed"]),
        "money": MONEY,
        "licence": LICENCE,
        "values": "at the end of the month, over draws: quantiles and mean",
    }


def csv(recipe: Recipe, answer: bytes) -> bytes:
    """Tidy: one row for each signal, label and month, each number with all its digits; metadata in '# ' lines."""
    told = json.loads(answer)
    lines = [f"# {key}: {' '.join(value.split())}" for key, value in about(recipe, told).items()]
    lines.append(",".join(("signal", "label", "unit", "month", *COLUMNS)))
    for name, signal in told["signals"].items():
        for series in signal["series"]:
            head = f"{name},{cell(series['label'])},{cell(signal['unit'])}"
            columns = zip(told["months"], *(series[column] for column in COLUMNS), strict=True)
            lines += [f"{head},{month},{','.join(map(repr, numbers))}" for month, *numbers in columns]
    return ("\n".join(lines) + "\n").encode()


def cell(value: str) -> str:
    """A text as CSV holds it."""
    return '"' + value.replace('"', '""') + '"' if set(value) & set(',"\n\r') else value


def readme(recipe: Recipe, told: dict[str, Any]) -> str:
    """What the files are, what they must not be taken for, and how to make them again."""
    facts = "\n".join(f"{key}: {value}" for key, value in about(recipe, told).items())
    caveats = "\n".join(f"- {sentence}" for sentence in chosen()["not_good_for"])
    return (
        f"{told['headline']}\n\n{facts}\n\nWhat this is not good for\n{caveats}\n\n"
        "Files\n- run.csv: quantiles and means by signal, label and month\n- run.json: the same with events\n"
        "- recipe.toml: the whole world with every changed number, for `gigawatt run recipe.toml`\n"
        "- CITATION.cff: how to cite\n\n"
        f"Make it again: gigawatt run recipe.toml --draws {recipe.draws} --seed {recipe.seed}\n"
    )


def archive(recipe: Recipe, answer: bytes) -> bytes:
    """All of it as one zip, the same bytes for the same answer."""
    files = {
        "run.csv": csv(recipe, answer),
        "run.json": answer,
        "README.txt": readme(recipe, json.loads(answer)).encode(),
        "CITATION.cff": CITATION.format(version=version()).encode(),
        "recipe.toml": recipe.changed().recipe().encode(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(zipfile.ZipInfo(name, STAMP), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
