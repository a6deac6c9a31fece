"""Input that cannot be used: one line that names the place and the cure, exit code 2, nothing run and nothing left."""

from functools import partial

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from gigawatt import jobs
from gigawatt.cli import app
from gigawatt.core.errors import InputError
from gigawatt.core.path import Path
from gigawatt.core.result import FORMAT, save
from gigawatt.core.run import year_ends
from gigawatt.core.scenario import load
from gigawatt.core.scenario_file import KEYS, SCHEMA, apply

NUMBER = "belief.gain"  # any number of the base world without a label
YEARS = "order_up_to.lead"  # any in years
SHARE = "tasks.cognitive"  # any share


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty folder to work in, in which nothing may run."""
    monkeypatch.chdir(tmp_path)

    def run(*words, **named):
        raise AssertionError("the input was not refused before the run")

    monkeypatch.setattr(jobs, "run", run)
    return tmp_path


def refusal(*words):
    """What the command line says when it refuses these words."""
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1
    return result.stderr


OPTIONS = {
    "misspelt parameter": (["--set", "belief.gian=1"], "--set", "Did you mean 'belief.gain'?"),
    "parameter like no other": (["--set", "xyzzy=1"], "'xyzzy'", "`gigawatt parameters` lists them"),
    "above its bounds": (["--set", f"{SHARE}=3"], f"{SHARE}: 3", "allowed is 0 to 1"),
    "below its bounds": (["--set", f"{YEARS}=-1"], f"{YEARS}: -1", "allowed is"),
    "wrong unit": (["--set", f"{YEARS}=18 month"], YEARS, "in year, not in month: convert"),
    "not a number yet": (["--set", f"{NUMBER}=nan"], NUMBER, "give a finite number"),
    "infinite": (["--set", f"{NUMBER}=-inf"], NUMBER, "give a finite number"),
    "no number": (["--set", f"{NUMBER}=much"], "'much'", "write e.g. 1.5"),
    "no value": (["--set", NUMBER], NUMBER, "as in --set"),
    "set twice": (["--set", f"{NUMBER}=1", "--set", f"{NUMBER}=2"], NUMBER, "remove one"),
    "unknown label": (["--set", "start.revenue.OpenIA=3"], "OpenIA", "Did you mean 'start.revenue.OpenAI'?"),
    "lever on an unknown path": (["--lever", "beleif.gain=2027-01:1"], "beleif.gain", "Did you mean 'belief.gain'?"),
    "lever on an unknown label": (
        ["--lever", "order_up_to.committed.OpenIA=2027-01:1"],
        "OpenIA",
        "Did you mean 'OpenAI'?",
    ),
    "lever on a start value": (["--lever", "start.revenue=2027-01:1"], "start.revenue", "put it under [set]"),
    "lever without a month": (["--lever", f"{NUMBER}=2027:1"], "'2027'", "write YYYY-MM"),
    "lever without a value": (["--lever", f"{NUMBER}=2027-01"], "'2027-01'", "as in --lever"),
    "lever in month 13": (["--lever", f"{NUMBER}=2027-13:1"], "'2027-13'", "write YYYY-MM"),
    "lever at no number": (["--lever", f"{NUMBER}=2027-01:nan"], NUMBER, "finite number"),
    "lever out of bounds": (["--lever", f"{SHARE}=2027-01:7"], SHARE, "allowed is 0 to 1"),
    "hold of an unknown signal": (["--hold", "outptu=2027-01:1"], "outptu", "Did you mean 'output'?"),
    "hold out of bounds": (["--hold", "power=2027-01:-3"], "hold power", "allowed is 0 to"),
    "unknown mechanism": (["--use", "demand.Tend"], "'Tend'", "Did you mean 'Trend'?"),
    "unknown module": (["--use", "dmand.Trend"], "dmand", "write module.Class"),
    "no mechanism at all": (["--use", "x"], "'x'", "write module.Class"),
    "something that is no mechanism": (["--use", "shocks.Mechanism"], "Mechanism", "has no mechanism"),
    "bad date": (["--until", "2030"], "--until", "write YYYY-MM"),
    "end before begin": (["--until", "2020-01"], "--until", "give a later end"),
    "unknown signal to keep": (["--keep", "csh"], "'csh'", "Did you mean 'cash'?"),
    "no draws": (["--draws", "0"], "--draws", "greater than or equal to 1"),
    "draws in words": (["--draws", "ten"], "--draws", "valid integer"),
    "negative seed": (["--seed", "-1"], "--seed", "greater than or equal to 0"),
    "misspelt option": (["--drws", "5"], "--drws", "--draws"),
}


@pytest.mark.parametrize("words, where, cure", OPTIONS.values(), ids=OPTIONS)
def test_a_wrong_option_is_named_with_its_cure(words, where, cure):
    told = refusal("run", "base", *words)
    assert where in told and cure in told


FILES = {
    "truncated": ('title = "x"\nbase = "base"\n[set\n"belief', "mine.toml: not valid TOML", "line 3"),
    "an unknown key": ('base = "base"\nsett = 3\n', "mine.toml: unknown key 'sett'", "Did you mean 'set'?"),
    "a base that does not exist": ('base = "bsae"\n', "base of mine.toml", "Did you mean 'base'?"),
    "itself as its base": ('base = "mine.toml"\n', "bases form a cycle", "Change one 'base'"),
    "a month 13": ('base = "base"\nbegin = "2026-13"\n', "mine.toml: begin", "write YYYY-MM"),
    "an end before its begin": ('base = "base"\nend = "2025-01"\n', "mine.toml: end", "give a later end"),
    "no base and no mechanisms": ('title = "x"\n', "mine.toml: has no 'begin'", "give it"),
    "a number for a table": ('base = "base"\nset = 3\n', "'set' is no table", "write [set]"),
    "a number for a list": ('base = "base"\nuse = 3\n', "'use' is no list", "write use = ["),
    "an odd number of steps": ('base = "base"\nsteps_per_year = 7\n', "steps_per_year is 7", "use 12, 24 or 48"),
    "a range the wrong way": (
        f'base = "base"\n[set]\n"{NUMBER}" = {{ value = 1, range = [2, 1] }}\n',
        NUMBER,
        "outside its own range",
    ),
    "a lever without dates": (f'base = "base"\n[lever]\n"{NUMBER}" = 3\n', f"lever {NUMBER}", "give dated values"),
    "an older format": (f'base = "base"\nschema = {SCHEMA - 1}\n', f"{SCHEMA - 1} is older", "what changed with"),
    "a newer format": (f'base = "base"\nschema = {SCHEMA + 1}\n', f"{SCHEMA + 1} is not known", "update gigawatt"),
}


@pytest.mark.parametrize("text, where, cure", FILES.values(), ids=FILES)
def test_a_wrong_scenario_file_is_named_with_its_cure(place, text, where, cure):
    (place / "mine.toml").write_text(text)
    told = refusal("run", "mine.toml")
    assert where in told and cure in told


def test_a_cycle_of_bases_is_shown_whole(place):
    for name, base in (("a", "b"), ("b", "c"), ("c", "a")):
        (place / f"{name}.toml").write_text(f'title = "{name}"\nbase = "{base}.toml"\n')
    assert refusal("run", "a.toml").count(".toml") >= 4


@pytest.mark.parametrize(
    "words, cure",
    [
        (["run", "bse"], "Did you mean 'base'?"),
        (["run", "nothing.toml"], "check the path"),
        (["run", "base", "base"], "rename a file"),
        (["cite", "bse"], "Did you mean 'base'?"),
        (["signals", "--scenario", "bse"], "Did you mean 'base'?"),
        (["compare", "base", "bse"], "Did you mean 'base'?"),
        (["compare", "base", "growth_5x", "--year", "1999"], "choose one from 2026 to"),
        (["explain", "reveneu"], "Did you mean 'revenue'?"),
        (["explain", "start.revenue.OpenIA"], "Did you mean 'OpenAI'?"),
        (["verify", "A999"], "Did you mean"),
        (["rnu", "base"], "Did you mean 'run'?"),
        (["run"], "SCENARIO"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else "",
)
def test_a_wrong_name_is_answered_with_the_nearest(words, cure):
    assert cure in refusal(*words)


def test_an_existing_folder_is_refused_before_the_run_and_left_as_it_was(place):
    (place / "old").mkdir()
    (place / "old" / "result.nc").write_text("mine")
    assert "never overwritten: choose another --out" in refusal("run", "base", "--out", "old")
    assert (place / "old" / "result.nc").read_text() == "mine" and len(list(place.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_refused_before_the_run(place):
    (place / "file").write_text("in the way")
    assert "choose another --out" in refusal("run", "base", "--out", "file/new")


def test_wrong_input_leaves_no_folder_behind(place):
    refusal("run", "base", "--set", "belief.gian=1", "--out", "deep/new")
    assert not list(place.iterdir())


def small_result(**attrs):
    return xr.Dataset({"x": ("draw", np.arange(500.0))}, attrs={"recipe": "", "format": FORMAT} | attrs)


def test_a_result_cut_short_is_refused(place):
    save(small_result(), place / "result.nc")
    whole = (place / "result.nc").read_bytes()
    (place / "result.nc").write_bytes(whole[: len(whole) // 2])
    for words in (("again", "result.nc"), ("compare", "base", "result.nc")):
        told = refusal(*words)
        assert "result.nc" in told and "cut short: run it again" in told


def test_a_result_of_another_format_says_which_and_where_the_change_is_told(place):
    save(small_result(format=FORMAT - 1, gigawatt_version="0.0.1"), place / "result.nc")
    told = refusal("again", ".")
    said = (f"format {FORMAT - 1}", "gigawatt 0.0.1", f"what changed with {FORMAT}:", "Run it again")
    assert all(words in told for words in said)


def test_a_file_that_gigawatt_did_not_write_is_refused(place):
    save(xr.Dataset({"x": 1.0}), place / "other.nc")
    assert "not written by gigawatt" in refusal("compare", "base", "other.nc")


def test_a_folder_without_a_result_is_refused(place):
    assert "no result there" in refusal("again", ".")


# ---------------------------------------------------------------- whatever is typed

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
numbers = st.floats() | st.integers(-(2**63), 2**63 - 1)  # as far as TOML goes
with_unit = st.tuples(numbers, st.text(max_size=5)).map(lambda x: f"{x[0]} {x[1]}")
typed = st.text(max_size=20) | numbers.map(str) | with_unit


def taken_or_refused(work):
    """Any error but InputError passes through and fails the test; its message is for people."""
    try:
        work()
    except InputError as error:
        assert str(error)


@MANY
@given(typed, st.sampled_from([NUMBER, YEARS, SHARE, "start.revenue", "start.revenue.Meta"]))
def test_any_text_as_a_value_is_taken_or_refused(text, path):
    taken_or_refused(lambda: jobs.ready([jobs.changed("base", None, [f"{path}={text}"], None, None, None)], None))


@MANY
@given(st.text(max_size=40))
def test_any_text_as_an_option_is_taken_or_refused(text):
    for options in ((text, None, None, None), (None, [text], None, None), (None, None, [text], None)):
        taken_or_refused(lambda options=options: jobs.ready([jobs.changed("base", *options, None)], None))


@MANY
@given(st.dictionaries(st.text(max_size=8) | st.dates().map(str), numbers | st.text(max_size=4), max_size=3))
def test_any_dated_values_are_taken_or_refused(table):
    taken_or_refused(lambda: Path.read(table, "lever x").steps(year_ends(load("base"))))


leaves = numbers | st.booleans() | st.text(max_size=8) | st.dates()
words = st.sampled_from([NUMBER, "start", "start.revenue", "lab", "Meta", "value", "range", "source", "use", "2027-01"])
tables = partial(st.dictionaries, words | st.text(max_size=5), max_size=3)
toml = st.recursive(leaves, lambda x: st.lists(x, max_size=3) | tables(x), max_leaves=8)


@settings(MANY, max_examples=150)
@given(st.dictionaries(st.sampled_from(sorted(set(KEYS) - {"base"})), toml, min_size=1, max_size=3))
def test_any_scenario_file_is_taken_or_refused(table):
    taken_or_refused(lambda: jobs.ready([apply(load("base"), table, "mine.toml")], None))


def test_whatever_was_typed_the_refusal_stays_one_line():
    refusal("run", "base", "--set", "a\nb\x0c=1")
