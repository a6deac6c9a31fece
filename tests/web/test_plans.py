"""Plans in a world: a job beside, one at a time, that tells how far it is, and its answer kept."""

import io
import json
import sys
import time

import pytest

from gigawatt.core.errors import InputError
from gigawatt.web import plan_job, plans

ORDER = {"scenario": "base", "lab": "Anthropic"}


def stand_in(code):
    """A process in the place of the job, that reads what is asked as the job does."""
    return (sys.executable, "-c", f"import json, sys, time\ntold = json.load(sys.stdin)\n{code}")


def wait(client, id, until=lambda told: "progress" not in told):
    for _ in range(300):
        answer = client.get(f"/api/plan/{id}")
        if answer.status_code != 200 or until(answer.json()):
            return answer
        time.sleep(0.05)
    pytest.fail("the job did not end")


def test_a_job_tells_how_far_it_is_and_then_the_plan(client, monkeypatch):
    code = "print(json.dumps({'progress': [3, 7]}), flush=True)\ntime.sleep(0.5)\nprint(json.dumps({'plan': told}))"
    monkeypatch.setattr(plans, "JOB", stand_in(code))
    id = client.post("/api/plan", json=ORDER | {"limit": {"ruin": 0.1}, "draws": 128}).json()["job"]
    assert wait(client, id, lambda told: told.get("progress") == [3, 7]).json() == {"job": id, "progress": [3, 7]}
    other = client.post("/api/plan", json=ORDER | {"draws": 64})
    assert other.status_code == 503 and int(other.headers["retry-after"]) > 0
    told = wait(client, id).json()
    assert told == {"scenario": "base", "lab": "Anthropic", "ruin": 0.1, "never_ruin": False, "draws": 128, "seed": 0}
    assert client.post("/api/plan", json=ORDER | {"limit": {"ruin": 0.1}, "draws": 128}).json() == told


def test_a_job_that_fails_says_why(client, monkeypatch):
    monkeypatch.setattr(plans, "JOB", stand_in("print(json.dumps({'error': '--cash 1: too little.'}))"))
    id = client.post("/api/plan", json=ORDER | {"cash": 1.0}).json()["job"]
    assert wait(client, id).json() == {"error": "--cash 1: too little."}
    monkeypatch.setattr(plans, "JOB", stand_in("sys.exit(3)"))
    id = client.post("/api/plan", json=ORDER | {"cash": 2.0}).json()["job"]
    assert "ended without an answer" in wait(client, id).json()["error"]
    assert client.get("/api/plan/0123456789abcdef").status_code == 422


def test_what_cannot_be_planned_is_told_before_a_process_starts(client, monkeypatch):
    monkeypatch.setattr(plans, "JOB", ("/nonexistent",))
    for order in (
        {"scenario": "base"},
        ORDER | {"lab": "Acme"},
        ORDER | {"draws": 10},
        ORDER | {"belief": "/etc/passwd"},
    ):
        assert client.post("/api/plan", json=order).status_code == 422


class Answer:
    def to_dict(self):
        return {"order": 1.0}


def test_the_job_speaks_in_lines_of_json(monkeypatch, capsys):
    def made(scenario, progress, **rest):
        if scenario != "base":
            raise InputError("no such scenario.")
        progress(1, 2)
        return Answer()

    monkeypatch.setattr(plan_job, "plan", made)
    monkeypatch.setattr(plan_job, "lower_priority", lambda: None)
    for name, said in (
        ("base", [{"progress": [1, 2]}, {"plan": {"order": 1.0}}]),
        ("x", [{"error": "no such scenario."}]),
    ):
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"scenario": name})))
        plan_job.main()
        assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == said
