"""Hostile requests: each gets a 4xx in one line, or 503; nothing is run, read, imported, kept or reflected."""

import json
import sys
import urllib.parse

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from gigawatt.core.errors import InputError
from gigawatt.web.app import create
from gigawatt.web.guard import BODY
from gigawatt.web.service import Service

SCRIPT = "<script>alert(1)</script>"


def one_line(answer, *codes):
    """The error of an answer: one line, under a status of `codes`."""
    assert answer.status_code in codes, (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert set(told) == {"error"} and "\n" not in told["error"] and "Traceback" not in told["error"]
    return told["error"]


def post(client, recipe, *codes, **more):
    content = json.dumps({"recipe": recipe, **more})
    answer = client.post("/api/run", content=content, headers={"Content-Type": "application/json"})
    return one_line(answer, *(codes or (422,)))


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400, '"nan"', "true", "[1]", "null"]
)
def test_what_is_no_number(client, value):
    body = f'{{"recipe": {{"set": {{"contracts.lead": {value}}}}}}}'
    one_line(client.post("/api/run", content=body, headers={"Content-Type": "application/json"}), 422)


@pytest.mark.parametrize(
    "recipe",
    [
        {"draws": 10_001},
        {"draws": 0},
        {"draws": 1.5},
        {"seed": -1},
        {"seed": 2**31},
        {"until": "2051-01"},
        {"until": "2036-01"},
        {"until": "2020-01"},
        {"until": "2030-13"},
        {"until": "٢٠٣٠-٠١"},
        {"set": {f"x{i}.y": 1.0 for i in range(201)}},
        {"set": {"contracts.lead": 1e300}},
        {"set": {"contracts.lead": -1.0}},
        {"set": {"contracts.lead": {"value": 2.0, "range": [3.0, 4.0]}}},
        {"set": {"contracts.lead": {"value": 2.0, "rnage": [1.0, 4.0]}}},
        {"set": {"contracts.lead": "2 parsec"}},
        {"set": {"contracts.lead": "e"}},
        {"set": {"contracts.lead.OpenAI": 2.0}},
        {"set": {"__class__.x": 1.0}},
        {"set": {SCRIPT: 1.0}},
        {"lever": {"order_up_to.lead": {}}},
        {"lever": {"order_up_to.lead": {"2027-01-32": 1.0}}},
        {"lever": {"start.cash": {"2027-01": 1.0}}},
        {"hold": {"nosuch": {"2027-01": 1.0}}},
        {"sett": {}},
    ],
    ids=str,
)
def test_a_recipe_that_cannot_be_meant(client, recipe):
    post(client, recipe)


@pytest.mark.parametrize(
    "name", ["../base", "base.toml", "/etc/passwd", "..%2fbase", "C:\\x", "base\x00", "", "b" * 65, SCRIPT]
)
def test_a_scenario_is_a_name_and_never_a_path(client, name):
    post(client, {"scenario": name})
    one_line(client.get("/api/model", params={"scenario": name}), 422)


@pytest.mark.parametrize(
    "name", ["os.system", "subprocess:Popen", "demand.Nothing", "antigravity:x", "split.Split; import os"]
)
def test_a_request_imports_nothing(client, name):
    assert "antigravity" not in sys.modules
    post(client, {"use": [name]})
    assert "antigravity" not in sys.modules


@pytest.mark.parametrize(
    "path",
    ["/assets/../app.py", "/assets/..%2f..%2fapp.py", "/assets/%2e%2e/app.py", "/assets//etc/passwd", "/static/app.py",
     "/assets/app.js%00.css", "/..%2f..%2fetc/passwd", "/assets/.", "/docs", "/api/plan/../../x"],
)  # fmt: skip
def test_no_path_leads_to_a_file(client, path):
    answer = client.get(path)
    assert answer.status_code in (404, 422), answer.text[:100]
    assert b"import" not in answer.content and b"root:" not in answer.content


def test_large_and_deep_bodies(client):
    large = client.post("/api/run", content=b"{" + b" " * BODY + b"}", headers={"Content-Type": "application/json"})
    one_line(large, 413)
    chunks = (b" " * 1000 for _ in range(BODY // 500))
    one_line(client.post("/api/recipe", content=chunks), 413)
    deep = b"[" * (BODY // 2)
    for path in ("/api/run", "/api/recipe", "/api/toml", "/api/plan"):
        one_line(client.post(path, content=deep, headers={"Content-Type": "application/json"}), 400, 422)
    one_line(client.post("/api/recipe", content=b"{" + b'"a":{' * 9000), 422)
    one_line(client.post("/api/recipe", content=b"[set" + b".a" * 20_000 + b"]\nx=1"), 422)
    one_line(client.post("/api/recipe", content=b"a = " + deep), 422)
    one_line(client.post("/api/recipe", content=b"\xff\xfe\x00"), 422)
    one_line(client.get("/api/run.json", params={"recipe": "[" * 10_000}), 422)
    assert client.get("/api/run.json?recipe=" + "x" * (40 << 10)).status_code == 414


def test_nothing_is_reflected_unescaped(client):
    asked = [
        client.get("/api/explain", params={"name": SCRIPT}),
        client.get("/api/run.json", params={"signals": SCRIPT}),
        client.get(f"/{urllib.parse.quote(SCRIPT)}"),
        client.post("/api/recipe", content=f'"{SCRIPT}" = 1'),
        client.post("/api/recipe", content=f"base = '{SCRIPT}'"),
        client.post("/api/recipe", content=f"[set]\n'{SCRIPT}' = 1.0"),
        client.post("/api/plan", json={"lab": SCRIPT}),
    ]
    for answer in asked:
        assert 400 <= answer.status_code < 500
        assert b"<script" not in answer.content
    titled = client.post("/api/recipe", content=f"title = '{SCRIPT}'\nbase = 'base'")
    assert titled.status_code == 200 and b"<script" not in titled.content  # a title is no part of a recipe
    plain = client.post("/api/toml", json={"recipe": {"set": {"contracts.lead": {"value": 1.5, "note": SCRIPT}}}})
    assert plain.headers["content-type"].startswith("application/toml")
    assert plain.headers["content-disposition"].startswith("attachment")


def test_every_answer_tells_browsers_what_they_may_do(client):
    for path in ("/", "/embed", "/api/health", "/api/nothing", "/assets/nothing", "/api/model"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy and "unsafe" not in policy
        assert ("frame-ancestors *" in policy) == (path == "/embed")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in answer.headers and "access-control-allow-origin" not in answer.headers


def test_what_breaks_inside_is_told_without_its_traceback(client, service, monkeypatch, caplog):
    monkeypatch.setattr(service, "answer", lambda *args, **how: 1 / 0)
    told = client.post("/api/run", json={"recipe": {}})
    line = one_line(told, 500)
    assert "ZeroDivisionError" in line and "division by zero" not in line
    assert told.headers["x-content-type-options"] == "nosniff"
    assert "Traceback" in caplog.text  # on the console


def test_a_run_that_would_not_fit_in_memory_is_refused(client, monkeypatch):
    monkeypatch.setattr("gigawatt.web.service.run_arrays", lambda *args, **named: pytest.fail("ran"))
    assert "at most" in post(client, {"draws": 10_000}, signals=["misuse", "genius"])


class Small(Service):
    """A service that cuts every run to a few draws."""

    def run(self, recipe, *args, **how):
        return super().run(recipe.model_copy(update={"draws": 1 + recipe.draws % 8}), *args, **how)


SMALL = Small()
FUZZED = schemathesis.openapi.from_asgi("/openapi.json", create(SMALL))
OPERATIONS = {found.ok().label: found.ok() for found in FUZZED.get_all_operations()}


@pytest.fixture(scope="module")
def compiled():
    """What the requests ask for most is compiled before: they wait for ten seconds only."""
    SMALL.warm_up("base", str)


@pytest.mark.parametrize("name", OPERATIONS)
def test_fuzzed_requests_never_break_the_service(name, monkeypatch, compiled):
    async def no_plan(self, id, order):
        self.state = {"job": id, "error": "not made in this test."}

    def no_study(*args, **named):
        raise InputError("not made in this test.")

    monkeypatch.setattr("gigawatt.web.plans.Plans.make", no_plan)
    for study in ("why", "attribute", "scoreboard"):  # they take seconds to minutes
        monkeypatch.setattr(f"gigawatt.web.why.{study}", no_study)

    @given(case=OPERATIONS[name].as_strategy())
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    def never(case):
        answer = case.call()
        assert answer.status_code < 500 or answer.status_code == 503, (case.as_curl_command(), answer.text)
        assert answer.headers["x-content-type-options"] == ["nosniff"]
        if answer.status_code >= 400:
            assert "\n" not in answer.json()["error"]

    never()
