"""Input that no plan can be made from: one line with place and cure, exit code 2, nothing planned and nothing left."""

import json
import re

import pytest
from typer.testing import CliRunner

from gigawatt.cli import app
from gigawatt.core.errors import InputError
from gigawatt.core.result import Folder
from gigawatt.core.scenario import load
from gigawatt.study import planner
from gigawatt.study.bet_file import bet_names, load_bet

WORLD = ("base", "--lab", "Anthropic")
BET = ("three_worlds",)
GOOD = """title = "mine"
margin = 3.0
cash = 3.0
existing = [1.0, 5.0, 0.0, 0.0]
existing_price = 1.0
[contract]
lead = 2
term = 2
price = 1.0
[worlds.fast]
probability = 0.4
demand = [1, 10, 100, 1000]
[worlds.slow]
probability = 0.6
demand = [1, 5, 25, 125]
"""
REGIMES = """title = "mine"
margin = 3.0
[contract]
lead = 1
term = 1
[regimes]
names = ["slow", "fast"]
growth = [1.0, 3.0]
first = [0.5, 0.5]
transition = [[0.5, 0.5], [0.5, 0.5]]
periods = 3
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def idle(monkeypatch):
    """Nothing may be planned."""

    def work(*words, **named):
        raise AssertionError("the input was not refused before the work")

    for name in ("plan_bet", "plan_world"):
        monkeypatch.setattr(planner, name, work)


def refusal(*words):
    """What `gigawatt plan` says when it refuses these words."""
    result = CliRunner().invoke(app, ["plan", *words])
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1
    return result.stderr


OPTIONS = {
    "no lab": (("base",), "--lab is missing", "One of OpenAI, Anthropic"),
    "misspelt lab": (("base", "--lab", "Antropic"), "--lab Antropic", "Did you mean 'Anthropic'?"),
    "lab like no other": (("base", "--lab", "xyzzy"), "--lab xyzzy", "One of OpenAI, Anthropic"),
    "misspelt bet": (("three_world",), "'three_world'", "Did you mean 'three_worlds'?"),
    "misspelt scenario": (("bse", "--lab", "Anthropic"), "'bse'", "Did you mean 'base'?"),
    "file that is not there": (("nothing.toml",), "nothing.toml", "check the path"),
    "lab of a bet": ((*BET, "--lab", "Anthropic"), "--lab Anthropic: 'three_worlds' is a bet", "leave it out"),
    "rivals of a bet": ((*BET, "--rivals", "naive"), "--rivals naive", "leave it out"),
    "discount of a bet": ((*BET, "--discount", "0.1"), "--discount 0.1", "leave it out"),
    "terminal years of a bet": ((*BET, "--terminal-years", "3"), "--terminal-years 3", "leave it out"),
    "two limits": ((*BET, "--ruin", "0.1", "--never-ruin"), "more than one of --ruin", "give one limit"),
    "two limits, one zero": ((*BET, "--ruin", "0", "--cvar", "0"), "more than one of --ruin", "give one limit"),
    "ruin above one": ((*WORLD, "--ruin", "1.5"), "--ruin 1.5", "between 0 and 1"),
    "ruin below zero": ((*BET, "--ruin", "-0.1"), "--ruin -0.1", "between 0 and 1"),
    "ruin in per cent": ((*BET, "--ruin", "5%"), "--ruin", "valid number"),
    "ruin that is no number": ((*WORLD, "--ruin", "nan"), "--ruin nan", "between 0 and 1"),
    "floor that is no number": ((*BET, "--cvar", "nan"), "--cvar nan", "finite"),
    "floor without end": ((*BET, "--cvar", "inf"), "--cvar inf", "finite"),
    "negative lead time": ((*WORLD, "--lead-months", "-3"), "--lead-months -3", "allowed is 0"),
    "lead time that is no number": ((*WORLD, "--lead-months", "nan"), "--lead-months nan", "finite"),
    "lead time of part of a period": ((*BET, "--lead-months", "7"), "--lead-months 7", "give 12, 24"),
    "term of part of a period": ((*BET, "--term-years", "1.5"), "--term-years 1.5", "give 1, 2, 3"),
    "no term": ((*BET, "--term-years", "0"), "--term-years 0", "give 1, 2, 3"),
    "term out of bounds": ((*WORLD, "--term-years", "100"), "contracts.term: 100 year", "allowed is"),
    "cash that is no number": ((*WORLD, "--cash", "nan"), "--cash nan", "finite"),
    "cash without end": ((*BET, "--cash", "inf"), "--cash inf", "finite"),
    "margin of one": ((*BET, "--margin", "1"), "--margin 1", "allowed is 0 to 0.99"),
    "negative discount": ((*WORLD, "--discount", "-0.1"), "--discount -0.1", "allowed is 0"),
    "misspelt rivals": ((*WORLD, "--rivals", "nave"), "--rivals nave", "Did you mean 'naive'?"),
    "few draws": ((*WORLD, "--draws", "3"), "--draws 3", "at least 64"),
    "negative seed": ((*WORLD, "--seed", "-1"), "--seed", "greater than or equal to 0"),
    "no such belief file": ((*WORLD, "--belief", "nothing.toml"), "--belief nothing.toml", "check the path"),
    "misspelt option": ((*BET, "--lead-month", "12"), "--lead-month", "--lead-months"),
}


@pytest.mark.parametrize("words, where, cure", OPTIONS.values(), ids=OPTIONS)
def test_a_wrong_option_is_named_with_its_cure(idle, words, where, cure):
    told = refusal(*words)
    assert where in told and cure in told


def put(old, new, text=GOOD):
    assert old in text
    return text.replace(old, new, 1)


FILES = {
    "probabilities that do not sum to one": (put("0.6", "0.7"), "probabilities sum to 1.1, not 1", "rescale them"),
    "a probability above one": (put("0.6", "1.6"), "world 'slow': probability 1.6", "give a number from 0 to 1"),
    "a negative probability": (put("0.6", "-0.6"), "world 'slow': probability -0.6", "give a number from 0 to 1"),
    "a probability in words": (put("0.6", '"most"'), "world 'slow': probability 'most'", "give a number"),
    "a probability that is no number": (put("0.6", "nan"), "world 'slow': probability nan", "give a number"),
    "an unknown key": (put("margin", "margn"), "unknown key 'margn'", "Did you mean 'margin'?"),
    "an unknown key of a contract": (put("term", "tern"), "'tern'", "allowed is lead, term, price"),
    "an unknown key of a world": (put("0.6", "0.6\nodds = 2"), "world 'slow'", "nothing else"),
    "worlds and regimes both": (GOOD + REGIMES[REGIMES.index("[reg") :], "", "give either [worlds] or [regimes]"),
    "neither worlds nor regimes": (GOOD[: GOOD.index("[worlds")], "", "give either [worlds] or [regimes]"),
    "worlds that are a number": (
        put("margin", "worlds = 3\nmargin", GOOD[: GOOD.index("[worlds")]),
        "worlds = 3",
        "give a table",
    ),
    "a world that is a number": (GOOD[: GOOD.index("[worlds")] + "[worlds]\na = 3\n", "world 'a'", "probability and"),
    "a world without demand": (put("demand = [1, 5, 25, 125]\n", ""), "world 'slow'", "give probability and demand"),
    "demand of other lengths": (put(", 125", ""), "lengths [3, 4]", "give one length"),
    "negative demand": (put("125", "-125"), "demand", "give >= 0"),
    "demand without end": (put("125", "inf"), "demand", "(else unbounded)"),
    "a negative price": (put("\nprice = 1.0", "\nprice = -1.0"), "price at signing period 0 is -1", "(unbounded)"),
    "a price without end": (put("\nprice = 1.0", "\nprice = inf"), "price at signing period 0 is inf", "finite"),
    "a negative lead time": (put("lead = 2", "lead = -2"), "lead -2", "at least 0"),
    "a lead time of part of a period": (put("lead = 2", "lead = 1.5"), "lead 1.5", "whole number of periods"),
    "no term": (put("term = 2", "term = 0"), "term 0", "at least 1"),
    "cash in words": (put("cash = 3.0", 'cash = "much"'), "cash = 'much'", "give a number"),
    "cash that is no number": (put("cash = 3.0", "cash = nan"), "cash nan", "finite"),
    "a title that is a number": (put('"mine"', "3"), "title = 3", "give a text"),
    "a contract that is a number": (
        "contract = 3\n" + GOOD.replace("[contract]\nlead = 2\nterm = 2\nprice = 1.0\n", ""),
        "contract = 3",
        "give [contract]",
    ),
    "no margin": (put("margin = 3.0\n", ""), "has no 'margin'", "give it"),
    "existing of another length": (put(", 0.0, 0.0]", "]"), "existing has 2 entries", "give one number or 4"),
    "a discount above one": (put("cash", "discount = 1.1\ncash"), "discount 1.1", "at most 1"),
    "a file cut short": (GOOD[: GOOD.index(", 25")], "not valid TOML", "it may be cut short"),
    "transitions that do not sum to one": (
        put("[[0.5, 0.5]", "[[0.5, 0.6]", REGIMES),
        "probabilities after regime 0 sum to 1.1",
        "sum to 1",
    ),
    "an unknown key of regimes": (put("first", "frst", REGIMES), "'frst'", "allowed is Markov regimes"),
    "too few names": (put('["slow", ', "[", REGIMES), "names = ['fast']", "give 2 names"),
    "too many names": (put('["slow", ', '["slow", "so", ', REGIMES), "names", "give 2 names"),
}


@pytest.mark.parametrize("text, where, cure", FILES.values(), ids=FILES)
def test_a_wrong_bet_is_named_with_its_cure(idle, place, text, where, cure):
    (place / "mine.toml").write_text(text)
    told = refusal("mine.toml")
    assert told.startswith("Error: mine.toml: ") and told.count("mine.toml") == 1
    assert where in told and cure in told


def test_the_bets_that_these_are_made_wrong_from_are_right(place):
    for text in (GOOD, REGIMES):
        (place / "mine.toml").write_text(text)
        assert load_bet("mine.toml").name == "mine"
    assert {load_bet(name).name for name in bet_names()} == set(bet_names())


@pytest.mark.parametrize("words", [("mine.toml",), (*BET, "--belief", "mine.toml"), (*WORLD, "--belief", "mine.toml")])
def test_a_file_that_is_no_text_is_refused(idle, place, words):
    (place / "mine.toml").write_bytes(GOOD.encode() + b"# \xff\n")
    assert "mine.toml: is not UTF-8 text: save it as UTF-8." in refusal(*words)


BELIEFS = {
    "chances that do not sum to one": (BET, "tenfold = 0.9", "probabilities sum to 1.5, not 1", "rescale them"),
    "an unknown world": (BET, "[worlds]\ntenfld = 0.4", "no world 'tenfld'", "Did you mean 'tenfold'?"),
    "a chance in words": (BET, 'tenfold = "high"', "world 'tenfold': probability 'high'", "give a number"),
    "worlds that are a number": (BET, "worlds = 3", "'worlds'", "write [worlds]"),
    "a belief cut short": (BET, "tenfold =", "--belief mine.toml: not valid TOML", "cut short"),
    "worlds of a bet without": (("boom_bust",), "bust = 0.5", "boom_bust: has regimes", "a file of your own"),
    "an unknown number": (WORLD, '[set]\n"belief.gian" = 1.0', "--belief: no parameter 'belief.gian'", "belief.gain"),
    "no number": (WORLD, '[set]\n"belief.gain" = nan', "--belief: belief.gain", "finite"),
    "margin out of reach": (
        (*WORLD, "--margin", "0.1"),
        '[set]\n"start.revenue.Anthropic" = 1000',
        "--margin 0.1: Anthropic would need",
        "give more than 0.9",
    ),
    "margin of a lab that sells nothing": (
        (*WORLD, "--margin", "0.1"),
        '[set]\n"start.revenue.Anthropic" = 0',
        "--margin 0.1: Anthropic has no revenue",
        "leave it out",
    ),
    "a number for a table": (WORLD, "set = 3", "'set' is no table", "write [set]"),
}


@pytest.mark.parametrize("words, text, where, cure", BELIEFS.values(), ids=BELIEFS)
def test_a_wrong_belief_is_named_with_its_cure(idle, place, words, text, where, cure):
    (place / "mine.toml").write_text(text)
    told = refusal(*words, "--belief", "mine.toml")
    assert where in told and cure in told


@pytest.mark.parametrize("limit", [("--never-ruin",), ("--ruin", "0.1"), ("--cvar", "1000")], ids=" ".join)
def test_a_limit_out_of_reach_names_the_cash_that_would_do(limit):
    told = refusal(*BET, "--cash", "-30", *limit)
    need = float(re.search(r"cannot be met from cash -30: start with at least (\S+)", told)[1])
    assert "start with at least" in refusal(*BET, "--cash", str(need - 0.01), *limit)
    found = CliRunner().invoke(app, ["plan", *BET, "--cash", str(need + 0.01), *limit, "--quiet"])
    assert (found.exit_code, found.output) == (0, "")


def test_solvers_that_disagree_are_told_in_a_line(monkeypatch):
    from gigawatt.study import plan_bet

    monkeypatch.setattr(plan_bet, "AGREE", -1.0)
    assert "solvers disagree on the neutral plan" in refusal(*BET)


def test_a_folder_that_exists_is_refused_before_the_work_and_left_as_it_was(idle, place):
    (place / "old").mkdir()
    (place / "old" / "memo.html").write_text("mine")
    assert "never overwritten: choose another --out" in refusal(*BET, "--out", "old")
    assert (place / "old" / "memo.html").read_text() == "mine" and len(list(place.iterdir())) == 1


def test_wrong_input_leaves_no_folder_behind(idle, place):
    refusal(*BET, "--ruin", "2", "--out", "new")
    assert not list(place.iterdir())


@pytest.mark.parametrize("limit", [(), ("--ruin", "0.3")], ids=["never ruin", "ruin"])
def test_json_is_strict_and_whole(limit):
    result = CliRunner().invoke(app, ["plan", *BET, *limit, "--json"])
    assert result.exit_code == 0 and result.stderr == ""
    found = json.loads(result.stdout, parse_constant=lambda x: pytest.fail(f"{x} is no JSON"))
    assert found["chosen"]["order"] == pytest.approx(90.0 if limit else 33.0)
    vss = found["information"]["planning for all worlds, not for their mean (VSS)"]
    assert vss is None if not limit else vss > 0.0  # no order for the mean avoids ruin: infinite, which JSON lacks
    assert set(found) >= {"neutral", "frontier", "worth", "regret", "fans", "policy", "flips", "checks", "caution_cost"}


def test_a_bet_that_is_run_is_sent_to_the_plan():
    with pytest.raises(InputError, match="'three_worlds' is a bet, not a scenario: use `gigawatt plan three_worlds`"):
        load("three_worlds")


def test_wrong_input_leaves_no_folders_behind(tmp_path):
    with pytest.raises(InputError), Folder(tmp_path / "deep/new"):
        raise InputError("wrong")
    assert list(tmp_path.iterdir()) == []
