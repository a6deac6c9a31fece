"""Entries: what a table may say, and the distribution that follows."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import entry

from gigawatt.core.entry import check_bounds, entries, make_entry, read_entries, sources
from gigawatt.core.errors import InputError
from gigawatt.core.facts import facts

GOOD = {"value": 2.0, "unit": "year", "range": [1.0, 5.0], "shape": "lognormal", "grade": "stated"}
BOUNDED = make_entry("bass.speed", GOOD | {"bounds": [0.5, 8.0]}, "params/x.toml")


@pytest.mark.parametrize("shape", ["normal", "lognormal", "logitnormal"])
@given(st.floats(0.01, 0.98), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
@settings(max_examples=50, deadline=None)
def test_percentiles_are_the_three_numbers_of_the_entry(shape, value, below, above):
    low, high = value * below, value + (1.0 - value) * above
    e = entry("a.b", value, "share", low=low, high=high, shape=shape)
    np.testing.assert_allclose(e.quantile(np.array([0.05, 0.5, 0.95])), [low, value, high], rtol=1e-9)


def test_uniform_runs_from_end_to_end():
    e = entry("a.b", 3.0, "GW", low=2.0, high=6.0, shape="uniform")
    np.testing.assert_allclose(e.quantile(np.array([0.0, 0.25, 1.0])), [2.0, 3.0, 6.0])


@given(st.floats(1e-9, 1 - 1e-9), st.floats(1e-9, 1 - 1e-9))
@settings(max_examples=50, deadline=None)
def test_quantiles_rise_and_stay_within_bounds(u, v):
    low, high = BOUNDED.quantile(np.array(sorted((u, v))))
    assert 0.5 <= low <= high <= 8.0


def test_one_tail_may_be_longer_than_the_other():
    e = entry("a.b", 2.0, "GW", low=1.0, high=10.0, shape="normal")
    q = e.quantile(np.array([0.2, 0.5, 0.8]))
    assert q[2] - q[1] == pytest.approx(8.0 * (q[1] - q[0]))


def test_a_certain_entry_has_one_value():
    e = make_entry("a.b", {"value": 2.0, "unit": "year"})
    assert not e.uncertain
    assert e.quantile(np.array([0.01, 0.99])).tolist() == [2.0, 2.0]


BAD = {
    "unknown key 'rnge'. Did you mean 'range'?": GOOD | {"rnge": 1},
    "has no 'value': give one": {"unit": "year"},
    "has no 'unit': give one": {"value": 1.0},
    "'two' is not a number": GOOD | {"value": "two"},
    "'True' is not a number": GOOD | {"value": True},
    "nan is not a usable value: give a finite number": GOOD | {"value": float("nan")},
    "inf is not a usable value": GOOD | {"range": [1.0, float("inf")]},
    "'range' must be [5th percentile, 95th percentile]": GOOD | {"range": [1.0]},
    "value 2 is outside its own range 3 to 5: mend": GOOD | {"range": [3.0, 5.0]},
    "unknown shape 'lognorml'. Did you mean 'lognormal'?": GOOD | {"shape": "lognorml"},
    "a lognormal needs positive value and range": GOOD | {"range": [0.0, 5.0]},
    "a logitnormal needs value and range strictly between": GOOD | {"shape": "logitnormal"},
    "unknown grade 'sttaed'. Did you mean 'stated'?": GOOD | {"grade": "sttaed"},
    "6 year is out of bounds: allowed is 0.5 to 5": GOOD | {"range": [1.0, 6.0], "bounds": [0.5, 5.0]},
    "'bounds' must be [least, greatest]": GOOD | {"bounds": [1.0]},
    "'bounds' must be [least, greatest]: ": GOOD | {"bounds": "wide"},
    "'source' must be": GOOD | {"source": 3},
}


@pytest.mark.parametrize("says", BAD)
def test_a_bad_entry_gives_one_line_with_file_path_and_cure(says):
    with pytest.raises(InputError, match=re.escape(says.removesuffix(": "))) as error:
        make_entry("bass.speed", BAD[says], "params/x.toml")
    assert str(error.value).startswith("params/x.toml: bass.speed: ") or "out of bounds" in says
    assert "\n" not in str(error.value)


def test_a_change_keeps_unit_bounds_and_shape_and_is_certain_without_range():
    new = make_entry("bass.speed", {"value": 3.0}, "mine.toml", BOUNDED)
    assert (new.unit, new.bounds, new.uncertain) == ("year", (0.5, 8.0), False)
    wide = make_entry("bass.speed", {"value": 3.0, "range": [2.0, 4.0]}, "mine.toml", BOUNDED)
    assert (wide.shape, wide.uncertain) == ("lognormal", True)


def test_a_range_makes_a_certain_number_uncertain():
    certain = make_entry("bass.speed", {"value": 2.0, "unit": "year"})
    again = make_entry("bass.speed", {"value": 2.0, "range": [1.0, 3.0]}, "mine.toml", certain)
    assert again.uncertain
    assert again.quantile(np.array([0.95]))[0] == pytest.approx(3.0)


def test_a_change_in_another_unit_names_the_right_one():
    with pytest.raises(InputError, match="is in year, not in month: convert the value"):
        make_entry("bass.speed", {"value": 3.0, "unit": "month"}, "mine.toml", BOUNDED)


def test_limits_of_the_unit_bind_where_the_entry_has_none():
    with pytest.raises(InputError, match="a.b: 1.2 share is out of bounds: allowed is 0 to 1"):
        check_bounds(entry("a.b", 1.2, "share"), 0.0, 1.0)


@pytest.mark.parametrize(
    "text", ["[a.b\nvalue = 1", "[a.b]\nvalue = ", "a = 3", "[a]\nb = 3\n[a.c]\nvalue = 1\nunit='1'"]
)
def test_a_file_cut_short_or_misshapen_gives_one_line(text):
    with pytest.raises(InputError) as error:
        read_entries(text, "params/x.toml")
    assert "params/x.toml" in str(error.value)
    assert "\n" not in str(error.value)


def test_every_shipped_entry_has_unit_source_and_grade():
    for path, e in entries().items():
        assert e.unit and e.source and e.grade and e.place, path


def test_every_source_key_exists_and_every_source_can_be_found_by_a_reader():
    for path, e in entries().items():
        for key in e.source:
            fact = key.removeprefix("fact:")
            assert key in sources() if fact == key else fact in facts(), f"{path}: {key}"
    for key, source in sources().items():
        assert source.title, key
