"""Every named scenario of the catalogue of systems, section (b), ships (reference/named_scenarios.csv)."""

import csv
from pathlib import Path

import pytest

from gigawatt.core.scenario import load
from gigawatt.core.scenario_file import scenario_names

with (Path(__file__).parent / "reference" / "named_scenarios.csv").open(encoding="utf-8") as file:
    CATALOGUE = {row["name"]: row["view"] for row in csv.DictReader(file)}


def test_the_catalogue_holds_ninety_scenarios_and_all_ship():
    assert len(CATALOGUE) == 90 and all(CATALOGUE.values())
    assert set(CATALOGUE) - set(scenario_names()) == set()


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - {"base"}))
def test_a_named_scenario_differs_from_base_in_what_it_computes(name):
    found, base = load(name), load("base")
    parts = ("begin", "end", "use", "set", "lever", "hold", "axes")
    assert any(getattr(found, part) != getattr(base, part) for part in parts)
