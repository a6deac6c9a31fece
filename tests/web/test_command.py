"""`gigawatt app`: says where the page is, ends cleanly, and tells in one line why it cannot begin."""

import base64
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from typer.testing import CliRunner

from gigawatt.cli import app
from gigawatt.web.serve import link

APP = (sys.executable, "-m", "gigawatt", "app")


def test_it_serves_this_machine_and_ends_when_told():
    with subprocess.Popen([*APP, "--port", "0"], stderr=subprocess.PIPE, text=True) as running:
        lines = []
        for line in running.stderr:
            lines.append(line)
            if line.startswith("The page:"):
                break
        address = lines[-1].split()[2]
        assert address.startswith("http://127.0.0.1:")
        assert any("500 draws of base" in line for line in lines)  # compiled before the first visitor
        with urllib.request.urlopen(f"{address}api/health") as answer:
            assert json.load(answer)["warm"]
            assert "server" not in answer.headers
        elsewhere = urllib.request.Request(f"{address}api/health", headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(elsewhere)
        assert refused.value.code == 421
        refused.value.close()
        running.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        rest = running.stderr.read()
        assert running.wait(20) == 130
        assert time.monotonic() - begin < 10
    assert rest.splitlines() == ["Interrupted; nothing half-written is left."]


def test_a_port_in_use_is_told_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = CliRunner().invoke(app, ["app", "--port", port])
    assert ended.exit_code == 2
    (line,) = ended.stderr.splitlines()
    assert port in line and "choose another --port" in line


@pytest.mark.parametrize("words", [["--scenario", "bse"], ["--scenario", "x.toml"], ["--host", "not a host"]])
def test_what_cannot_be_served_is_told_in_one_line(words):
    ended = CliRunner().invoke(app, ["app", "--port", "0", *words])
    assert ended.exit_code == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith("Error: ")


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "gigawatt.web.serve")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    ended = CliRunner().invoke(app, ["app"])
    assert ended.exit_code == 2
    (line,) = ended.stderr.splitlines()
    assert "pip install" in line and "gigawatt[web]" in line and "uvicorn" in line


def test_a_page_that_begins_elsewhere_is_a_share_link():
    assert link("base") == ""
    code = link("amodei").removeprefix("#")
    told = json.loads(base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)))
    assert told["r"] == {"scenario": "amodei"} and told["v"]
