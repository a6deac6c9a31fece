"""Views and the arrival study: what is read, what contradicts what, and the two distributions side by side."""

import copy
import tomllib

import matplotlib
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import gigawatt.study.arrival as study
from gigawatt.core.errors import InputError
from gigawatt.core.facts import fact, facts
from gigawatt.mechanisms.arrival import capped_hazard_time
from gigawatt.study.arrival import POOLS, arrival, dates_at, yearly_hazard
from gigawatt.study.elicited import LAWS, fit_view
from gigawatt.study.views import Says, View, contradictions, load_view, parse_view, view_names
from gigawatt.view.arrival import arrival_figure, arrival_text

GOOD = tomllib.loads("""
person = "P"
asked = "2026-02-13"
event = "E"
says = [{ by = 2, chance = 0.5 }, { by = "2034-12", chance = [0.8, 0.9] }]
""")


def view(*says, ceiling=None, name="mine"):
    return View(name, "P", 2026.0, "E", tuple(Says(t, p, p, f"within {t:g} years") for t, p in says), ceiling)


# ---------------------------------------------------------------- views


@pytest.mark.parametrize("name", view_names())
def test_a_shipped_view_names_facts_and_says_what_they_say(name):
    shipped = load_view(name)
    for one in shipped.says:
        claims = [key.removeprefix("fact:") for key in one.source if key.startswith("fact:")]
        assert claims and set(claims) <= set(facts())
        said = fact(claims[0])
        if said.probability is not None and said.unit == "years":
            assert one.years in (said.value, said.low, said.high)
            assert one.chance == pytest.approx(said.probability)
            assert (one.low, one.high) == (
                (said.probability, said.probability)
                if said.probability_low is None
                else (said.probability_low, said.probability_high)
            )
    if shipped.ceiling is not None:
        assert shipped.ceiling == fact("p-irreducible-ceiling").probability


def test_a_file_is_read_as_written(tmp_path):
    read = parse_view(GOOD, "good", "good.toml")
    assert read.asked == pytest.approx(2026.116, abs=1e-3)
    assert read.years == pytest.approx([2.0, 2035.0 - read.asked])
    assert (read.says[1].low, read.says[1].high, read.chances[1]) == (0.8, 0.9, pytest.approx(0.85))
    file = tmp_path / "own.toml"
    file.write_text('person="P"\nasked="2026-02"\nevent="E"\n[[says]]\nby="2034"\nchance=0.5\n')
    assert load_view(str(file)).years[0] == pytest.approx(2035.0 - (2026.0 + 1.0 / 12.0))


def broken(**change):
    table = copy.deepcopy(GOOD) | change
    return {key: value for key, value in table.items() if value is not None}


def says(*rows):
    return {"says": [dict(zip(("by", "chance"), row, strict=True)) for row in rows]}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (broken(**says((2, 0.5), (5, 0.4))), "cannot fall"),
        (broken(**says((2, 0.5), (2.0, 0.5))), "twice"),
        (broken(**says((2, 1.2))), "90 per cent is 0.9"),
        (broken(**says((2, 1))), "nearly certain 0.99"),
        (broken(**says((2, [0.6, 0.5]))), r"write \[low, high\]"),
        (broken(**says((-1, 0.5))), "is not a time"),
        (broken(**says((2035, 0.5))), "or a date such as"),
        (broken(**says(("2025-12", 0.5))), "before the day asked"),
        (broken(**says(("soon", 0.5))), "is not a date"),
        (broken(says=[]), "nothing is stated"),
        (broken(says=None), "nothing is stated"),
        (broken(says=[{"by": 2}]), "give both by and chance"),
        (broken(says=[{"by": 2, "chance": 0.5, "prob": 1}]), "unknown key 'prob'"),
        (broken(ceilling=0.9), "Did you mean 'ceiling'"),
        (broken(ceiling=95), "90 per cent is 0.9"),
        (broken(asked="yesterday"), "is not a date"),
        (broken(person=None), "person is missing"),
        (broken(source="fact:x"), "source is a list"),
    ],
)
def test_what_cannot_be_used_is_answered_in_one_line(table, said):
    with pytest.raises(InputError, match=said) as error:
        parse_view(table, "bad", "bad.toml")
    assert str(error.value).startswith("bad.toml") and "\n" not in str(error.value)


def test_a_wrong_name_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="Did you mean 'amodei_two_years'"):
        load_view("amodei_two_year")
    with pytest.raises(InputError, match="check the path"):
        load_view(str(tmp_path / "none.toml"))
    (tmp_path / "bad.toml").write_text("person =")
    with pytest.raises(InputError, match="not TOML"):
        load_view(str(tmp_path / "bad.toml"))


# ---------------------------------------------------------------- what contradicts what


def test_the_interview_contradicts_itself_in_two_sentences():
    found = contradictions(tuple(load_view(name) for name in view_names()))
    assert len(found) == 2
    assert "0.95 to 0.99 within 10 years" in found[0] and "ceiling of 0.95" in found[0] and "0 to 0.04" in found[0]
    assert "0.9 within 10 years and 0.95 to 0.99 within 10 years: apart by 0.05 to 0.09" in found[1]


def test_two_views_of_one_person_may_not_cross():
    first, second = view((2.0, 0.5)), view((1.0, 0.6), name="other")
    assert contradictions((first, second)) == ("P says 0.6 within 1 years and 0.5 within 2 years: apart by 0.1.",)
    assert contradictions((first, view((4.0, 0.6)))) == ()


# ---------------------------------------------------------------- a law through a view


@pytest.mark.parametrize(
    ("name", "hazard", "ceiling"),
    [("amodei_one_year", 0.81055, 0.90027), ("amodei_two_years", 0.39338, 0.91796)],
)
def test_the_interview_is_met_exactly_where_it_is_consistent(name, hazard, ceiling):
    fitted = fit_view(load_view(name), "capped")
    assert fitted.misfit < 1e-12 and fitted.notes == ()
    assert float(fitted.named["hazard"]) == pytest.approx(hazard, abs=5e-6)
    assert fitted.ceiling == pytest.approx(ceiling, abs=5e-6)


def test_the_three_year_reading_is_met_above_the_stated_ceiling_and_says_so():
    fitted = fit_view(load_view("amodei_three_years"), "capped")
    assert fitted.misfit < 1e-12 and fitted.ceiling > 0.998
    assert "above the stated ceiling of 0.95" in fitted.notes[0]


def test_what_no_constant_hazard_can_meet_is_said_and_nearly_met():
    confident = fit_view(load_view("amodei_confident"), "capped")
    assert "ceiling of 1.002" in confident.notes[0] and confident.ceiling == pytest.approx(1.0, abs=1e-4)
    assert confident.misfit < 1e-6 and 0.95 < confident.cdf(np.array(10.0)) < 0.99  # inside the range, with all worlds
    soon = fit_view(load_view("company_forecast"), "capped")
    assert "needs a hazard that rises" in soon.notes[0] and "misses by up to 0.16" in soon.notes[1]
    assert fit_view(load_view("company_forecast"), "weibull").misfit < 1e-12


@settings(max_examples=25, deadline=None)
@given(st.floats(0.3, 4.0), st.floats(1.5, 6.0), st.floats(0.1, 0.45), st.floats(1.1, 1.9), st.sampled_from(list(LAWS)))
def test_two_rising_statements_are_met_or_the_miss_is_told(t1, ratio, p1, rise, law):
    fitted = fit_view(view((t1, p1), (t1 * ratio, p1 * rise), ceiling=0.95), law)
    assert fitted.misfit < 1e-6 or any("misses by" in note for note in fitted.notes)
    assert fitted.misfit < 1e-6 or law == "capped"
    chances = fitted.cdf(np.linspace(-1.0, 50.0, 200))
    assert (np.diff(chances) >= -1e-12).all() and chances[0] == 0.0 and chances[-1] <= fitted.ceiling + 1e-12


def test_one_statement_is_enough_for_a_constant_hazard_only():
    fitted = fit_view(view((3.0, 0.5), ceiling=0.95), "capped")
    assert fitted.misfit < 1e-12 and fitted.ceiling == 0.95
    assert fitted.hazard(np.array([1.0, 2.0]))[1] < fitted.hazard(np.array([1.0]))[0]  # some never see it
    with pytest.raises(InputError, match="needs two"):
        fit_view(view((3.0, 0.5)), "lognormal")


def test_statements_without_a_law_are_refused():
    with pytest.raises(InputError, match="choose law = lognormal"):
        fit_view(view((1.0, 0.1), (1.1, 0.5), (10.0, 0.6)), "metalog")
    with pytest.raises(InputError, match="state chances that rise"):
        fit_view(view((1.0, 0.5), (4.0, 0.5)), "weibull")


def test_an_older_view_counts_from_today():
    fitted = fit_view(view((2.0, 0.5), (4.0, 0.75)), "capped")  # a constant hazard forgets
    assert fitted.chance_since(2027.0, np.array([2027.0, 2029.0])) == pytest.approx([0.0, 0.5])
    assert fitted.date_since(2027.0, np.array([0.5])) == pytest.approx([2029.0])


# ---------------------------------------------------------------- simulated and elicited together


@pytest.fixture
def planted(monkeypatch):
    """A simulation whose arrivals are drawn from the two-year reading itself."""
    years = 2026.0 + (np.arange(120) + 1) / 12.0
    rank = (np.arange(2000) + 0.5) / 2000.0
    dates = load_view("amodei_two_years").asked + np.asarray(capped_hazard_time(rank, 0.39338, 0.91796))
    happened = (years[None] >= dates[:, None]).astype(float)
    ds = xr.Dataset({"genius": (("draw", "month"), happened)}, {"year": ("month", years)})
    ds.attrs |= {"scenario": "planted", "title": "Planted", "gigawatt_version": "0", "draws": 2000, "seed": 0}
    ds.attrs |= {"grades": "{}", "money": "constant USD"}
    ds.attrs["grades"] = '{"stated": 1}'
    monkeypatch.setattr(study, "run", lambda *args, **options: ds)


def test_a_simulation_drawn_from_a_view_covers_it(planted):
    result = arrival(views=["amodei_two_years"])
    assert np.abs(result.simulated - result.elicited[0]).max() < 0.01
    assert ((result.low <= result.elicited[0]) & (result.elicited[0] <= result.high + 1e-9))[1:].mean() > 0.95
    assert list(result.curves) == ["simulation", "amodei_two_years"]
    assert result.quantiles([0.5])["amodei_two_years"][0] == pytest.approx(2028.12, abs=0.01)
    assert np.isinf(result.quantiles([0.95])["simulation"][0])
    middle, hazard = yearly_hazard(result.years, result.elicited[0])
    assert hazard[0] == pytest.approx(-np.log(1 - 0.2985), abs=2e-3) and (np.diff(hazard) < 0).all()


@pytest.mark.parametrize("pool", POOLS)
def test_every_pool_is_a_distribution_between_its_people(planted, pool):
    result = arrival(views=["amodei_two_years", "patel"], law="lognormal", pool=pool, weights=[3.0, 1.0])
    assert result.pooled[0] == 0.0 and (np.diff(result.pooled) >= -1e-12).all() and result.pooled[-1] <= 1.0
    if pool in ("linear", "odds"):
        assert (result.pooled <= result.elicited.max(0) + 1e-9).all()
        assert (result.pooled >= result.elicited.min(0) - 1e-9).all()
    same = arrival(views=["amodei_two_years"] * 2, law="lognormal", pool=pool)
    assert np.abs(same.pooled - same.elicited[0]).max() < 2e-3


def test_picture_and_table_say_the_same(planted):
    matplotlib.use("Agg")
    result = arrival(views=["amodei_two_years", "amodei_confident", "patel"])
    text = arrival_text(result)
    assert "2028-02" in text and "after 2035" in text and "above the ceiling of 0.95" in text
    figure = arrival_figure(result)
    assert [len(ax.lines) for ax in figure.axes] == [8, 5]  # five curves, and the marks of three views


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"views": []}, "none given"),
        ({"law": "lognorml"}, "Did you mean 'lognormal'"),
        ({"pool": "mean"}, "Known: linear"),
        ({"weights": [1.0]}, "one above 0 for each view"),
        ({"extremising": 0.0}, "is not above 0"),
    ],
)
def test_bad_options_are_answered_in_one_line(planted, options, said):
    with pytest.raises(InputError, match=said):
        arrival(**options)


def test_dates_are_read_off_a_rising_curve():
    years, row = np.array([2026.0, 2027.0, 2028.0]), np.array([0.0, 0.5, 0.6])
    assert dates_at(np.array([0.25, 0.5, 0.7]), years, row) == pytest.approx([2026.5, 2027.0, np.inf])
