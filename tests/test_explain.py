"""Names explained, references counted: everything a user meets can be asked about."""

import pytest

from gigawatt.core.entry import GRADES, entries, sources
from gigawatt.core.errors import InputError
from gigawatt.core.facts import facts
from gigawatt.core.mechanism import path_of
from gigawatt.core.result import provenance
from gigawatt.core.scenario import load
from gigawatt.study.catalogue import cite, parameters, shipped_mechanisms, signals
from gigawatt.study.explain import explain, use_name


def rows(name, what):
    """{question: answers} of the card of this kind."""
    (card,) = [c for c in explain(name) if c.what == what]
    found = {}
    for question, answer in card.rows:
        if question:
            answers = found.setdefault(question, [])
        answers.append(answer)
    return found


def test_a_number_comes_with_unit_range_grade_and_the_title_of_its_source():
    entry = next(e for e in entries().values() if e.uncertain and e.source and e.path == "order_up_to.long_run")
    card = rows("order_up_to.long_run", "parameter")
    assert card["unit"] == [entry.unit] and card["grade"] == [entry.grade] and card["read by"] == ["OrderUpTo"]
    assert f"{entry.low:g} to {entry.high:g}" in card["range"][0] and entry.shape in card["range"][0]
    assert sources()[entry.source[0]].title in card["source"][0]


def test_a_label_is_explained_alone_and_its_number_with_all_labels(base_world):
    alone, whole = rows("start.revenue.Meta", "start value"), rows("start.revenue", "start value")
    assert "Meta" in alone and "OpenAI" not in alone
    assert set(base_world.axes["lab"]) <= set(whole)


def test_a_signal_names_its_giver_and_its_readers_of_this_month_and_later(base_world):
    listed = {row["name"]: row for row in signals()}
    for name in list(base_world.signals)[::3]:
        card = rows(name, "signal")
        assert card["given by"][0].startswith(listed[name]["given_by"])
        assert card.get("read by", [""])[0] == ", ".join(listed[name]["read_by"])
        assert bool(listed[name]["read_later_by"]) == ("read later by" in card)
    assert set(base_world.remembers) <= {name for name, row in listed.items() if row["read_later_by"]}


def test_a_mechanism_is_found_by_each_of_its_names_and_knows_what_can_take_its_place():
    cards = [rows(name, "mechanism") for name in ("spending", "Spending", "demand.Spending")]
    assert cards[0] == cards[1] == cards[2]
    assert cards[0]["in use"] == ["yes, in scenario base"] and "demand.Trend" in cards[0]["instead of it"][0]
    assert rows("demand.Trend", "mechanism")["in use"] == ["no, in scenario base"]


def test_a_name_with_two_meanings_gets_two_cards():
    assert {c.what for c in explain("power")} == {"signal", "mechanism"}


def test_a_number_of_a_law_that_is_not_in_use_says_so():
    (card,) = explain("trend.growth_at_scale")
    assert ("read by", "no mechanism of scenario base") in card.rows


def test_a_source_and_a_claim_name_the_numbers_that_rest_on_them():
    paths = {row["source"][0]: row["path"] for row in parameters() if row["source"]}
    keys = list(paths)[::10] + [next(key for key in paths if key.startswith("fact:"))]
    for key in keys:
        assert paths[key] in rows(key, "claim" if key.startswith("fact:") else "source")["numbers"]


def test_everything_that_ships_can_be_explained():
    names = [*shipped_mechanisms(), *map(use_name, shipped_mechanisms().values()), *list(sources())[::10]]
    for name in [*names, *list(facts())[::20], *list(entries())[::20]]:
        assert all(str(card).startswith(card.name) for card in explain(name))


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'revenue'"):
        explain("reveneu")


def test_every_number_and_signal_says_what_it_means(base_world):
    assert all(row["meaning"] and row["unit"] for row in [*parameters(), *signals()])
    assert {path_of(type(m)) for m in base_world.mechanisms} <= set(shipped_mechanisms())


def test_references_count_each_number_once_under_its_grade(base_world):
    found = cite("base")
    assert found.grades == {g: n for g in GRADES if (n := provenance(load("base"), base_world)[0].get(g))}
    assert ", ".join(f"{n} {g}" for g, n in found.grades.items()) == found.summary
    assert {r.key for r in found.references} == set(provenance(load("base"), base_world)[1])
    counts = [r.numbers for r in found.references]
    assert counts == sorted(counts, reverse=True) and not [r for r in found.references if r.text.startswith("not in")]


def test_a_number_that_is_set_is_judgement_until_it_brings_its_source():
    path, grade = next((e.path, e.grade) for e in entries().values() if e.grade == "measured" and e.path in paths())
    before, after = cite("base"), cite(load("base").change(set={path: entries()[path].value}))
    assert after.grades[grade] == before.grades[grade] - 1
    assert after.grades["judgement"] == before.grades["judgement"] + 1


def paths():
    return {row["path"] for row in parameters()}
