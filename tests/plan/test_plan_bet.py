"""Plans of bets: the order, what caution costs, and what stands beside it, against the stored trees and plain logic."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import gigawatt as gw
from gigawatt.core.errors import InputError
from gigawatt.decisions.extensive import CashCVaR, NeverRuin, Ruin, information, solve
from gigawatt.decisions.tree import Bet, Contract, Tree
from gigawatt.study import plan_bet as law
from gigawatt.study.bet_file import load_bet

FILE = Path(__file__).parents[1] / "reference" / "planning" / "capacity_expansion_trees.json"
STORED = {t["name"]: t for t in json.loads(FILE.read_text())["instances"]}
LIMITS = {"never": {"never_ruin": True}, "quarter": {"ruin": 0.25}, "free": {"ruin": 1.0}, "tail": {"cvar": 150.0}}


@pytest.fixture(scope="module")
def plans():
    """The plan of three_worlds under each limit."""
    return {name: gw.plan("three_worlds", **limit) for name, limit in LIMITS.items()}


@pytest.fixture(scope="module")
def boom():
    return gw.plan("boom_bust")


def close(value):
    return pytest.approx(value, rel=1e-6)


# ---------------------------------------------------------------- the order, and what caution costs


@pytest.mark.parametrize(
    ("name", "stored", "order"), [("free", "risk_neutral", 100), ("quarter", "chance_0_25", 90), ("never", "never", 33)]
)
def test_the_interviews_dilemma_is_ordered_100_90_or_33(plans, name, stored, order):
    told, found = STORED["three_worlds_L2_Tc2_rho3"][stored], plans[name].chosen
    assert found.order == close(order) and found.order == close(told["order_root"])
    assert found.value == close(told["value"])
    assert found.ruin == pytest.approx(told["pr_ever_negative"], abs=1e-9)
    assert plans[name].neutral.order == close(100)


def test_never_being_ruined_costs_one_and_a_half_per_cent_in_three_worlds_and_half_in_boom_and_bust(plans, boom):
    assert plans["never"].caution_cost == pytest.approx(0.0147, abs=5e-5)
    told = STORED["growth3_T5_L2_Tc3"]
    assert boom.neutral.value == close(told["risk_neutral"]["value"]) and boom.chosen.value == close(
        told["never"]["value"]
    )
    assert boom.caution_cost == pytest.approx(0.54, abs=5e-3)
    assert any("54 %" in note and "boom_bust" in note for note in plans["never"].notes)


def test_without_a_limit_asked_for_a_bet_is_never_ruined(boom):
    assert boom.limit == str(NeverRuin()) and boom.chosen.ruin == 0.0


def test_a_floor_under_the_tail_is_kept(plans):
    plan = plans["tail"]
    assert plan.chosen.tail >= 150.0 - 1e-6 and plan.chosen.value < plan.neutral.value
    assert plan.limit == str(CashCVaR(law.TAIL, 150.0)) and plan.policy is None


def test_the_bill_is_at_the_price_of_an_order_now_not_of_later_ones():
    named = load_bet("three_worlds")
    contract = replace(named.bet.contracts[0], price=(1.0, 1.5, 1.5, 1.5))
    found = law.plan_bet(replace(named, bet=replace(named.bet, contracts=(contract,)))).chosen
    assert found.order > 0.0 and found.bill == close(found.order)


def test_the_order_times_its_price_is_its_bill_and_lost_demand_is_a_share(plans, boom):
    for plan in (*plans.values(), boom):
        for c in (plan.chosen, plan.neutral, *plan.frontier):
            assert c.bill == close(c.order) and 0.0 <= c.lost < 1.0


# ---------------------------------------------------------------- knowledge


def test_knowledge_is_never_worth_less_than_nothing(plans, boom):
    for plan in (*plans.values(), boom):
        assert len(plan.information) == 3 and min(plan.information.values()) >= -1e-6


def test_information_without_a_binding_limit_is_that_of_the_stored_tree(plans):
    told = STORED["three_worlds_L2_Tc2_rho3"]
    evpi, vss, learning = plans["free"].information.values()
    assert (evpi, vss) == (close(told["EVPI"]), close(told["VSS"]))
    assert learning > evpi  # orders that never adapt lose most of the value of a demand that may be 10 or 1000


def test_an_order_for_mean_demand_can_ruin_so_planning_for_all_worlds_is_worth_without_end(plans):
    assert plans["never"].information["planning for all worlds, not for their mean (VSS)"] == np.inf


def test_who_knows_the_world_learns_nothing():
    sure = load_bet("three_worlds").with_probabilities({"tenfold": 1.0, "fivefold": 0.0, "late": 0.0})
    plan = law.plan_bet(sure)
    assert plan.chosen.order == close(100) and plan.chosen.value == close(1631.0)
    assert list(plan.information.values())[0] == pytest.approx(0.0, abs=1e-6)


# ---------------------------------------------------------------- terms


def test_better_terms_never_harm(plans, boom):
    for plan in (*plans.values(), boom):
        gains = {name: plan.worth[name] for name in plan.worth if name != "a contract shorter by one period"}
        assert len(gains) == 4 and min(gains.values()) >= -1e-6


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"lead_months": 12}, "one period less lead time"),
        ({"term_years": 1}, "a contract shorter by one period"),
        ({"cash": 4.0}, "one more unit of cash"),
        ({"margin": 1.0 - 1.0 / 3.03}, "one per cent more margin"),
    ],
    ids=["lead", "term", "cash", "margin"],
)
def test_terms_asked_for_bring_what_the_plan_said_they_are_worth(plans, terms, told):
    gain = gw.plan("three_worlds", **terms).chosen.value - plans["never"].chosen.value
    assert gain == pytest.approx(plans["never"].worth[told], abs=1e-4)


def test_a_year_less_lead_time_is_worth_more_than_all_that_caution_costs(plans):
    assert gw.plan("three_worlds", lead_months=12).chosen.value > plans["never"].neutral.value


@pytest.mark.slow
def test_belief_in_the_slow_worlds_orders_less_and_a_file_says_what_a_table_says(tmp_path):
    slow = {"tenfold": 0.1, "fivefold": 0.6, "late": 0.3}
    (tmp_path / "mine.toml").write_text("[worlds]\n" + "\n".join(f"{n} = {p}" for n, p in slow.items()))
    read, given = (gw.plan("three_worlds", ruin=1.0, belief=b) for b in (tmp_path / "mine.toml", slow))
    assert read.to_dict() == given.to_dict() and read.chosen.order == close(25)
    tree = load_bet("three_worlds").with_probabilities(slow).bet
    assert read.chosen.value == close(solve(tree).value)


# ---------------------------------------------------------------- regret, frontier, flips


def test_some_order_is_best_in_each_world_and_none_is_better_than_knowing_it(plans, boom):
    for plan in (*plans.values(), boom):
        loss = np.array(plan.regret.loss)
        assert loss.shape == (len(plan.regret.orders), len(plan.regret.worlds)) and loss.min() >= -1e-6
    loss = dict(zip(plans["never"].regret.orders, plans["never"].regret.loss, strict=True))
    assert loss["neutral"][plans["never"].regret.worlds.index("tenfold")] == pytest.approx(0.0, abs=1e-6)
    assert list(plans["never"].regret.worlds) == ["tenfold", "fivefold", "late"]


def test_mean_regret_of_the_neutral_order_is_the_value_of_perfect_information(boom):
    bet = load_bet("boom_bust").bet
    chance = dict(zip(["bust", "growth", "boom"], [0.2, 0.5, 0.3], strict=True))
    mean = sum(chance[w] * x for w, x in zip(boom.regret.worlds, boom.regret.loss[0], strict=True))
    assert mean == close(information(bet).evpi)


def test_more_ruin_allowed_never_lowers_value(plans, boom):
    for plan in (*plans.values(), boom):
        points = sorted(plan.frontier, key=lambda c: c.ruin)
        assert (np.diff([c.value for c in points]) >= -1e-6).all()
        assert len({round(c.ruin, 9) for c in points}) == len(points) > 1


def test_a_flip_is_the_nearest_belief_at_which_the_order_moves(plans):
    named = load_bet("three_worlds")
    kinds = {told: (grid, changed) for told, _, _, grid, changed in law.beliefs(named)}
    for name, limit in (("never", NeverRuin()), ("quarter", Ruin(0.25))):
        plan = plans[name]
        assert {f.belief for f in plan.flips} >= {f"chance of '{world}'" for world in named.worlds}
        for flip in plan.flips:
            grid, changed = kinds[flip.belief]
            assert solve(changed(flip.at), limit).root_order == pytest.approx(flip.order, rel=1e-6)
            assert abs(flip.order - plan.chosen.order) > law.CHANGED * plan.chosen.order
            for x in grid[np.abs(grid - flip.now) < abs(flip.at - flip.now) - 1e-9]:
                order = solve(changed(x), limit).root_order
                assert abs(order - plan.chosen.order) <= law.CHANGED * plan.chosen.order + 1e-6


def test_beliefs_asked_about_stay_beliefs():
    for told, _, now, grid, changed in law.beliefs(load_bet("three_worlds")):
        tree = changed(float(grid[0])).tree
        assert tree.probability[tree.leaves].sum() == pytest.approx(1.0), told
        assert min(abs(grid - now)) < 0.05 or "cash" in told


# ---------------------------------------------------------------- fans and maps


def test_the_fan_of_the_safe_order_never_crosses_the_ruin_line_and_that_of_the_bold_one_does(plans):
    safe, bold = (np.array(f.cash) for f in plans["never"].fans)
    assert safe.min() >= -1e-6 > bold.min()
    for cash in (safe, bold):
        assert cash.shape == (5, 4) and (np.diff(cash, axis=0) >= 0.0).all()


def test_the_map_of_orders_goes_through_the_order_now(plans):
    plan = plans["never"]
    rows = np.array(plan.policy.order)
    assert (np.diff(rows, axis=0)[~np.isnan(np.diff(rows, axis=0))] >= -1e-6).all()  # more cash, no less is ordered
    more = gw.plan("three_worlds", cash=plan.policy.cash[4])  # existing capacity is what demand uses today
    at = np.interp(1.0, plan.policy.capacity, rows[4])
    assert at == pytest.approx(more.chosen.order, rel=0.2)


def test_where_nothing_is_held_today_there_is_no_map_and_the_plan_stands():
    named = load_bet("three_worlds")
    plan = law.plan_bet(replace(named, bet=replace(named.bet, existing=0.0)))
    assert plan.policy is None and plan.chosen.order > 0.0


# ---------------------------------------------------------------- solvers


def test_solvers_that_disagree_are_an_error_and_small_differences_are_told(monkeypatch, plans):
    honest = law.solve_by_cuts

    def off_by(part):
        def answer(*words, **named):
            found = honest(*words, **named)
            return found._replace(lower=found.lower * (1.0 + part))

        return answer

    def gap(plan):
        return max(x for what, x in plan.checks.items() if "dynamic programme" in what)

    assert gap(plans["never"]) < 1e-6
    monkeypatch.setattr(law, "solve_by_cuts", off_by(0.5 * law.AGREE))
    assert gap(gw.plan("three_worlds")) == pytest.approx(0.5 * law.AGREE, rel=1e-3)
    monkeypatch.setattr(law, "solve_by_cuts", off_by(2.0 * law.AGREE))
    with pytest.raises(InputError, match="solvers disagree on the neutral plan: .*739.46.*more than 0.1% apart"):
        gw.plan("three_worlds")


def test_on_a_large_tree_side_questions_are_asked_under_a_limit_that_can_be_met(monkeypatch):
    monkeypatch.setattr(law, "SMALL", 5)
    plan = gw.plan("three_worlds", cash=-1.0, ruin=0.25)  # the late world is ruined whatever is ordered
    assert plan.chosen.ruin == pytest.approx(0.2) and any("without a limit" in note for note in plan.notes)
    plan = gw.plan("three_worlds", ruin=0.25)
    assert plan.chosen.order == close(90) and any("'never ruin'" in note for note in plan.notes)


def test_progress_reaches_its_end(plans):
    seen = []
    law.plan_bet(load_bet("three_worlds"), NeverRuin(), lambda done, of: seen.append((done, of)))
    assert seen == [(i, 7) for i in range(1, 8)]


def test_a_bet_of_ones_own_is_planned_from_its_file(tmp_path):
    text = 'title = "mine"\nmargin = 2.0\ncash = 10.0\n[contract]\nlead = 1\nterm = 1\n'
    text += "[worlds.up]\nprobability = 0.75\ndemand = [1, 8]\n[worlds.down]\nprobability = 0.25\ndemand = [1, 2]\n"
    (tmp_path / "mine.toml").write_text(text)
    plan = gw.plan(str(tmp_path / "mine.toml"), ruin=1.0)
    tree = Tree.from_worlds({"up": (0.75, [1.0, 8.0]), "down": (0.25, [1.0, 2.0])})
    assert (plan.scenario, plan.title) == ("mine", "mine") and plan.chosen.order == close(8)  # 0.75 * 2 > 1
    assert plan.chosen.value == close(solve(Bet(tree, (Contract(1, 1),), margin=2.0)).value)
