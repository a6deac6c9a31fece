"""Attribution: the split is Shapley's, adds up exactly, and mixtures of two scenarios are what they say."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.core.run import run, run_chunk
from gigawatt.core.scenario import load
from gigawatt.study.attribution import attribute, shapley
from gigawatt.study.mixture import laws_of, mixed, players, strangers
from gigawatt.view.why import attribution_text, pictures, sentence

DRAWS = 64


@pytest.fixture(scope="module")
def base():
    return load("base").change(end="2027-06")


@pytest.fixture(scope="module")
def other(base):
    levers = {"contracts.lead": {"2027-01": 2.0}}
    return base.change(set={"segments.speed": 0.3, "spending.capture": 0.3}, lever=levers)


@pytest.fixture(scope="module")
def found(base, other):
    return attribute(base, other, draws=DRAWS)


def worth(moved):
    """A game of four with a pair that only works together."""
    return 10.0 + 3.0 * (0 in moved) - (1 in moved) + 8.0 * ({1, 2} <= moved)


def test_shapley_by_its_definition_over_all_orders():
    orders = list(permutations(range(4)))
    steps = np.zeros(4)
    for order in orders:
        for n, i in enumerate(order):
            steps[i] += (worth(frozenset(order[: n + 1])) - worth(frozenset(order[:n]))) / len(orders)
    effects, errors = shapley(worth, 4)
    assert effects == pytest.approx(steps) and effects == pytest.approx([3.0, 3.0, 4.0, 0.0]) and errors == [0.0] * 4


def test_drawn_orders_add_up_exactly_and_tell_their_error():
    exact, _ = shapley(worth, 4)
    drawn, errors = shapley(worth, 4, exact=0, pairs=100)
    assert sum(drawn) == pytest.approx(worth(frozenset(range(4))) - worth(frozenset()), abs=1e-12)
    assert drawn[0] == pytest.approx(3.0) and errors[3] == 0.0
    assert np.all(np.abs(np.array(drawn) - exact) <= 4 * np.array(errors) + 1e-12)
    again, _ = shapley(worth, 4, exact=0, pairs=100)
    assert drawn == again


def test_ends_are_what_runs_of_the_scenarios_say(base, other, found):
    start, end = (float(run(s, DRAWS)["industry_revenue"].median("draw")[-1]) for s in (base, other))
    assert found.start == pytest.approx(start, rel=1e-12) and found.end == pytest.approx(end, rel=1e-12)


def test_the_parts_add_up_to_the_change(found):
    assert {s.name for s in found.steps} == {"segments.speed", "spending.capture", "contracts.lead"}
    assert found.exact and found.runs == 8 and abs(found.rest) < 1e-9 * found.start
    assert sum(s.effect for s in found.steps) == pytest.approx(found.end - found.start)
    assert next(s for s in found.steps if s.name == "segments.speed").effect < 0


def test_one_difference_has_all_of_the_effect(base):
    one = attribute(base, base.change(set={"segments.speed": 0.3}), draws=DRAWS)
    (step,) = one.steps
    assert (step.a, step.b) == ("1 (0.6 to 1.7)", "0.3") and step.effect == one.end - one.start


def test_a_scenario_differs_from_itself_in_nothing(base):
    same = attribute(base, base, draws=DRAWS)
    assert same.steps == () and same.start == same.end and same.runs == 1


def test_mixtures_of_the_same_laws_share_compiled_code(base, other, found):
    before = run_chunk._cache_size()
    attribute(base, other, at="2027-01", draws=DRAWS)
    assert run_chunk._cache_size() == before


def test_a_lever_that_never_comes_does_nothing(base, other, found):
    idle = mixed(base, other, [], set())
    assert idle.lever == {"contracts.lead": {"9999-12": 2.0}}
    a, b = (run(s, DRAWS)["industry_revenue"].values for s in (base, idle))
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_all_differences_made_give_the_other_scenario(base):
    for a, b in (("amodei", "patel_2035"), ("base", "moratorium_10y"), ("base", "competitive")):
        a, b = load(a), load(b)
        apart = strangers(a, b)
        made = mixed(a, b, [d for group in players(a, b, apart) for d in group], apart)
        assert made.use == b.use and made.axes == b.axes
        known = made.world().numbers()
        for path in (*known, *made.set, *b.set):
            x, y = made.table.get(path), b.table.get(path)
            assert (x and (x.value, x.low, x.high, x.shape)) == (y and (y.value, y.low, y.high, y.shape)), path


def test_numbers_of_laws_that_one_scenario_lacks_move_with_the_laws():
    a, b = load("amodei"), load("patel_2035")
    apart = strangers(a, b)
    assert "trend.growth" in apart and "start.price" not in apart
    laws = [g for g in players(a, b, apart) if any(d.kind == "mechanism" for d in g)]
    assert len(laws) == 1


def test_labels_of_one_number_are_one_player(base):
    other = base.change(set={"start.revenue.OpenAI": 25.0, "start.revenue.xAI": 1.0})
    (group,) = players(base, other, strangers(base, other))
    assert {d.name for d in group} == {"start.revenue.OpenAI", "start.revenue.xAI"}


def test_a_law_takes_the_place_of_what_it_replaces(base):
    other = load("moratorium_10y")
    rows = [d for g in players(base, other, set()) for d in g if d.kind == "mechanism"]
    moved = laws_of(base.use, other.use, rows)
    assert moved == other.use and moved.index("diffusion.RegulatedSegments") == base.use.index("diffusion.Segments")


def test_scenarios_of_other_times_are_refused(base):
    with pytest.raises(InputError, match="begin or step at different times"):
        attribute(base, load("hindcast_2023"))
    with pytest.raises(InputError, match="outside the run"):
        attribute(base, replace(base, end="2028-12"), at="2028-06")


def test_text_and_picture_tell_every_step(found):
    text = attribution_text(found)
    assert text.renderables[0].row_count == 3
    assert sentence(found).startswith("Industry revenue run rate, end of 2027-06: ")
    (figure,) = pictures(found).values()
    names = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert names[0] == "base" and len(names) == 5
