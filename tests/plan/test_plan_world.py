"""Plans in the full world, on few draws and few rules: derivatives, ruin, limits, terms and rivals."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import gigawatt as gw
from gigawatt.core.errors import InputError
from gigawatt.core.run import run
from gigawatt.core.scenario import load
from gigawatt.decisions.extensive import CashCVaR, NeverRuin, Ruin
from gigawatt.study import plan_world as law
from gigawatt.study import rule as on_trial
from gigawatt.study import rule_search
from gigawatt.study.planner import RIVALS, world_with
from gigawatt.study.rule import Trial, rule_bounds, rule_paths
from gigawatt.study.rule_limit import LimitHere, excess, looser
from gigawatt.study.rule_search import attempt, best, between, design, improved

LAB, DRAWS = "Anthropic", 128
BOLD = np.array([0.9, 1.2, 1.0, 1.0, 1.0])
CALM = np.array([-0.3, 0.8, 0.5, 0.4, 4.0])
NAMES = list(rule_paths())
NO_TERMS = {"lead_months": None, "term_years": None, "cash": None, "margin": None}
SMALL = [
    (rule_search, "DESIGN", 8),
    (rule_search, "EVALUATIONS", 2),
    (rule_search, "HALVINGS", 2),
    (law, "FEW", 2),
    (law, "WORLDS", {"one year late": "off_by_one_year", "genius mid-2028": "genius_mid_2028"}),
]


@pytest.fixture(scope="module", autouse=True)
def small():
    """Few rules and worlds."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, size in SMALL:
            patch.setattr(module, name, size)
        yield


@pytest.fixture(scope="module")
def trial():
    return Trial(load("base"), LAB, DRAWS)


@pytest.fixture(scope="module")
def tried(trial):
    """The scenario's own rule, a design of rules, and rules on the way uphill without a limit and with one."""
    found = [attempt(trial, rule) for rule in (trial.own_rule(), *design())]
    found += improved(trial, best(found, None), None)
    return found + improved(trial, best(found, Ruin(0.05)), Ruin(0.05))


@pytest.fixture(scope="module")
def plan():
    return gw.plan("base", LAB, draws=DRAWS)


# ---------------------------------------------------------------- a rule on trial


@pytest.mark.slow
@pytest.mark.parametrize("rule", [BOLD - [0.2, 0.1, 0.2, 0.2, -1.0], CALM], ids=["bold", "calm"])
def test_slopes_are_central_differences_of_outcomes_on_the_same_draws(trial, rule):
    half, step = DRAWS // 2, 1e-5
    slopes = trial.slopes(rule)
    for k, name in enumerate(NAMES):
        shift = step * np.eye(len(rule))[k]
        up, down = (trial.outcomes(rule + sign * shift)[0] for sign in (1.0, -1.0))
        for what, slope, a, b in zip(slopes._fields, slopes, up, down, strict=True):
            given, found = slope[:, k], (a - b)[:half] / (2.0 * step)
            scale = np.abs(given) + 1e-6 * np.abs(given).max() + 1e-9
            smooth = np.abs(given - found) < 1e-3 * scale  # a draw that meets a kink within the step is not
            assert smooth.mean() > 0.85, (name, what)
            size = max(np.abs(found).mean(), 1e-9)
            assert given.mean() == pytest.approx(found.mean(), rel=0.05, abs=0.02 * size), (name, what)


@pytest.mark.parametrize("rule", [BOLD, CALM], ids=["bold", "calm"])
def test_credit_without_end_finds_ruin_in_the_draws_in_which_the_lab_dies(trial, rule):
    numbers = {f"{path}.{LAB}": float(x) for path, x in zip(rule_paths().values(), rule, strict=True)}
    alive = run(load("base").change(set=numbers), DRAWS, keep="all")["alive"].sel(lab=LAB).values
    low = trial.outcomes(rule)[0].low
    assert ((alive[:, -1] == 0.0) == (low < 0.0)).all()
    assert 0.0 < (low < 0.0).mean() < 1.0


def test_more_caution_never_raises_the_first_years_order(trial):
    rule = trial.own_rule()
    counted = NAMES.index("caution")  # the share of expected revenue counted on: less is more cautious
    found = []
    for share in (1.0, 0.7, 0.4, 0.1):
        rule[counted] = share
        found.append(trial.outcomes(rule)[0].order)
    assert (np.diff(found, axis=0) <= 1e-9).all() and found[-1].mean() < 0.5 * found[0].mean()


def test_other_draws_and_other_seeds_are_other_worlds_and_more_draws_keep_the_first(trial):
    value = trial.outcomes(CALM)[0].value
    more = Trial(load("base"), LAB, DRAWS + 8).outcomes(CALM)[0].value
    np.testing.assert_allclose(more[:DRAWS], value, rtol=1e-9)
    np.testing.assert_allclose(replace(trial, first=DRAWS, draws=8).outcomes(CALM)[0].value, more[DRAWS:], rtol=1e-9)
    assert not np.isclose(replace(trial, seed=1).outcomes(CALM)[0].value, value).any()


def test_profit_that_is_discounted_more_or_counted_on_for_less_is_worth_less_where_it_grows(trial):
    growing = trial.outcomes(CALM)[0]
    paid = growing.final > 400.0  # who ends rich earned most of it late
    assert paid.any()
    for change in ({"discount": 0.3}, {"terminal_years": 0.0}):
        assert (replace(trial, **change).outcomes(CALM)[0].value < growing.value)[paid].mean() > 0.9


def test_each_draw_may_have_a_rule_of_its_own(trial):
    bold = np.arange(DRAWS) % 2 == 0
    mixed = trial.outcomes(np.where(bold, BOLD[:, None], CALM[:, None]))[0].value
    np.testing.assert_array_equal(mixed, np.where(bold, trial.outcomes(BOLD)[0].value, trial.outcomes(CALM)[0].value))


def test_knowing_the_draw_gains_in_each_draw_on_every_rule_tried(trial, tried, monkeypatch):
    monkeypatch.setattr(law, "CLIMBS", 3)
    known, values = law.values_if_known(trial, tried), np.stack([t.out.value for t in tried])
    assert (known >= values.max(axis=0)).all() and known.mean() > values.max(axis=0).mean()


# ---------------------------------------------------------------- compiled beside


@pytest.mark.parametrize("slopes", [False, True], ids=["outcomes", "slopes"])
def test_what_was_compiled_beside_brings_the_same_and_tells_of_no_rule(trial, slopes):
    def found(t):
        return np.stack(t.slopes(CALM) if slopes else t.outcomes(CALM)[0])

    told = []
    ahead = replace(trial, compiled={}, tell=lambda: told.append(1))
    with ThreadPoolExecutor(1) as beside:
        ahead.prepare(beside, slopes)
        here = found(ahead)
    np.testing.assert_array_equal(here, found(trial))
    assert len(told) == (not slopes) and len(ahead.compiled) == 1


def test_an_error_beside_is_met_by_who_needs_what_broke(trial, monkeypatch):
    real, calls = on_trial.tried, []

    def breaks_once(*words, **named):
        calls.append(words)
        if len(calls) == 1:
            raise FloatingPointError("broken beside")
        return real(*words, **named)

    monkeypatch.setattr(on_trial, "tried", breaks_once)
    ahead = replace(trial, compiled={})
    with ThreadPoolExecutor(1) as beside:
        ahead.prepare(beside)
    with pytest.raises(FloatingPointError, match="broken beside"):
        ahead.outcomes(CALM)


def test_who_needs_what_is_being_compiled_waits_for_it(trial, monkeypatch):
    real, heard = on_trial.tried, []

    def slow(*words, **named):
        heard.append("begins")
        time.sleep(0.2)
        heard.append("ends")
        return real(*words, **named)

    monkeypatch.setattr(on_trial, "tried", slow)
    ahead = replace(trial, compiled={})
    with ThreadPoolExecutor(1) as beside:
        ahead.prepare(beside)
        ahead.outcomes(CALM)
    assert heard == ["begins", "ends"] * 2


def test_an_improvement_takes_no_slope_that_leads_nowhere(trial, tried, monkeypatch):
    """Slopes cost eight times what outcomes do."""
    asked, real = [], Trial.slopes
    monkeypatch.setattr(Trial, "slopes", lambda self, rule: asked.append(rule) or real(self, rule))
    found = improved(trial, tried[0], None)
    assert len(found) == rule_search.EVALUATIONS and 1 <= len(asked) < len(found)


# ---------------------------------------------------------------- the best rule


def test_the_trained_rule_is_at_least_as_good_as_the_scenarios_own(trial, tried):
    own, (neutral, kept) = tried[0], (best(tried, limit) for limit in (None, Ruin(0.05)))
    assert neutral.value >= own.value and neutral.value >= kept.value
    assert excess(Ruin(0.05), kept.out) <= 0.0
    at_own_risk = best(tried, Ruin(own.ruin))
    assert at_own_risk.value >= own.value and excess(Ruin(own.ruin), at_own_risk.out) <= 0.0


@pytest.mark.slow
def test_slopes_lead_uphill_and_stay_within_the_bounds_of_the_rule(trial, tried, monkeypatch):
    monkeypatch.setattr(rule_search, "EVALUATIONS", 5)
    start = tried[0]
    found = improved(trial, start, None)
    assert len(found) <= 5 and max(t.value for t in found) > start.value
    low, high = rule_bounds().T
    assert all((t.rule >= low).all() and (t.rule <= high).all() for t in found)


@pytest.mark.parametrize(
    ("limit", "kept"),
    [
        (NeverRuin(), lambda t: t.ruin == 0.0),
        (Ruin(0.1), lambda t: t.ruin <= 0.1),
        (CashCVaR(0.05, -100.0), lambda t: np.sort(t.out.final)[: DRAWS // 20].mean() >= -100.0),
    ],
    ids=["never ruin", "a chance of ruin", "a floor under tail cash"],
)
def test_a_rule_keeps_a_limit_as_its_words_say(tried, limit, kept):
    for t in tried:
        assert (excess(limit, t.out) <= 1e-9) == kept(t) or limit == CashCVaR(0.05, -100.0)
    chosen = best(tried, limit)
    if excess(limit, chosen.out) <= 0.0:
        assert chosen.value == max(t.value for t in tried if excess(limit, t.out) <= 0.0)
    else:
        assert not any(kept(t) for t in tried)


def test_a_limit_moves_with_the_ruin_that_contracts_of_the_past_bring_on_these_draws(trial, tried):
    """An unlucky sample ruins whoever hardly orders more often; what a rule may add is what the limit leaves."""
    timid = tried[1]
    many = replace(timid, out=timid.out._replace(low=np.tile(np.where(np.arange(DRAWS) < 4, -1.0, 1.0), 8)))
    assert many.ruin == 4 / DRAWS
    found = LimitHere.of(Ruin(0.05), timid.out, many.out)
    assert found.here.probability - timid.ruin == pytest.approx(0.05 - many.ruin)
    assert found.among_many(timid.ruin) == pytest.approx(many.ruin) and found.among_many(-1.0) == 0.0
    assert found.error == pytest.approx(np.sqrt((0.05 - many.ruin) / DRAWS + many.ruin * (1 - many.ruin) / (8 * DRAWS)))
    never = LimitHere.of(NeverRuin(), timid.out, many.out)
    assert (never.here, never.error, never.added) == (NeverRuin(), 0.0, found.added)
    assert looser(Ruin(0.99), 0.02) == Ruin(1.0) and looser(NeverRuin(), 0.02) == NeverRuin()


def test_seeds_agree_better_on_what_a_rule_adds_than_on_its_chance_of_ruin():
    """Why the limit is set against many draws: most of the noise is ruin that no order now can avert."""
    total, added = [], []
    for seed in range(6):
        trial = Trial(load("base"), LAB, 256, seed=seed)
        timid, calm = (attempt(trial, rule).ruin for rule in (design()[0], CALM))
        total.append(calm)
        added.append(calm - timid)
    assert np.std(added) < np.std(total) and min(added) >= 0.0


def test_halving_the_way_ends_where_the_limit_is_met(trial, tried, monkeypatch):
    monkeypatch.setattr(rule_search, "HALVINGS", 4)
    timid, bold = tried[1], attempt(trial, BOLD)
    limit = Ruin(0.5 * (timid.ruin + bold.ruin))
    found = between(trial, timid, bold, limit)
    steps = np.linalg.norm(np.diff([t.rule for t in found], axis=0), axis=1)
    np.testing.assert_allclose(steps, np.linalg.norm(bold.rule - timid.rule) / 2.0 ** np.arange(2, 5))
    kept = [excess(limit, t.out) <= 0.0 for t in (timid, *found)]
    assert any(kept[1:]) and max(t.value for t, k in zip((timid, *found), kept, strict=True) if k) > timid.value


def test_there_is_no_way_to_halve_where_the_limit_does_not_bind(trial, tried):
    assert between(trial, tried[0], tried[0], Ruin(1.0)) == []


def test_the_frontier_rises_with_the_chance_of_ruin(tried):
    at_most = LimitHere(Ruin(1.0), Ruin(1.0), 0.0, 0.0)
    apart = replace(tried[0])  # chosen and neutral stand elsewhere
    found = law.Found(tried, tried[0], tried[0], apart, apart, at_most, tried[1].out)
    *points, own = law.frontier(found)
    assert own.name == "as in the scenario" and len(points) > 1
    assert (np.diff([p.ruin for p in points]) > 0.0).all() and (np.diff([p.value for p in points]) > 0.0).all()
    assert points[-1].value == max(t.value for t in tried)


# ---------------------------------------------------------------- the whole plan


@pytest.mark.slow
def test_the_plan_is_whole_and_what_it_says_can_be(plan):
    assert (plan.lab, plan.unit, plan.money, plan.limit) == (LAB, "GW", "bn USD", str(Ruin(0.05)))
    for c in (plan.chosen, plan.neutral, *plan.frontier):
        assert c.order >= 0.0 and c.bill >= 0.0 and 0.0 <= c.ruin <= 1.0 and 0.0 <= c.lost <= 1.0
    known, planned, _ = plan.information.values()
    assert known >= 0.0 and planned >= 0.0
    loss = np.array(plan.regret.loss)
    assert loss.shape == (3, 2) and (loss >= 0.0).all() and np.isfinite(loss).all()
    for fan in plan.fans:
        assert (np.diff(fan.cash, axis=0) >= 0.0).all() and np.shape(fan.cash) == (5, len(fan.times))
    assert (np.diff(plan.policy.order, axis=0) >= -1e-9).all()  # more cash, no less is ordered
    assert (np.diff(plan.policy.order, axis=1) <= 1e-9).all()  # more on order, no more is
    assert all(f.at != f.now and abs(f.order - plan.chosen.order) > 0.0 for f in plan.flips)
    assert all(np.isfinite(x) for x in plan.checks.values())


@pytest.mark.slow
def test_the_same_seed_gives_the_same_plan_and_progress_reaches_its_end(plan):
    seen = []
    again = gw.plan("base", LAB, draws=DRAWS, progress=lambda done, of: seen.append((done, of)))
    assert again.to_dict() == plan.to_dict()
    done, of = zip(*seen, strict=True)
    assert len(set(of)) == 1 and list(done) == sorted(done) and done[-1] <= of[0]


@pytest.mark.slow
def test_a_limit_out_of_reach_names_the_cash_that_would_do(plan):
    def planned(cash):  # by a lab to which nobody lends
        return gw.plan("base", LAB, cash=cash, ruin=0.035, belief={"accounts.debt_limit": 0.0}, draws=DRAWS)

    with pytest.raises(InputError, match="cannot be met by ordering less") as refused:
        planned(0.5)
    lacking = float(re.search(r"about ([\d.]+) bn USD more --cash", str(refused.value))[1])
    assert planned(0.5 + 1.1 * lacking).chosen.order >= 0.0
    with pytest.raises(InputError, match="cannot be met"):
        planned(0.5 + 0.1 * lacking)


@pytest.mark.slow
def test_a_floor_out_of_reach_names_the_tail_that_can_be_reached():
    with pytest.raises(InputError, match="the best rule reaches .* bn USD; ask for less"):
        gw.plan("base", LAB, cvar=1e6, draws=DRAWS)


def test_the_cash_named_is_rounded_up(tried):
    worst = max(tried, key=lambda t: t.ruin)
    with pytest.raises(InputError) as refused:
        LimitHere(NeverRuin(), NeverRuin(), 0.0, 0.0).refuse(worst.out)
    named = float(re.search(r"about ([\d.]+) bn USD", str(refused.value))[1])
    assert 1.0 <= named / -worst.out.low.min() < 1.1


def test_beliefs_that_flip_are_numbers_that_can_be_set(trial):
    world, found = trial.world, list(law.believed(trial))
    assert len({path for path, *_ in found}) == len(found) > 20
    assert not any(path.startswith(rule) for path, *_ in found for rule in rule_paths().values())
    for path, unit, x in found:
        stem, _, label = path.rpartition(".")
        kind = world.numbers().get(path) or world.numbers()[stem]
        assert not kind.axes or label in world.axes[kind.axes[0]]
        assert kind.axes != ("lab",) or label == LAB
        assert unit == kind.unit.text.replace("1", "") or unit == kind.unit.text
        assert len(x) == DRAWS and np.ptp(x) > 0.0
    load("base").change(set={path: float(np.median(x)) for path, _, x in found}).world()


def test_beliefs_on_which_no_cash_depends_flip_nothing(trial):
    named = {path.partition(".")[0] for path, *_ in law.believed(trial)}
    assert {"segments", "rounds"} <= named and not named & {"pipeline", "race", "ladder", "misuse"}


# ---------------------------------------------------------------- terms and rivals


def number(scenario, path):
    return np.asarray(scenario.world().get(path))


def changed(belief=None, rivals=None, lab=LAB, **terms):
    return world_with(load("base"), lab, belief or {}, rivals, **(NO_TERMS | terms))


def test_terms_set_the_numbers_that_they_name():
    assert number(changed(lead_months=9.0), "contracts.lead") == pytest.approx(0.75)
    assert number(changed(lead_months=9.0), "order_up_to.lead") == pytest.approx(0.75)
    assert number(changed(term_years=4.0), "contracts.term") == pytest.approx(4.0)
    ours = load("base").world().axes["lab"].index(LAB)
    before, after = (number(s, "start.cash") for s in (load("base"), changed(cash=77.0)))
    assert after[ours] == 77.0 and (np.delete(after, ours) == np.delete(before, ours)).all()
    assert changed() == load("base")


def test_a_margin_asked_for_is_the_margin_of_the_first_month():
    ours = load("base").world().axes["lab"].index(LAB)
    for margin in (0.4, 0.6):
        s = changed(margin=margin)
        share, bill, own, revenue = (
            number(s, f"start.{x}" if x != "own_use" else "split.own_use")[ours]
            for x in ("inference_share", "bill", "own_use", "revenue")
        )
        assert 1.0 - share * bill * (1.0 - own) / revenue == pytest.approx(margin)


def test_beliefs_are_numbers_under_set_or_by_themselves():
    for belief in ({"set": {"output.trend": 0.01}}, {"output.trend": 0.01}, {"output": {"trend": 0.01}}):
        assert number(changed(belief), "output.trend") == pytest.approx(0.01)


@pytest.mark.parametrize("lab", [LAB, "Meta"])
@pytest.mark.parametrize("rivals", RIVALS)
def test_each_other_lab_has_the_rivals_rule_and_ours_keeps_its_own(rivals, lab):
    base, theirs, found = load("base"), load(RIVALS[rivals]), changed(rivals=rivals, lab=lab)
    labs = base.world().axes["lab"]
    model = labs.index("OpenAI")  # whom each of these scenarios changes
    moved = 0
    for path, kind in base.world().numbers().items():
        if not path.startswith("order_up_to.") or kind.axes != ("lab",):
            continue
        mine, rule, got = (number(s, path) for s in (base, theirs, found))
        moved += rule[model] != mine[model]
        for i, other in enumerate(labs):
            assert got[i] == (mine[i] if other == lab or rule[model] == mine[model] else rule[model]), (path, other)
    assert moved >= 3


@pytest.mark.parametrize("name", law.WORLDS.values())
def test_named_worlds_keep_the_terms_that_were_asked_for(name):
    there = law.in_world(changed({"output.trend": 0.01}, "naive", cash=77.0, lead_months=12.0), name)
    world, plain = there.world(), load(name)
    ours = world.axes["lab"].index(LAB)
    assert float(world.get("start.cash")[ours]) == 77.0 and float(world.get("contracts.lead")) == 1.0
    assert (there.use, there.end) == (plain.use, plain.end)
    for path, entry in plain.set.items():
        assert there.set[path].value == entry.value


def test_a_named_world_on_plain_terms_is_the_scenario_of_that_name():
    for name in ("off_by_one_year", "genius_mid_2028"):
        there, plain = law.in_world(load("base"), name), load(name)
        assert (there.use, there.end, dict(there.set), dict(there.lever)) == (
            plain.use,
            plain.end,
            dict(plain.set),
            dict(plain.lever),
        )
