"""Results: self-contained, whole or not at all."""

import json
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gigawatt.core.entry import sources
from gigawatt.core.errors import InputError
from gigawatt.core.facts import facts
from gigawatt.core.result import Folder, open_result, save, version
from gigawatt.core.run import again
from gigawatt.core.scenario import Scenario, load


@pytest.fixture
def small(base):
    return base.isel(draw=slice(0, 3))


def test_every_variable_says_its_unit_its_meaning_and_who_gave_it(base, base_world):
    assert list(base.data_vars) == list(base_world.signals)
    for name, variable in base.data_vars.items():
        kind = base_world.signals[name]
        assert variable.dims == ("draw", "month", *kind.axes)
        assert variable.attrs["units"] == kind.unit.text
        assert variable.attrs["long_name"]
        assert variable.attrs["given_by"] == base_world.giver(name).__name__


def test_labels_and_dates_are_coordinates(base, base_world):
    used = {axis: labels for axis, labels in base_world.axes.items() if axis in base.dims}
    assert {"lab", "segment", "region", "stage"} <= set(used)  # other axes are of laws that base does not use
    for axis, labels in used.items():
        assert tuple(base[axis].values) == labels
    assert str(base["month"].values[0])[:10] == "2026-01-31"
    assert str(base["month"].values[-1])[:10] == "2035-12-31"
    assert base["year"].values[11] == pytest.approx(2027.0)
    assert np.all(np.diff(base["month"].values).astype("timedelta64[D]").astype(int) >= 28)


def test_half_steps_end_in_the_middle_and_at_the_end_of_each_month():
    from dataclasses import replace

    from gigawatt.core.result import month_ends

    ends = month_ends(replace(load("base"), steps_per_year=24))
    assert [str(e)[:10] for e in ends[:4]] == ["2026-01-15", "2026-01-31", "2026-02-14", "2026-02-28"]


def test_the_recipe_inside_is_the_scenario_that_ran(base):
    assert Scenario.of(base.attrs["recipe"]) == load("base").change()
    assert base.attrs["gigawatt_version"] == version()


def test_sources_and_grades_of_all_numbers_in_use_come_along(base):
    for key in json.loads(base.attrs["sources"]):
        assert key in sources() or key.removeprefix("fact:") in facts()
    assert sum(json.loads(base.attrs["grades"]).values()) > 50


def test_a_file_gives_back_what_was_written(small, tmp_path):
    save(small, tmp_path / "result.nc")
    xr.testing.assert_identical(open_result(tmp_path / "result.nc"), small)
    xr.testing.assert_identical(open_result(tmp_path), small)
    assert [f.name for f in tmp_path.iterdir()] == ["result.nc"]


def test_a_file_runs_again_to_the_same_numbers(small, tmp_path):
    save(small, tmp_path / "result.nc")
    repeated = again(open_result(tmp_path), draws=3)
    xr.testing.assert_equal(repeated, small)


def test_a_missing_damaged_foreign_or_older_file_is_answered_in_one_line(small, tmp_path):
    save(small, tmp_path / "good.nc")
    whole = (tmp_path / "good.nc").read_bytes()
    (tmp_path / "short.nc").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.nc").write_text("no result")
    xr.Dataset({"x": 1.0}).to_netcdf(tmp_path / "foreign.nc", engine="h5netcdf")
    small.assign_attrs(format=0, gigawatt_version="0.0.1").to_netcdf(tmp_path / "old.nc", engine="h5netcdf")
    says = {
        "absent.nc": "no result there",
        "short.nc": "it may be cut short",
        "text.nc": "not a readable result",
        "foreign.nc": "it was not written by gigawatt",
        "old.nc": "written by gigawatt 0.0.1: result format 0 is older than",
    }
    for name, text in says.items():
        with pytest.raises(InputError) as error:
            open_result(tmp_path / name)
        assert text in str(error.value) and name in str(error.value)
        assert "\n" not in str(error.value)


def test_a_folder_appears_whole(tmp_path):
    with Folder(tmp_path / "deep" / "out") as draft:
        (draft / "a").write_text("1")
        assert not (tmp_path / "deep" / "out").exists()
    assert (tmp_path / "deep" / "out" / "a").read_text() == "1"
    assert [f.name for f in (tmp_path / "deep").iterdir()] == ["out"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError])
def test_a_folder_that_is_interrupted_leaves_nothing(tmp_path, error):
    with pytest.raises(error), Folder(tmp_path / "out") as draft:
        (draft / "a").write_text("1")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_never_touched(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("keep")
    with pytest.raises(InputError, match="exists already and is never overwritten"), Folder(tmp_path / "out"):
        raise AssertionError("never entered")
    assert (tmp_path / "out" / "mine").read_text() == "keep"


def test_a_place_that_cannot_be_written_is_answered_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputError, match="cannot be written .*: choose another --out"),
        Folder(tmp_path / "file" / "out"),
    ):
        raise AssertionError("never entered")


def compete(path: str, ready, answers):
    """Write a folder at the same moment as another process."""
    try:
        with Folder(path) as draft:
            (draft / "who").write_text(multiprocessing.current_process().name)
            ready.wait(60)
        answers.put("written")
    except InputError as error:
        answers.put(str(error))


def test_of_two_processes_with_one_folder_one_wins_and_the_other_is_told(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, answers = context.Barrier(2), context.Queue()
    both = [context.Process(target=compete, args=(str(tmp_path / "out"), ready, answers)) for _ in range(2)]
    for process in both:
        process.start()
    said = sorted(answers.get(timeout=60) for _ in both)
    for process in both:
        process.join()
    assert "exists already" in said[0] and said[1] == "written"
    assert [f.name for f in Path(tmp_path).iterdir()] == ["out"]
