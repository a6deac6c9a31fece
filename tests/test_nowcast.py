"""The nowcast: nothing later than its date, levels that the tables hold, and a first month that goes on from them."""

import re

import numpy as np
import pytest
from shared import DRAWS, check_sources

from gigawatt.core.mechanism import entries_for
from gigawatt.core.observed import table
from gigawatt.core.path import year_of
from gigawatt.core.run import run
from gigawatt.core.scenario import load

ORIGIN = "2026-05-31"
# nothing newer is in the tables; range and place of base's entry hold for May 2026 as well
LEFT = ("start.price", "start.debt.", "start.context", "start.headcount", "start.practice.")
PER_CHIP = {"B200": 1.74, "B300": 1.58}  # IT power per TDP, as the place of power.it_per_chip says
OTHERS_PER_CHIP = 1.85
AFTER_QUARTER = 2 / 3 * 1.1  # April and May at a tenth more than the first quarter, in quarters


@pytest.fixture(scope="module")
def scenario():
    return load("nowcast_2026_06")


@pytest.fixture(scope="module")
def first(scenario):
    """The first quarter of the run."""
    return run(scenario, DRAWS, keep=["revenue", "power", "cash", "delivered", "frontier", "horizon"], until="2026-08")


@pytest.fixture(scope="module")
def quarter():
    """Chips sold in 2026Q1, (H100e, GW of IT load), with Amazon, who is missing there, as in 2025Q4."""
    rows = [r for r in table("ai_chip_sales") if r["date"] == "2026-03-31"]
    rows += [r for r in table("ai_chip_sales") if r["date"] == "2025-12-31" and r["designer"] == "Amazon"]
    compute = sum(float(r["compute_h100e_p50"]) for r in rows)
    power = [
        float(r["units"]) * float(r["chip_tdp_w"] or 0.0) / 1e9 * PER_CHIP.get(r["chip"], OTHERS_PER_CHIP) for r in rows
    ]
    return compute, sum(power)


def total(scenario, what):
    return sum(e.value for path, e in scenario.set.items() if path.startswith(f"start.{what}."))


def test_a_date_after_the_origin_is_a_plan(scenario):
    for entry in scenario.set.values():
        said = f"{entry.place} {entry.note}"
        later = re.findall(r"\b(?:2026-(?:0[6-9]|1[0-2])|20(?:2[7-9]|3\d))\b", said)
        assert not later or "plan" in said or "from 2027" in said, f"{entry.path} names {later}"


def test_every_level_at_the_start_is_restated_or_named_as_left(scenario):
    world = scenario.world()
    starts = {p: k for p, k in world.numbers().items() if p.startswith("start.")}
    for path, kind in starts.items():
        for entry in entries_for(path, kind, world.axes, scenario.table):
            assert (entry.path in scenario.set) != entry.path.startswith(LEFT), entry.path


def test_every_number_names_a_source_that_exists_and_a_place(scenario):
    check_sources(scenario)


def test_laws_are_those_of_base_and_only_ranges_that_base_has_are_ranges(scenario):
    base = load("base")
    assert scenario.use == base.use and scenario.steps == base.steps
    for path, entry in scenario.set.items():
        assert entry.unit == base.table[path].unit and entry.uncertain == base.table[path].uncertain, path


def test_labs_add_up_to_chips_sold_by_then(scenario, quarter):
    before = load("base")
    for what, sold in zip(("compute", "power"), quarter, strict=True):
        end_of_2025 = sum(e.value for p, e in before.table.items() if p.startswith(f"start.{what}."))
        assert total(scenario, what) == pytest.approx(end_of_2025 + sold * (1.0 + AFTER_QUARTER), rel=3e-3)
    compute, power = quarter
    assert scenario.set["start.density"].value == pytest.approx(compute / power, rel=0.05)


def test_what_is_measured_is_what_the_tables_say(scenario):
    scores = [r for r in table("eci_scores") if r["date"] <= ORIGIN and r["vintage"] == "epoch_2026-07"]
    names = {"Google DeepMind": ("Google", "Google DeepMind"), "Meta": ("Meta AI",)}
    for lab in ("OpenAI", "Anthropic", "Google DeepMind", "xAI", "Meta"):
        best = max(float(r["eci"]) for r in scores if r["organization"] in names.get(lab, (lab,)))
        assert scenario.set[f"start.capability.{lab}"].value == best
    horizons = [float(r["value"]) for r in table("metr_horizon") if r["date"] <= ORIGIN]
    assert scenario.set["start.horizon"].value == max(horizons)
    for lab in ("OpenAI", "Anthropic", "xAI"):
        prices = [(r["date"], float(r["value"])) for r in table("lab_valuation") if r["lab"] == lab]
        assert scenario.set[f"start.valuation.{lab}"].value == max(p for p in prices if p[0] <= ORIGIN)[1]


@pytest.mark.parametrize("lab", ["OpenAI", "Anthropic"])
def test_revenue_goes_on_from_the_last_report_at_no_more_than_its_pace(scenario, lab):
    reports = [(year_of(r["date"]), float(r["value"])) for r in table("lab_revenue") if r["lab"] == lab]
    (t0, r0), (t1, r1) = reports[-2:]
    most = r1 * (r1 / r0) ** ((year_of(ORIGIN) - t1) / (t1 - t0))
    start = scenario.set[f"start.revenue.{lab}"]
    assert r1 < start.value < most and start.low <= r1 and start.high >= 0.9 * most


def test_the_first_month_goes_on_from_the_levels_of_the_start(scenario, first):
    """Revenue at the pace that labs saw, power by what was sold in the last quarter, cash by a month of business."""
    for lab in first["lab"].values:
        begin = {what: scenario.set[f"start.{what}.{lab}"].value for what in ("revenue", "power", "cash")}
        june = {what: float(first[what].sel(lab=lab)[:, 0].median()) for what in begin}
        rise = np.log(june["revenue"] / begin["revenue"])
        assert 0.0 < rise < 0.3
        if lab in ("OpenAI", "Anthropic"):
            assert rise == pytest.approx(scenario.set[f"start.revenue_growth.{lab}"].value / 12.0, abs=0.05)
        assert 1.0 < june["power"] / begin["power"] < 1.13
        assert june["cash"] == pytest.approx(begin["cash"], rel=0.12)
    best, longest = scenario.set["start.capability.OpenAI"].value, scenario.set["start.horizon"].value
    assert best < float(first["frontier"][:, 0].median()) < best + 2.0
    assert longest < float(first["horizon"][:, 0].median()) < 1.5 * longest


def test_what_comes_into_service_goes_on_at_the_pace_of_the_last_quarter(first, quarter):
    delivered = first["delivered"].sum("lab").median("draw").values
    assert delivered[0] == pytest.approx(4.0 * quarter[1], rel=0.15)
    assert np.all(np.diff(delivered) > 0.0)


def test_anthropic_earns_more_per_serving_power_than_any_lab_did_whatever_share_serves(scenario):
    """The tension of the start: more than five times the revenue on twice the power."""
    base = load("base").table

    def earned(table, lab, share):
        return table[f"start.revenue.{lab}"].value / (share * table[f"start.power.{lab}"].value)

    before = [earned(base, lab, base[f"start.inference_share.{lab}"].value) for lab in ("OpenAI", "Anthropic")]
    assert earned(scenario.table, "Anthropic", base["split.inference_max"].value) > max(before)
