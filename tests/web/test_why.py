"""Why, attribute and scoreboard: what the service says is what the studies say."""

import pytest

import gigawatt as gw
from gigawatt.study.attribution import attribute
from gigawatt.study.sensitivity import why

FEW = 64
BASE = {"scenario": "base", "draws": FEW, "until": "2027-12"}
SLOW = BASE | {"set": {"segments.speed": 0.3, "spending.capture": 0.3}}


@pytest.fixture(scope="module")
def scenario():
    return gw.load("base").change(end="2027-12", where="recipe")


def test_why_is_what_python_says(client, scenario):
    asked = {"recipe": BASE, "signal": "industry_revenue", "at": "2027-06"}
    told = client.post("/api/why", json=asked)
    assert told.status_code == 200, told.text
    found = why(scenario, "industry_revenue", at="2027-06", draws=FEW).to_dict()
    for key in ("base", "tornado", "indices", "signal", "at", "unit"):
        assert told.json()[key] == found[key], key


def test_attribution_is_what_python_says_and_adds_up(client, scenario):
    told = client.post("/api/attribute", json={"a": BASE, "b": SLOW, "signal": "industry_revenue"}).json()
    changed = scenario.change(set=SLOW["set"])
    found = attribute(scenario, changed, "industry_revenue", draws=FEW)
    assert (told["from"], told["to"]) == (found.start, found.end)
    assert [s["effect"] for s in told["steps"]] == [s.effect for s in found.steps]
    assert told["from"] + sum(s["effect"] for s in told["steps"]) + told["rest"] == pytest.approx(told["to"])
    assert {s["path"]: s["label"] for s in told["steps"]}["spending.capture"].startswith("Share of the value")


@pytest.mark.parametrize(
    ("path", "asked", "words"),
    [
        ("why", {"recipe": BASE, "signal": "nothing"}, "no signal 'nothing'"),
        ("why", {"recipe": BASE, "signal": "revenue"}, "give --label"),
        ("why", {"recipe": BASE, "at": "2031-01"}, "outside the run"),
        ("why", {"recipe": BASE | {"draws": 4}}, "would be noise"),
        ("attribute", {"a": BASE}, "b: Field required"),
        ("attribute", {"a": BASE, "b": SLOW, "label": "<script>"}, "leave --label out"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(client, path, asked, words):
    told = client.post(f"/api/{path}", json=asked)
    assert told.status_code == 422 and words in told.json()["error"], told.text


@pytest.mark.slow
def test_the_scoreboard_has_every_hindcast_and_the_ledger(client):
    told = client.get("/api/scoreboard").json()
    assert [b["name"] for b in told["hindcasts"]] == ["world", "buildout", "revenue"]
    assert told["all"]["coverage"].keys() == {"50", "90"} and told["ledger"][0]["p50"] > 0
