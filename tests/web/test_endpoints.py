"""Every endpoint: what it answers, and that its numbers are those of Python and the command to the last digit."""

import csv
import io
import json
import tomllib
import zipfile

import numpy as np
import pytest
from typer.testing import CliRunner

import gigawatt as gw
from gigawatt.cli import app as commands
from gigawatt.core.run import kept
from gigawatt.core.scenario import Scenario, load
from gigawatt.study.catalogue import parameters, signals
from gigawatt.study.events import events
from gigawatt.study.explain import explain
from gigawatt.view.tables import headline
from gigawatt.web import shapes
from gigawatt.web.answer import LEVELS, histogram, quantiles
from gigawatt.web.controls import charts

FEW = 16
SET = {"contracts.lead": 2.0, "belief.gain": {"value": 1.5, "range": [1.0, 2.0]}}
RECIPE = {"scenario": "base", "set": SET, "draws": FEW, "seed": 3}
WANTED = ["industry_revenue", "revenue", "genius", "alive"]
LEVEL_NAMES = (*LEVELS, "mean")


@pytest.fixture(scope="module")
def told(client):
    """The answer to one recipe."""
    answer = client.post("/api/run", json={"recipe": RECIPE, "signals": WANTED, "at": "2030-12"})
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_constant=lambda x: pytest.fail(f"{x} is no JSON"))


@pytest.fixture(scope="module")
def result():
    return gw.run("base", FEW, 3, set=SET)


def test_numbers_are_those_of_python_to_the_last_digit(told, result):
    for name in WANTED:
        months = result.sizes["month"]
        means = result[name].values.mean(axis=0).reshape(months, -1)
        values = result[name].values.reshape(FEW, months, -1)
        for i, series in enumerate(told["signals"][name]["series"]):
            for quantile, level in LEVELS.items():
                assert series[quantile] == np.quantile(values[..., i], level, axis=0).tolist()
            assert series["mean"] == means[:, i].tolist()
    assert told["headline"] == headline(result)
    assert told["events"][0]["probability"] == events(result)[0].probability
    assert told["years"] == result["year"].values.tolist()


def test_numbers_are_those_of_the_command_to_the_last_digit(client):
    words = f"run base --draws {FEW} --seed 3 --set contracts.lead=2 --json --keep headlines"
    printed = CliRunner().invoke(commands, words.split())
    assert printed.exit_code == 0, printed.output
    (table,) = (found["table"] for found in json.loads(printed.stdout)["results"])
    names = kept(load("base").world(), None)
    recipe = {"set": {"contracts.lead": 2}, "draws": FEW, "seed": 3}
    found = client.post("/api/run", json={"recipe": recipe, "signals": names}).json()
    rows = [row for row in table if row["signal"] in names]
    assert len(rows) > 500
    for row in rows:
        series = next(s for s in found["signals"][row["signal"]]["series"] if s["label"] == row["lab"])
        december = found["months"].index(f"{row['year']}-12")
        for column in ("p05", "p50", "p95", "mean"):
            assert series[column][december] == row[column], row


def test_a_quick_look_has_the_same_draws_to_some_digits(client):
    """In 32 bits; the chance of an event may differ by a draw, since one can pass a threshold by a hair."""
    asked = {"recipe": {"draws": 200}, "signals": ["industry_revenue", "horizon", "power", "genius"]}
    full, quick = (client.post("/api/run", json=asked | {"quick": short}).json() for short in (False, True))
    assert quick["quick"] and not full["quick"]
    for name, found in full["signals"].items():
        for series, near in zip(found["series"], quick["signals"][name]["series"], strict=True):
            for level in LEVEL_NAMES:
                np.testing.assert_allclose(near[level], series[level], rtol=1e-3, atol=1e-6)
    assert quick["signals"]["horizon"]["series"][0]["p50"] != full["signals"]["horizon"]["series"][0]["p50"]
    for event, near in zip(full["events"], quick["events"], strict=True):
        assert near["probability"] == pytest.approx(event["probability"], abs=0.011)


def test_who_looks_ahead_waits_for_nobody_and_keeps_nobody_waiting(client, service, monkeypatch):
    asked = {"recipe": {"draws": 9}, "signals": ["genius"], "ahead": True}
    with monkeypatch.context() as patch:
        patch.setattr(type(service.worker), "busy", True)
        assert client.post("/api/run", json=asked).status_code == 409
    assert client.post("/api/run", json=asked).status_code == 200


def test_quantiles_are_numpys_and_so_are_those_of_one_draw():
    values = np.random.default_rng(1).lognormal(size=(37, 5))
    for some in (values, values[:1], values[:2]):
        found = quantiles(some)
        for name, level in LEVELS.items():
            assert found[name].tolist() == np.quantile(some, level, axis=0).tolist()


def test_a_histogram_counts_every_draw():
    values = np.random.default_rng(2).lognormal(sigma=3.0, size=500)
    for some in (values, -values, np.zeros(7), values[:1]):
        found = histogram(some)
        assert sum(found["counts"]) == len(some)
        assert len(found["edges"]) == len(found["counts"]) + 1
        assert found["edges"][0] == some.min() and found["edges"][-1] == some.max()


def test_growth_is_that_of_each_draw_over_twelve_months(client, result):
    """Quantiles of growth are not growth of quantiles; where a draw comes from nothing there is no number."""
    body = {"recipe": RECIPE, "signals": ["industry_revenue", "genius"], "at": "2030-12", "growth": True}
    told = client.post("/api/run", json=body).json()["signals"]
    levels = result["industry_revenue"].transpose("draw", "month").values
    series = told["industry_revenue"]["series"][0]
    assert told["industry_revenue"]["unit"] == "1/year"
    assert series["p50"][:12] == [None] * 12
    for quantile, level in LEVELS.items():
        np.testing.assert_allclose(
            series[quantile][12:], np.quantile(levels[:, 12:] / levels[:, :-12] - 1, level, axis=0)
        )
    assert sum(series["histogram"]["counts"]) == FEW
    assert set(told["genius"]["series"][0]["p50"]) == {None}


def test_what_binds_orders_is_shared_out_in_full(told):
    assert told["binding"]["names"] == ["chips", "power", "capital", "demand"]
    np.testing.assert_allclose(np.sum(told["binding"]["share"], axis=0), 1.0)


def test_the_histogram_of_a_month_comes_with_each_label(told):
    for series in told["signals"]["revenue"]["series"]:
        assert sum(series["histogram"]["counts"]) == FEW


def test_the_same_question_is_answered_from_what_is_kept(client, service, told, monkeypatch):
    monkeypatch.setattr(service, "run", lambda *args: pytest.fail("ran again"))
    again = client.post("/api/run", json={"recipe": RECIPE, "signals": WANTED, "at": "2030-12"}).json()
    assert again == told


def test_another_month_of_the_same_run_runs_nothing(client, told, monkeypatch):
    monkeypatch.setattr("gigawatt.web.service.run_arrays", lambda *args, **named: pytest.fail("ran again"))
    other = client.post("/api/run", json={"recipe": RECIPE, "signals": ["genius"], "at": "2029-06"})
    assert other.status_code == 200, other.text


def test_files_hold_the_same_numbers(client, told):
    asked = {"recipe": json.dumps(RECIPE), "signals": ",".join(WANTED)}
    same = client.get("/api/run.json", params=asked).json()
    assert all("histogram" not in s for s in same["signals"]["revenue"]["series"])
    text = client.get("/api/run.csv", params=asked).text
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    rows = list(csv.DictReader(lines))
    months = told["months"]
    for name in WANTED:
        for series in told["signals"][name]["series"]:
            mine = [r for r in rows if r["signal"] == name and r["label"] == series["label"]]
            assert [r["month"] for r in mine] == months
            for column in LEVEL_NAMES:
                assert [float(r[column]) for r in mine] == series[column]
    with zipfile.ZipFile(io.BytesIO(client.get("/api/run.zip", params=asked).content)) as archive:
        assert set(archive.namelist()) == {"run.csv", "run.json", "README.txt", "CITATION.cff", "recipe.toml"}
        assert archive.read("run.csv").decode() == text
        recipe = Scenario.of(archive.read("recipe.toml").decode())
        assert "not good for" in archive.read("README.txt").decode()
    run = gw.run(recipe, FEW, 3, keep=kept(recipe.world(), None))
    assert (
        np.quantile(run["industry_revenue"].values, 0.05, axis=0).tolist()
        == (told["signals"]["industry_revenue"]["series"][0]["p05"])
    )


def test_with_every_number_certain_only_luck_differs(client):
    def spread(certain):
        recipe = {"draws": FEW, "certain": certain}
        answer = client.post("/api/run", json={"recipe": recipe, "signals": ["price_of_capability", "it_power"]})
        found = answer.json()["signals"]
        return {n: s["series"][0]["p95"][-1] / s["series"][0]["p05"][-1] for n, s in found.items()}

    narrow, wide = spread(True), spread(False)
    assert all(1.0 <= narrow[name] < 0.5 * wide[name] for name in narrow)
    sure = gw.run("base", 4, certain=True)
    assert "every number at its value" in sure.attrs["title"]
    assert gw.again(sure, draws=4)["it_power"].equals(sure["it_power"])


def test_recipes_travel_as_toml_and_json(client):
    recipe = RECIPE | {"lever": {"order_up_to.lead": {"2027-01": 2.0}}, "until": "2032-12", "scenario": "amodei"}
    text = client.post("/api/toml", json={"recipe": recipe}).text
    assert tomllib.loads(text)["base"] == "amodei"
    assert f"--draws {FEW} --seed 3" in text
    back = client.post("/api/recipe", content=text).json()
    assert {k: back[k] for k in ("scenario", "set", "lever", "until")} == {
        k: recipe[k] for k in ("scenario", "set", "lever", "until")
    }
    same = client.post("/api/recipe", content=json.dumps(recipe)).json()
    assert all(same[k] == v for k, v in recipe.items())


def test_the_model_lists_what_there_is(client):
    found = client.get("/api/model").json()
    assert found["version"] == gw.__version__
    assert {s["name"] for s in found["signals"]} == {s["name"] for s in signals()}
    assert set(found["presets"]) <= {s["name"] for s in found["scenarios"]}
    assert found["charts"] == charts()
    assert found["not_good_for"] and found["milestones"]
    for control in [*found["levers"], *found["assumptions"]]:
        assert control["min"] <= control["low"] <= control["value"] <= control["high"] <= control["max"], control[
            "path"
        ]
        assert control["min"] < control["max"] and control["group"], control["path"]


def test_sources_hold_every_number(client):
    found = client.get("/api/sources").json()
    rows = {row["path"]: row for row in found["numbers"]}
    for row in parameters():
        mine = rows[row["path"]]
        assert (mine["value"], mine["unit"], mine["source"]) == (row["value"], row["unit"], row["source"])
        assert set(row["source"]) <= set(found["sources"])
    assert rows["contracts.lead"]["used_by"] == ["Contracts"]


def test_a_name_is_explained(client):
    cards = client.get("/api/explain", params={"name": "contracts.lead"}).json()
    assert [c["name"] for c in cards] == [c.name for c in explain("contracts.lead")]
    wrong = client.get("/api/explain", params={"name": "contracts.led"})
    assert wrong.status_code == 422 and "Did you mean 'contracts.lead'?" in wrong.json()["error"]


def test_a_bet_is_planned_at_once_as_by_the_command(client):
    found = client.post("/api/plan", json={"scenario": "three_worlds"}).json()
    printed = CliRunner().invoke(commands, ["plan", "three_worlds", "--json"])
    assert found == json.loads(printed.stdout)


def test_answers_have_the_shapes_that_the_schema_states(client, told):
    shapes.RunAnswer.model_validate(told)
    shapes.Health.model_validate(client.get("/api/health").json())
    shapes.ModelAnswer.model_validate(client.get("/api/model").json())
    shapes.Numbers.model_validate(client.get("/api/sources").json())
    for card in client.get("/api/explain", params={"name": "cash"}).json():
        shapes.Card.model_validate(card)
    stated = client.get("/openapi.json").json()
    for path, operations in stated["paths"].items():
        for operation in operations.values():
            assert operation["summary"] and operation["description"], path
            assert operation["responses"]["200"]["content"], path


def test_the_page_and_its_parts_are_files_of_the_package(client):
    page = client.get("/")
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    assert client.get("/", headers={"If-None-Match": page.headers["etag"]}).status_code == 304
    assert client.head("/").status_code == 200
    assert client.get("/api/health").json() == {"ok": True, "version": gw.__version__, "warm": False}
