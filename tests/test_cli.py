"""The command line: what it prints, writes and returns."""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from gigawatt import jobs
from gigawatt.cli import app, scenario_files
from gigawatt.core.plain import plain
from gigawatt.core.result import open_result
from gigawatt.core.run import run
from gigawatt.core.scenario import load
from gigawatt.core.scenario_file import parse, read_file, scenario_names
from gigawatt.core.schema import schema
from gigawatt.study import verify as study_verify
from gigawatt.study.events import events
from gigawatt.view.tables import summary

ROOT = Path(__file__).parents[1]
ALL = ("--keep", "all")  # what conftest compiles
FEW = ("--draws", "8")


def told(*words, code=0):
    """What a command prints on stdout."""
    result = CliRunner(env={"COLUMNS": None}).invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.stdout


def data(*words):
    return json.loads(told(*words, "--json"), parse_constant=lambda x: pytest.fail(f"{x} is no JSON"))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in, and a report that is quick to write."""
    monkeypatch.chdir(tmp_path)

    def write(results, folder):
        (folder / "report.html").write_text(" ".join(results))
        (folder / "cash.png").write_bytes(b"")
        return [folder / "report.html", folder / "cash.png"]

    monkeypatch.setattr(jobs, "write", write)
    return tmp_path


def python(code, **env):
    """A fresh process; fails with what it says on stderr."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | env)
    assert done.returncode == 0, done.stderr
    return done


# ---------------------------------------------------------------- starting


def test_help_version_and_completion_start_without_jax():
    python(
        "import sys; from gigawatt.cli import app, scenario_files; from typer.testing import CliRunner\n"
        "for word in ('--help', '--version'): assert CliRunner().invoke(app, [word]).exit_code == 0\n"
        "assert 'base' in scenario_files('b')\n"
        "assert not {'jax', 'xarray', 'matplotlib'} & set(sys.modules)"
    )


@pytest.mark.parametrize("first", ["import gigawatt, jax", "import jax, gigawatt"])
def test_importing_gigawatt_first_or_last_switches_jax_to_64_bits(first):
    python(f"{first}; import jax.numpy as jnp; assert jnp.ones(1).dtype == 'float64'")


def test_a_user_who_wants_32_bits_is_warned():
    code = "import gigawatt, jax.numpy as jnp; assert jnp.ones(1).dtype == 'float32'"
    assert "32 bits" in python(code, JAX_ENABLE_X64="0").stderr


def test_completion_offers_the_scenarios_that_there_are():
    assert scenario_files("") == sorted(scenario_names())


def test_the_reference_page_says_what_the_commands_are_now():
    page = ROOT / "docs" / "reference" / "cli.md"
    now = runpy.run_path(str(page.with_name("generate_cli.py")))["cli"]()
    assert page.read_text(encoding="utf-8") == now, "run: python docs/reference/generate_cli.py"


# ---------------------------------------------------------------- run, again, compare


def test_json_gives_the_numbers_of_the_library_under_the_documented_keys(base):
    found = data("run", "base", *FEW, "--seed", "3", *ALL)
    (one,) = found["results"]
    ds = run("base", 8, 3, keep="all")
    assert one["table"] == plain(summary(ds))
    assert [e["probability"] for e in one["events"]] == [e.probability for e in events(ds)]
    page = (ROOT / "docs" / "reference" / "cli.md").read_text()
    for key in (*found, *one, *one["table"][0], *one["events"][0]):
        assert f"`{key}`" in page


def test_options_say_what_a_scenario_file_says(place):
    (place / "mine.toml").write_text(
        'title = "mine"\nbase = "base"\nend = "2027-12"\n[set]\n"start.revenue.Meta" = 5\n'
        '[lever]\n"belief.gain" = { 2027-01 = 0.5, 2027-06 = 2.0 }\n[hold]\noutput = { 2026-01 = 1e5, 2027-12 = 1e5 }\n'
    )
    number, lever, hold = (
        ["start.revenue.Meta=5 bn USD/year"],
        ["belief.gain=2027-01:0.5, 2027-06:2"],
        ["output=2026-01:1e5,2027-12:1e5"],
    )
    typed, written = jobs.changed("base", "2027-12", number, lever, hold, None), load("mine.toml")
    assert (typed.end, typed.lever, typed.hold, typed.use) == (written.end, written.lever, written.hold, written.use)
    assert {path: e.value for path, e in typed.set.items()} == {path: e.value for path, e in written.set.items()}


def test_a_number_set_by_option_reaches_the_run(base):
    before, after = (
        data("run", "base", *FEW, *ALL, *more)["results"][0]["table"] for more in ([], ["--set", "output.trend=0"])
    )
    last = [[row["p50"] for row in table if row["signal"] == "output"][-1] for table in (before, after)]
    assert last[1] < last[0]


def test_another_law_can_be_put_in_place():
    found = jobs.changed("base", None, None, None, None, ["demand.Trend"])
    assert "demand.Trend" in found.use and found.use != load("base").use


def test_a_folder_holds_the_result_and_a_recipe_that_gives_the_same_numbers_again(base, place):
    told("run", "base", *FEW, *ALL, "--out", "deep/one")
    folder = place / "deep" / "one"
    assert {f.name for f in folder.iterdir()} == {"result.nc", "recipe.toml", "report.html", "cash.png"}
    saved = open_result(folder)
    xr.testing.assert_identical(saved.sel(draw=slice(8)), run("base", 8, keep="all"))
    assert (folder / "recipe.toml").read_text() == saved.attrs["recipe"]
    result = CliRunner().invoke(app, ["again", "deep/one"])
    assert "the same numbers again" in result.stderr


def test_again_says_which_signals_have_other_numbers():
    old = xr.Dataset({"a": ("x", [1.0, np.nan]), "b": ("x", [1.0, 2.0])}, attrs={"gigawatt_version": "0.0.1"})
    assert jobs.sameness(old, old) == "the same numbers again."
    said = jobs.sameness(old, old.assign(b=old["b"] + 1e-12))
    assert "in 1 of 2 signals: b" in said and "0.0.1" in said


def test_several_scenarios_get_a_folder_each_and_one_report(base, place):
    result = CliRunner().invoke(app, ["run", "base", "cost_15", *FEW, *ALL, "--out", "both"])
    assert open_result("both/cost_15").attrs["scenario"] == "cost_15" and open_result("both/base")
    assert Path("both/report.html").read_text() == "base cost_15"
    assert "both/cash.png" in result.stderr and "both/report.html" in result.stderr


def test_what_fails_half_way_leaves_nothing(base, place, monkeypatch):
    def broken(results, folder):
        (folder / "half.svg").write_text("<svg")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jobs, "write", broken)
    result = CliRunner().invoke(app, ["run", "base", *FEW, *ALL, "--out", "new"])
    assert result.exit_code == 2 and result.stderr.startswith("Error: the disk is full") and not os.listdir()


def test_a_disk_too_small_for_the_result_is_told_before_writing(base, place, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000}))
    result = CliRunner().invoke(app, ["run", "base", *FEW, *ALL, "--out", "new"])
    assert result.exit_code == 2 and result.stderr.startswith("Error: the disk is full") and not os.listdir()


def test_quiet_prints_nothing(base, place):
    result = CliRunner().invoke(app, ["run", "base", *FEW, *ALL, "--out", "new", "--quiet"])
    assert result.exit_code == 0 and result.output == "" and Path("new/result.nc").exists()


def test_the_table_names_scenario_years_signals_and_events(base):
    page = told("run", "base", *FEW, *ALL)
    assert all(word in page for word in ("scenario base, 8 draws", "2026", "2035", "Industry revenue", "Genius level"))


def test_a_comparison_with_itself_moves_nothing(base):
    found = data("compare", "base", "base", *FEW, "--signal", "all")
    assert found["through"] == []
    assert {row["difference"]["p95"] for row in found["table"]} == {0.0}


def test_a_comparison_names_the_difference_and_pairs_draws_of_a_result(base, place):
    told("run", "base", *FEW, *ALL, "--out", "old")
    page = told("compare", "old", "cost_15", "--signal", "all", "--year", "2028")
    assert "cost_15 differs from base in" in page and "start.price" in page and "End of 2028" in page
    found = data("compare", "old", "old", "--signal", "price")
    assert found["draws"] == 8 and {row["signal"] for row in found["table"]} == {"price"}


# ---------------------------------------------------------------- lists


def test_the_lists_agree_with_the_world(base_world):
    assert [row["name"] for row in data("signals")] == list(base_world.signals)
    assert {row["name"] for row in data("signals") if row["headline"]} == set(jobs.kept(base_world, None))
    paths = {row["path"] for row in data("parameters")}
    assert all(any(p == path or p.startswith(path + ".") for p in paths) for path in base_world.numbers())
    assert {row["name"]: row["title"] for row in data("scenarios")} == scenario_names()


@pytest.mark.parametrize("words", [["scenarios"], ["parameters"], ["signals"]], ids=" ".join)
def test_a_list_for_people_has_one_line_for_each_row_and_a_head(words):
    assert len(told(*words).splitlines()) == len(data(*words)) + 1


def test_the_schema_takes_every_shipped_scenario_and_refuses_what_the_program_refuses():
    jsonschema.Draft202012Validator.check_schema(schema())
    check = jsonschema.Draft202012Validator(json.loads(told("schema")))
    for name in scenario_names():
        table = read_file(name, ())[0]
        assert not [e.message for e in check.iter_errors(table)], name
    for wrong in ("sett = 3", "set = 3", "steps_per_year = 7", '[set]\n"tasks.cognitive" = 3', "[hold]\noutput = 3"):
        assert list(check.iter_errors(parse(wrong, "wrong"))), wrong


def test_verify_prints_what_is_built_and_what_is_not_and_fails_with_a_case(monkeypatch):
    with monkeypatch.context() as patch:
        patch.delitem(study_verify.BUILT, "A107")
        patch.setitem(study_verify.PLANNED, "A107", ("stated", "A law that is still to come"))
        page = told("verify", "A20", "A107")
    assert "A20" in page and "1 cases pass, 0 fail" in page and "not built yet: A107" in page
    assert [row["id"] for row in data("verify", "A20")] == ["A20"]
    check = study_verify.Check("one and one", 3.0, 2.0)
    monkeypatch.setattr(study_verify, "verify", lambda ids: [study_verify.Result("A20", "exact", "", (check,), "fail")])
    assert "FAIL" in told("verify", code=1)


# ---------------------------------------------------------------- ends


def test_a_fault_of_the_program_is_one_line_and_debug_shows_where(monkeypatch):
    monkeypatch.setattr(jobs, "ready", lambda *words: 1 / 0)
    result = CliRunner().invoke(app, ["run", "base"])
    assert result.exit_code == 1 and result.stderr.count("\n") == 1 and "ZeroDivisionError" in result.stderr
    result = CliRunner().invoke(app, ["run", "base", "--debug"])
    assert result.exit_code == 1 and "Traceback" in result.stderr


def test_who_stops_reading_hears_nothing():
    command = f"{sys.executable} -m gigawatt parameters | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stdout.startswith("path") and done.stderr == ""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_run_ends_at_once_with_130_and_leaves_nothing(tmp_path, number):
    words = [sys.executable, "-m", "gigawatt", "run", "base", "--draws", "100000", "--out", "new"]
    env = os.environ | {"GIGAWATT_CACHE": "off"}
    running = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    while not os.listdir(tmp_path) and running.poll() is None:  # the draft of the folder: the run has begun
        time.sleep(0.05)
    time.sleep(1)
    running.send_signal(number)
    sent = time.monotonic()
    out, err = running.communicate(timeout=60)
    assert time.monotonic() - sent < 5
    assert (running.returncode, out, err) == (130, "", "Interrupted; nothing half-written is left.\n")
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("wait", [0.2, 0.6, 0.9, 1.2])
def test_an_interruption_while_packages_are_imported_is_neither_lost_nor_a_crash(tmp_path, wait):
    words = [sys.executable, "-m", "gigawatt", "run", "base", "--draws", "100000", "--out", "new"]
    running = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    time.sleep(wait)
    running.send_signal(signal.SIGTERM)
    _, err = running.communicate(timeout=60)
    # before Python has reached the first line of gigawatt, the system ends it
    assert running.returncode == 130 and "Interrupted" in err or running.returncode == -signal.SIGTERM
    assert os.listdir(tmp_path) == []
