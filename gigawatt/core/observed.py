"""Observed series: the tables that ship in observed/, and a user's own file of the same form."""

import csv
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from gigawatt.core.errors import InputError, did_you_mean

Rows = list[dict[str, str]]


@cache
def table(stem: str) -> Rows:
    """The rows of observed/`stem`.csv, as text."""
    text = resources.files("gigawatt").joinpath(f"observed/{stem}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def about() -> dict[str, dict]:
    """What observed/observed.toml says of each table."""
    text = resources.files("gigawatt").joinpath("observed/observed.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def last_date() -> str:
    """Date of the newest observation that ships."""
    return max(t["last"] for t in about().values() if "last" in t)


def read_table(file: str | Path, columns: Sequence[str]) -> Rows:
    """The rows of a CSV that somebody brings. Raises InputError where it cannot be read or lacks a column."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{file} cannot be read ({why}): give a CSV file in UTF-8.") from None
    rows = list(csv.DictReader(lines))
    if not rows:
        raise InputError(f"{file} has no rows: the first line names the columns, each further line is a row.")
    for column in columns:
        if column not in rows[0]:
            raise InputError(f"{file} has no column '{column}'.{did_you_mean(column, rows[0])}")
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise InputError(f"{file}, line {number}: other columns than the first line names: is the file cut short?")
    return rows


def number(row: dict[str, str], column: str, where: str = "") -> float:
    """One cell as a number; not a number where it is empty. Raises InputError for other text."""
    try:
        return float(row[column]) if row[column].strip() else float("nan")
    except ValueError:
        raise InputError(f"{where or 'observed row'}: {column} = '{row[column]}' is no number: mend the row.") from None
