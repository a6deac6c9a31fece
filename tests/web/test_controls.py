"""The page's choice of controls: each belongs to base, says who decides, and moves something that the page shows."""

import numpy as np
import pytest

from gigawatt.core.run import kept, run_arrays
from gigawatt.core.scenario import load
from gigawatt.study.catalogue import Catalogue
from gigawatt.web.controls import charts, chosen, model, slider
from gigawatt.web.recipe import Recipe, shipped

DRAWS = 256  # one chunk
LEAST = 0.03  # move of a median or mean that can be seen in a chart: relative, or of half that for what is below 0.5
CHOICE = [*chosen()["lever"], *chosen()["assumption"]]


@pytest.fixture(scope="module")
def base():
    return model("base")


@pytest.fixture(scope="module")
def shown():
    """What the page shows of a recipe at the ends of 2030 and 2035: medians and means of the default charts."""
    names = kept(load("base").world(), None)

    def ends(**set):
        scenario = Recipe(set=set).changed()
        arrays = run_arrays(scenario, scenario.world(), DRAWS, 0, names)
        values = [arrays[name][:, [59, 119]].reshape(DRAWS, -1) for name in charts()]
        return np.concatenate([np.concatenate([np.median(v, axis=0), v.mean(axis=0)]) for v in values])

    return ends


@pytest.mark.slow
def test_each_control_moves_what_the_page_shows(base, shown):
    """A control without effect would be a bug: its 95th percentile against its value, or the far end of its slider."""
    still, before = [], shown()
    for control in [*base["levers"], *base["assumptions"]]:
        sure = control["low"] == control["high"]
        after = shown(**{control["path"]: control["max"] if sure else control["high"]})
        size = np.maximum(np.maximum(np.abs(before), np.abs(after)), 0.5)
        if not np.max(np.abs(after - before) / size) > LEAST:
            still.append(control["path"])
    assert not still


def test_base_has_every_control_and_no_control_twice(base):
    found = [c["path"] for c in [*base["levers"], *base["assumptions"]]]
    assert found == [item["path"] for item in CHOICE]
    assert len(set(found)) == len(found)
    assert 10 <= len(base["levers"]) <= 14 and 18 <= len(base["assumptions"]) <= 24


def test_every_lever_says_what_it_does_and_every_control_has_a_short_name():
    for item in CHOICE:
        assert item["short"] and item["group"]
    for item in chosen()["lever"]:
        assert item["does"].endswith("."), item["path"]


def test_a_control_at_its_value_changes_nothing(base):
    """One number for all labels would not be what they are without it."""
    for control in [*base["levers"], *base["assumptions"]]:
        assert not control["by_label"], control["path"]


def test_a_slider_spans_its_range_and_stays_within_what_is_allowed():
    found = Catalogue("base")
    for path in found.world.numbers():
        unit = found.kinds[path].unit
        for entry in found.entries(path):
            least, most = slider(entry, unit.least, unit.greatest)
            assert unit.least <= least <= entry.low <= entry.value <= entry.high <= most <= unit.greatest, path
            assert least < most, path


def test_charts_and_presets_are_there(base):
    assert set(chosen()["presets"]) <= set(shipped())
    assert set(charts()) <= set(kept(load("base").world(), None))
    assert all(sentence.endswith(".") for sentence in base["not_good_for"])
