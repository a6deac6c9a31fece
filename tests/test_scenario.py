"""Scenario files: differences that add up, and one line for whatever cannot be used."""

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigawatt.core.entry import sources
from gigawatt.core.errors import InputError
from gigawatt.core.facts import facts
from gigawatt.core.mechanism import entries_for, gives
from gigawatt.core.path import Path
from gigawatt.core.run import kept, run, year_ends
from gigawatt.core.scenario import Scenario, load
from gigawatt.core.scenario_file import KEYS, find_mechanism, scenario_names
from gigawatt.core.schema import schema

BASE = load("base")


def written(folder, text, name="mine.toml"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return str(file)


# --- what ships -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", scenario_names())
def test_a_shipped_scenario_builds_says_what_it_is_and_names_its_sources(name):
    found = load(name)
    assert found.title and found.source
    assert found.chain[-1] == name
    found.world()
    for key in (*found.source, *(k for e in found.set.values() for k in e.source)):
        assert key in sources() or key.removeprefix("fact:") in facts(), key


@pytest.mark.parametrize("name", scenario_names())
def test_a_recipe_gives_the_scenario_back(name):
    found = load(name)
    again = Scenario.of(found.recipe())
    assert again == found
    assert again.recipe() == found.recipe()


@pytest.mark.parametrize("name", scenario_names())
def test_a_shipped_scenario_fits_the_schema_that_editors_use(name):
    import tomllib
    from importlib import resources

    text = resources.files("gigawatt").joinpath("scenarios", f"{name}.toml").read_text(encoding="utf-8")
    jsonschema.validate(tomllib.loads(text), schema())


def test_the_schema_refuses_a_misspelt_key_and_a_word_for_a_date():
    for wrong in ({"tilte": "x"}, {"lever": {"spending.noise": {"soon": 1.0}}}, {"steps_per_year": 13}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema())


# --- differences ------------------------------------------------------------------------------------


def test_a_file_changes_its_base_and_a_file_on_top_changes_that(tmp_path):
    written(
        tmp_path, 'base = "base"\nend = "2030-12"\n[set]\n"spending.noise" = 0.1\n"spending.memory" = 2.0', "a.toml"
    )
    b = load(written(tmp_path, 'title = "B"\nbase = "a.toml"\n[set]\n"spending.noise" = 0.2', "b.toml"))
    assert b.chain == ("base", "a", "b")
    assert (b.title, b.end, b.name) == ("B", "2030-12", "b")
    assert {p: e.value for p, e in b.set.items()} == {"spending.noise": 0.2, "spending.memory": 2.0}


def test_nested_tables_and_dotted_paths_say_the_same(tmp_path):
    dotted = load(written(tmp_path, 'base = "base"\n[set]\n"start.revenue.OpenAI" = 5.0', "a.toml"))
    nested = load(written(tmp_path, 'base = "base"\n[set.start.revenue]\nOpenAI = 5.0', "b.toml"))
    assert {p: e.value for p, e in dotted.set.items()} == {p: e.value for p, e in nested.set.items()}


def test_one_value_for_all_labels_replaces_values_by_label_and_a_later_label_replaces_that():
    labels = BASE.world().axes["lab"]
    for_all = BASE.change({"start.revenue.OpenAI": 9.0}).change({"start.revenue": 4.0})
    assert for_all.world().get("start.revenue").tolist() == [4.0] * len(labels)
    one = for_all.change({f"start.revenue.{labels[1]}": 7.0})
    assert one.world().get("start.revenue").tolist() == [4.0, 7.0] + [4.0] * (len(labels) - 2)


def test_a_number_may_carry_its_unit():
    assert BASE.change({"contracts.lead": "2 year"}).set["contracts.lead"].value == 2.0
    with pytest.raises(InputError, match="contracts.lead: is in year, not in month: convert"):
        BASE.change({"contracts.lead": "24 month"})


def test_a_value_is_certain_and_a_range_is_drawn():
    certain = BASE.change({"contracts.lead": 2.0}).set["contracts.lead"]
    ranged = BASE.change({"contracts.lead": {"value": 2.0, "range": [1.5, 3.0]}}).set["contracts.lead"]
    assert not certain.uncertain and ranged.uncertain
    back = BASE.change({"contracts.lead": 2.0}).change({"contracts.lead": {"value": 2.0, "range": [1.5, 3.0]}})
    assert back.set["contracts.lead"].uncertain


def test_changed_numbers_say_who_changed_them_and_lose_the_old_source():
    e = BASE.change({"contracts.lead": 2.0}).set["contracts.lead"]
    assert (e.grade, e.source, e.place) == ("judgement", (), "set in --set")


def test_a_law_named_in_use_takes_the_place_of_its_rival():
    other = BASE.change(use=["demand.Trend"])
    assert "demand.Trend" in other.use and "demand.Spending" not in other.use
    assert other.use.index("demand.Trend") == BASE.use.index("demand.Spending")


def test_levers_and_holds_by_label_leave_the_other_labels_free():
    some = BASE.change(
        lever={"rounds.backing.Meta": {"2027-01": 3.0}}, hold={"share.xAI": {"2026-02": 0.1, "2026-12": 0.2}}
    )
    world = some.world()
    lever = some.levers(world, year_ends(some))["rounds.backing"]
    at = world.axes["lab"].index("Meta")
    assert np.isnan(lever[:12]).all() and np.isnan(np.delete(lever, at, axis=1)).all()
    assert np.all(lever[12:, at] == 3.0)
    hold = some.holds(world, year_ends(some))["share"]
    assert np.isfinite(hold[:, world.axes["lab"].index("xAI")]).sum() == 11


def test_a_hold_comes_out_as_it_was_put_in():
    held = run("base", 2, keep="output", hold={"output": {"2026-02": 1e5, "2027-02": 2e5}}, until="2027-06")
    np.testing.assert_allclose(held["output"][:, :13], np.linspace(1e5, 2e5, 13)[None].repeat(2, 0))


def test_the_horizon_is_a_whole_number_of_steps():
    assert (BASE.steps, BASE.change(end="2026-01").steps) == (120, 1)


def test_signals_to_keep_come_in_the_order_of_the_world():
    world = BASE.world()
    assert kept(world, ["spending", "power"]) == ("power", "spending")
    assert kept(world, "all") == tuple(world.signals)
    assert set(kept(world, None)) < set(world.signals)


# --- mistakes ---------------------------------------------------------------------------------------

ON_BASE = 'base = "base"\n'
A_SET, A_LEVER = ON_BASE + "[set]\n", ON_BASE + "[lever]\n"
FILES = {
    "unknown key 'tilte'. Did you mean 'title'?": 'tilte = "x"\nbase = "base"',
    "has no 'title': give it, or write base = 'base'": 'begin = "2026-01"',
    "not valid TOML": 'title = "x',
    "it may be cut short": "[set]\n'spending.noise' = ",
    "no scenario 'bsae' (base of mine.toml). Did you mean 'base'?": 'base = "bsae"',
    "its bases form a cycle": 'base = "mine.toml"',
    "nowhere.toml: cannot be read": 'base = "nowhere.toml"',
    "scenario format 99 is not known": 'schema = 99\nbase = "base"',
    "end 2020-12 is before begin 2026-01": ON_BASE + 'end = "2020-12"',
    "'soon' is not a date: write YYYY-MM": ON_BASE + 'end = "soon"',
    "'2026-13' is not a date": ON_BASE + 'end = "2026-13"',
    "steps_per_year is 13: use 12, 24 or 48": ON_BASE + "steps_per_year = 13",
    "no parameter 'spending.nosie'. Did you mean 'spending.noise'?": A_SET + '"spending.nosie" = 1.0',
    "no parameter 'start.revenue.OpenIA'. Did you mean": A_SET + '"start.revenue.OpenIA" = 1.0',
    "nan is not a usable value": A_SET + '"spending.noise" = nan',
    "'much' is not a number": A_SET + '"spending.noise" = "much"',
    "-1 1/sqrt(year) is out of bounds: allowed is 0 to": A_SET + '"spending.noise" = -1.0',
    "1.5 share is out of bounds: allowed is 0 to 1": A_SET + '"spending.capture" = 1.5',
    "belongs to 'trend', which this scenario does not use": A_SET + '"trend.delay" = 1.0',
    "no such name. Did you mean 'spending.noise'? `gigawatt parameters` lists them": A_LEVER
    + '"spending.nose" = { 2026-01 = 1.0 }',
    "no such name. Did you mean 'output'? `gigawatt signals` lists them": ON_BASE
    + "[hold]\noutptu = { 2026-01 = 1.0 }",
    "no label 'Regulated'. Did you mean 'regulated'?": A_LEVER + '"segments.gate.Regulated" = { 2026-01 = 1 }',
    "give dated values": A_LEVER + '"spending.noise" = 3',
    "'2026-02-31' is not a date": A_LEVER + '"spending.noise" = { 2026-02-31 = 1.0 }',
    "lever start.revenue: a start value counts before the first month only: put it": A_LEVER
    + '"start.revenue" = { 2027-01 = 1.0 }',
    "'inf' at 2026-01 is not a finite number": A_LEVER + '"spending.noise" = { 2026-01 = inf }',
    "no module 'gigawatt.mechanisms.demnad'": ON_BASE + 'use = ["demnad.Trend"]',
    "has no mechanism 'Trned'. Did you mean 'Trend'?": ON_BASE + 'use = ["demand.Trned"]',
    "use = 'Trend': ": ON_BASE + 'use = ["Trend"]',
    "add before 'splt': no such mechanism. Did you mean 'split'?": (
        ON_BASE + 'add = [{ use = "demand.Trend", before = "splt" }]'
    ),
    "A' has no entry: give value, unit, source and grade": ON_BASE + '[axes]\nlab = ["A", "B"]',
}


def used(file):
    """All that happens to a scenario before its first month."""
    found = load(file)
    world = found.world()
    found.levers(world, year_ends(found))
    found.holds(world, year_ends(found))
    return found


@pytest.mark.parametrize("says", FILES)
def test_a_mistake_in_a_file_gives_one_line_with_place_and_cure(tmp_path, says):
    file = written(tmp_path, FILES[says])
    with pytest.raises(InputError) as error:
        used(file)
    message = str(error.value)
    assert says in message
    assert "\n" not in message


VALUES = [
    "3",
    "3.5",
    "true",
    '"x"',
    '""',
    "[]",
    "[3]",
    '["x"]',
    "{}",
    "{ x = 3 }",
    "nan",
    "2026-01-01",
    "[[3]]",
    '{ x = "y" }',
]


@pytest.mark.parametrize("key", KEYS)
def test_a_value_of_any_shape_is_used_or_answered_in_one_line(tmp_path, key):
    for value in VALUES:
        text = f"{key} = {value}" if key == "base" else f'base = "base"\n{key} = {value}'
        try:
            used(written(tmp_path, text))
        except InputError as error:
            assert "\n" not in str(error), (key, value)
        except Exception as error:
            raise AssertionError(f"{key} = {value} gives {type(error).__name__}: {error}") from error


@pytest.mark.parametrize("name", ["nonsense", "../base", "", "base ", "Base", "missing.toml", "mechanisms:demand.toml"])
def test_an_unknown_scenario_is_answered_by_how_to_find_one(name):
    with pytest.raises(InputError) as error:
        load(name)
    assert "gigawatt scenarios" in str(error.value) or "check the path" in str(error.value)


@given(st.text(alphabet="abc.:_/ -", max_size=12))
@settings(max_examples=60, deadline=None)
def test_any_name_of_a_mechanism_is_found_or_answered(name):
    with pytest.raises(InputError, match="use = "):
        find_mechanism(name)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"draws": 0}, "draws is 0: give at least 1"),
        ({"seed": -1}, "seed is -1: give a whole number from 0"),
        ({"keep": "spendng"}, "no signal 'spendng'. Did you mean 'spending'?"),
        ({"set": {"spending.nosie": 1.0}}, "no parameter 'spending.nosie'"),
        ({"until": "2025-12"}, "end 2025-12 is before begin"),
        ({"use": ["growth.Nothing"]}, "has no mechanism 'Nothing'"),
        ({"scenario": "bas"}, "no scenario 'bas'. Did you mean 'base'?"),
    ],
)
def test_a_mistake_in_a_call_gives_one_line_before_anything_runs(options, says):
    with pytest.raises(InputError) as error:
        run(**{"scenario": "base", "draws": 1, **options})
    assert says in str(error.value)
    assert "\n" not in str(error.value)


# --- a user's own mechanism ---------------------------------------------------------------------------

OWN = '''
from gigawatt.core.mechanism import Mechanism, Signals, signal
from gigawatt.core.units import bn_USD_per_year, Number
from gigawatt.mechanisms.growth import Output

class Steady(Mechanism):
    """Output stays where it is."""
    Out = Output.Out
    begins = ("gain", "gain_at_start")
    def begin(self):
        return {"gain": 1.0, "gain_at_start": 1.0}
    def __call__(self, *, prev_output: bn_USD_per_year):
        return self.Out(output=prev_output, output_growth=0.0, gain=1.0, gain_at_start=1.0)

class Intensity(Mechanism):
    """Revenue over output."""
    class Out(Signals):
        intensity: Number = signal("Industry revenue per output")
    def __call__(self, *, industry_revenue: bn_USD_per_year, output: bn_USD_per_year) -> Out:
        return self.Out(intensity=industry_revenue / output)
'''


def test_a_users_module_replaces_and_adds_mechanisms_in_a_scenario(tmp_path, monkeypatch):
    written(tmp_path, OWN, "mymodel.py")
    monkeypatch.syspath_prepend(tmp_path)
    text = (
        'title = "Own"\nbase = "base"\nend = "2026-06"\nuse = ["mymodel:Steady"]\nadd = [{ use = "mymodel:Intensity" }]'
    )
    result = run(written(tmp_path, text), 3, keep=["output", "industry_revenue", "intensity"])
    assert np.all(result["output"] == result["output"][:, :1])
    np.testing.assert_allclose(result["intensity"], result["industry_revenue"] / result["output"])
    assert result["intensity"].attrs["given_by"] == "Intensity"
    assert "mymodel:Steady" in load(str(tmp_path / "mine.toml")).use
    assert set(gives(find_mechanism("mymodel:Intensity"))) == {"intensity"}


# --- paths --------------------------------------------------------------------------------------------

dates = st.dictionaries(
    st.builds("{}-{:02d}".format, st.integers(2026, 2035), st.integers(1, 12)),
    st.floats(-1e3, 1e3),
    min_size=1,
    max_size=5,
)


@given(dates)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_lever_takes_only_the_values_it_was_given_and_the_last_one_stays(table):
    steps = Path.read(table, "here").steps(year_ends(BASE))
    assert set(steps[np.isfinite(steps)]) <= set(table.values())
    assert steps[-1] == table[max(table)]
    first = min(table)
    assert np.isnan(steps).sum() == (int(first[:4]) - 2026) * 12 + int(first[5:]) - 1


def test_at_its_values_a_scenario_holds_no_uncertain_number_and_the_same_world():
    """A label's own number stays its own, however the others of its kind are given."""
    changed = load("base").change(set={"training.run_share.Others": 0.01})
    sure, before = changed.at_values(), changed.world()
    for scenario in (sure, Scenario.of(sure.recipe())):
        world, table = scenario.world(), scenario.table
        for path, kind in world.numbers().items():
            assert not any(e.uncertain for e in entries_for(path, kind, world.axes, table)), path
            assert np.array_equal(world.get(path), before.get(path)), path
    assert sure.title.endswith("every number at its value")
