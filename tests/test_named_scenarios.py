"""Every named scenario of the catalogue of systems, section (b), ships (reference/named_scenarios.csv)."""

import csv
from pathlib import Path

import pytest

from gigawatt.core.scenario import load
from gigawatt.core.scenario_file import scenario_names

with (Path(__file__).parent / "reference" / "named_scenarios.csv").open(encoding="utf-8") as file:
    CATALOGUE = {row["name"]: row["view"] for row in csv.DictReader(file)}

# Built on other branches and not merged yet: each merge deletes its line, and the tests below hold it to that.
OWED = {
    *("training_reinvest", "profit_2026", "profit_2028", "plateau_training", "flat_model_cost", "stop_training"),
    *("monopoly", "n_3", "n_4", "competitive", "frozen_frontier", "self_production"),
    *("robotics_now", "robotics_plus_2", "growth_10", "growth_20"),
    *("silicon_valley_50", "catch_up_fails", "africa_build", "approval_jam", "approval_reform"),
}


def test_the_catalogue_holds_ninety_scenarios():
    assert len(CATALOGUE) == 90 and all(CATALOGUE.values())
    assert set(CATALOGUE) >= OWED


def test_every_named_scenario_ships_or_is_owed():
    assert set(CATALOGUE) - set(scenario_names()) - OWED == set()


def test_nothing_that_ships_is_still_called_owed():
    assert OWED & set(scenario_names()) == set(), "merged: delete it from OWED"


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) & set(scenario_names()) - {"base"}))
def test_a_named_scenario_differs_from_base_in_what_it_computes(name):
    found, base = load(name), load("base")
    parts = ("begin", "end", "use", "set", "lever", "hold", "axes")
    assert any(getattr(found, part) != getattr(base, part) for part in parts)
