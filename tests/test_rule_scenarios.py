"""Scenarios of rules, security and institutions: what each must show, in a small world with the loop's path given."""

import jax.numpy as jnp
import numpy as np
import pytest

import gigawatt as gw
from gigawatt.core.mechanism import Mechanism, Signals, gives, path_of, signal
from gigawatt.core.run import CHUNK, run_chunk
from gigawatt.core.scenario import load
from gigawatt.core.scenario_file import find_mechanism
from gigawatt.core.units import Date, H100e, H100e_per_year, PerLab, Positive, Share, bn_USD_per_year
from gigawatt.core.world import World
from gigawatt.study.compare import telling

LAWS = [
    "regulation.Regulation",
    "race.Race",
    "misuse.Misuse",
    "trade.Trade",
    "deterrence.Balance",
    "regimes.Regimes",
    "constitution.Constitution",
]
SCENARIOS = [
    *("moratorium_10y", "preemption_standard", "state_patchwork", "transparency_then_targeted"),
    *("offence_dominant", "governed", "proliferation", "align_to_user", "race_to_bottom"),
    *("export_control", "cures_only", "open_trade", "mutual_optimism", "critical_window", "no_pivot"),
    *("bloc_split", "personal_ai_shield", "regime_dissolves", "loop_1", "loop_2", "loop_3", "loop_mix"),
]
YEARS = 10


class Loop(Mechanism):
    """Stands for the loop: what the laws read of it, on a path like that of base's medians."""

    class Out(Signals):
        awareness: Share = signal("aware")
        coding: Share = signal("research by models")
        automatable: Share = signal("work that models can do")
        algorithms: PerLab[Positive] = signal("efficiency", start=1.0)
        alive: PerLab[Share] = signal("solvent")
        share: PerLab[Share] = signal("share")
        industry_compute: H100e = signal("compute")
        industry_bill: bn_USD_per_year = signal("bill")
        delivered_compute: PerLab[H100e_per_year] = signal("compute added")

    def __call__(self, *, prev_algorithms: PerLab[Positive], year: Date) -> Out:
        t = year - 2026.0
        grown, all_labs = 2e7 * jnp.exp(0.6 * t), jnp.ones_like(prev_algorithms)
        work = 0.5 * (1.0 - jnp.exp(-0.25 * t))
        return self.Out(
            awareness=jnp.minimum(0.2 * t, 1.0),
            coding=1.0 - jnp.exp(-0.5 * t),
            automatable=work,
            algorithms=all_labs * jnp.exp(1.0 * t),
            alive=all_labs,
            share=all_labs / 6.0,
            industry_compute=grown,
            industry_bill=240.0 * jnp.exp(0.35 * t),
            delivered_compute=all_labs * grown / 6.0,
        )


def ended(name):
    """{signal: mean over draws at each month} of a scenario, all numbers at their medians, luck drawn."""
    table = load(name).table
    world = World([Loop, *map(find_mechanism, LAWS)], table=table)
    keep = tuple(n for n in world.signals if n not in Loop.Out.__annotations__)
    out = run_chunk(
        world,
        {},
        jnp.arange(CHUNK),
        jnp.asarray(0),
        jnp.asarray(2026.0),
        {},
        {},
        steps=12 * YEARS,
        steps_per_year=12,
        keep=keep,
    )
    return {n: np.asarray(x).mean(1) for n, x in out.items()}


@pytest.fixture(scope="module")
def at():
    """The mean of a signal in a scenario so many years on (10 if not said)."""
    runs: dict = {}

    def look(name, signal, years=YEARS):
        runs.setdefault(name, None)
        runs[name] = runs[name] or ended(name)
        return runs[name][signal][12 * years - 1]

    return look


def test_a_moratorium_leaves_no_rule_and_a_standard_one_for_all(at):
    for name in ("rule_rung", "state_laws", "protection"):
        assert at("moratorium_10y", name, 9) == 0.0
    assert at("moratorium_10y", "friction", 9) < at("preemption_standard", "friction") < at("base", "friction")
    assert at("preemption_standard", "federal_rule", 5) == 1.0 and at("preemption_standard", "state_laws", 5) == 0.0


def test_a_patchwork_slows_benefits_and_hardly_touches_dangers(at):
    slower = at("state_patchwork", "friction") / at("base", "friction")
    safer = at("state_patchwork", "misuse") / at("base", "misuse")
    assert slower > 1.1 and 0.97 < safer < 1.03  # patel-benefits-harmed


def test_targeted_rules_come_sooner_where_a_legislature_acts_on_evidence(at):
    for years in (2, 5):
        assert at("transparency_then_targeted", "rule_rung", years) > at("base", "rule_rung", years)
    assert at("transparency_then_targeted", "protection", 5) > 1.2 * at("base", "protection", 5)


def test_misuse_follows_offence_governance_and_proliferation(at):
    chances = [at(name, "misuse") for name in ("governed", "base", "proliferation", "offence_dominant")]
    assert chances == sorted(chances) and chances[0] < 0.3 * chances[1] and chances[3] > 3.0 * chances[1]
    assert at("governed", "wrongly_flagged") > at("base", "wrongly_flagged")  # what it costs liberty
    assert at("proliferation", "makers", 3) > 2.0 * at("base", "makers", 3)


def test_aligned_to_the_user_the_ratio_of_attack_to_defence_stays(at):
    grown = [at(name, "attack_success") / at(name, "attack_success", 1) for name in ("base", "align_to_user")]
    assert grown[0] > 1.5 and grown[1] < 1.7  # what is left is slow adaptation
    assert at("align_to_user", "misuse_hazard", 1) > at("base", "misuse_hazard", 1)  # nothing stands in between


def test_a_race_to_the_bottom_loses_the_safety_of_all(at):
    assert at("race_to_bottom", "race_direction") < 0.0 < at("base", "race_direction")
    assert at("race_to_bottom", "industry_safety") < 0.1 * at("base", "industry_safety")
    assert at("race_to_bottom", "race_risk") > at("base", "race_risk")
    assert at("race_to_bottom", "misuse_hazard", 3) > at("base", "misuse_hazard", 3)  # checks fail more often


def test_controls_widen_the_gap_and_open_trade_narrows_it(at):
    ratios = [at(name, "rival_ratio") for name in ("open_trade", "base", "export_control", "cures_only")]
    assert ratios == sorted(ratios) and ratios[2] > 1.3 * ratios[1]
    assert at("open_trade", "control_gap") == pytest.approx(1.0, abs=1e-6)
    for name, models in (("cures_only", 0.0), ("open_trade", 1.0)):
        assert at(name, "cures_abroad") == 1.0 and at(name, "models_abroad") == pytest.approx(models, abs=0.01)
    assert at("base", "enforcement", 10) < at("base", "enforcement", 1)  # it yields to money


def test_optimism_on_both_sides_makes_war_likely(at):
    assert at("mutual_optimism", "war_chance") > 0.5 > 20.0 * at("base", "war_chance")
    assert at("mutual_optimism", "win_chance") == pytest.approx(at("base", "win_chance"))


def test_a_window_gives_leverage_while_it_is_open_and_no_pivot_none(at):
    lever = {name: [at(name, "leverage", y) for y in range(1, 11)] for name in ("critical_window", "no_pivot")}
    assert max(lever["critical_window"]) > 0.9 > lever["critical_window"][-1]
    assert 0 < int(np.argmax(lever["critical_window"])) < 9
    assert max(lever["no_pivot"]) < 0.75 and at("no_pivot", "war") <= at("critical_window", "war")


def test_each_ending_of_regimes_is_reached_in_its_scenario(at):
    endings = {"bloc_split": "entrenched", "personal_ai_shield": "shielded", "regime_dissolves": "dissolved"}
    for name, state in endings.items():
        others = [at(other, state) for other in ("base", *endings) if other != name]
        assert at(name, state) > max(others)
        assert sum(at(name, s) for s in endings.values()) == pytest.approx(1.0)  # people are conserved


def test_loops_trade_speed_for_acceptance(at):
    behind = [at(name, "text_behind") for name in ("loop_1", "loop_mix", "loop_2", "loop_3")]
    accepted = [at(name, "text_accepted") for name in ("loop_1", "loop_2", "loop_mix", "loop_3")]
    assert behind == sorted(behind) and accepted == sorted(accepted)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_comparison_with_base_tells_of_the_laws_that_the_scenario_changes(name):
    told, owners = telling(load("base"), load(name)), {path.partition(".")[0] for path in load(name).set}
    (law,) = (m for m in load(name).world().mechanisms if path_of(type(m)) in owners)
    assert told and set(told) & set(gives(type(law)))


@pytest.mark.slow
def test_rules_reach_adoption_and_revenue_in_the_full_world():
    keep = ["work_by_ai", "industry_revenue", "friction"]
    ban, patchwork = (gw.run(n, draws=64, keep=keep).isel(month=59) for n in ("moratorium_10y", "state_patchwork"))
    assert np.all(ban["friction"] < 1.0) and np.all(patchwork["friction"] >= ban["friction"])
    assert float((ban["work_by_ai"] > patchwork["work_by_ai"]).mean()) > 0.95
    assert float(ban["industry_revenue"].median() / patchwork["industry_revenue"].median()) > 1.2
