"""Offers: list prices of models joined with their capability, by the words of a name and the date of listing.

A row of the price table is the model of the index whose words are the same and whose release is the latest known when
the name was first listed. Variants of a name (after ':') are left out: they are other terms for the same model.
"""

import re
from dataclasses import dataclass

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number
from gigawatt.core.path import year_of
from gigawatt.study.fits.names import SAME_RELEASE, words

OUTPUT_WEIGHT = 0.25  # the usual blend: three tokens read for each token written
LATEST = 0.45  # years: a name listed longer after a release is a later model of the same name
TERMS = {"instruct", "chat", "it", "preview", "exp", "latest", "beta"}  # words for terms of use, not for the model
STAMP = re.compile(r"-(20\d{2}-\d{2}-\d{2}|\d{2}-\d{2,4}|\d{8}|\d{3,4})(?=-|$)")


@dataclass(frozen=True)
class Offers:
    """Models on offer. eci: (n,); price: (n, t), USD per million tokens, infinite where not offered; year: (t,)."""

    model: np.ndarray
    vendor: np.ndarray
    eci: np.ndarray
    year: np.ndarray
    price: np.ndarray

    def cheapest(self, capability: float) -> np.ndarray:
        """(t,): lowest price of a model at or above a capability; infinite where there is none."""
        return self.price[self.eci >= capability].min(axis=0, initial=np.inf)

    def until(self, year: float) -> "Offers":
        """What had been listed by a date."""
        dates = self.year <= year
        known = np.isfinite(self.price[:, dates]).any(axis=1)
        return Offers(
            self.model[known], self.vendor[known], self.eci[known], self.year[dates], self.price[known][:, dates]
        )


def offers(rows: Rows, index: Rows) -> Offers:
    """Models with a price and a capability; the dates are those at which some price was first seen.

    Raises InputError for a date or a price that is none, and where no model is in both tables.
    """
    listed = [r for r in rows if ":" not in r["model"] and blend(r) > 0.0]
    first: dict[str, float] = {}
    for row in listed:
        first[row["model"]] = min(year_of(row["date"]), first.get(row["model"], np.inf))
    found = {name: capability(name, year, index) for name, year in first.items()}
    names = [name for name, eci in found.items() if eci is not None]
    if not names:
        raise InputError("price: no model of the prices is in the index of capability: write names as in the tables.")
    years = np.unique([year_of(r["date"]) for r in rows])
    price = np.full((len(names), len(years)), np.inf)
    for row in (r for r in listed if r["model"] in names):
        at = (years >= year_of(row["date"])) & (years <= year_of(row["last_seen"]))
        price[names.index(row["model"]), at] = blend(row)
    vendor = np.array([n.partition("/")[0] for n in names])
    return Offers(np.array(names), vendor, np.array([found[n] for n in names], float), years, price)


def capability(name: str, listed: float, index: Rows) -> float | None:
    """Index of the model behind a name first listed at a date; None where the index has none."""
    bare = STAMP.sub("", name.rpartition("/")[2])
    known = [
        (year_of(r["date"]), number(r, "eci", "eci_scores"))
        for r in index
        if meant(r["model"]) == meant(bare) and -SAME_RELEASE <= listed - year_of(r["date"]) <= LATEST
    ]
    return max(known)[1] if known else None


def meant(name: str) -> tuple[str, ...]:
    """Words of a name that tell the model."""
    return tuple(word for word in words(name) if word not in TERMS)


def blend(row: dict[str, str]) -> float:
    """Price of three tokens read and one written. [USD per million tokens]"""
    read, written = (number(row, c, row["model"]) for c in ("input_usd_per_mtok", "output_usd_per_mtok"))
    return (1.0 - OUTPUT_WEIGHT) * read + OUTPUT_WEIGHT * written
