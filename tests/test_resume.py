"""A long run that was stopped goes on where it stopped, and ends with the same last digit."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import xarray as xr

from gigawatt.core import run as core
from gigawatt.core.parts import Parts
from gigawatt.core.result import open_result
from gigawatt.core.run import run

KEEP = ("cash", "industry_revenue")
DRAWS = 40
CHUNK = 8


@pytest.fixture(scope="module")
def whole():
    return again()


def again(parts=None, draws=DRAWS, seed=0, keep=KEEP, **options):
    return run("base", draws, seed, keep=keep, chunk=CHUNK, resume=parts, until="2026-06", **options)


class Stop(Exception):
    pass


def stopped(folder, tell=list().append, **options):
    """A run that somebody stops after three of its five chunks."""

    def stop(done, of):
        if done >= 24:
            raise Stop

    with pytest.raises(Stop), Parts(folder, tell, patience=0.0) as parts:
        again(parts, progress=stop, **options)
    return kept(folder)


def kept(folder):
    return {file.stem for file in folder.glob("*/*/*.npz")}


def simulated(monkeypatch):
    """Chunks that are simulated from now on, by their first draw."""
    found, real = [], core.run_chunk

    def counted(world, samples, draws, *rest, **named):
        found.append(int(draws[0]))
        return real(world, samples, draws, *rest, **named)

    monkeypatch.setattr(core, "run_chunk", counted)
    return found


def test_a_stopped_run_goes_on_with_the_same_last_digit(tmp_path, whole, monkeypatch):
    folder, told, seen = tmp_path / "parts", [], []
    there = stopped(folder, told.append)
    assert {"8", "16"} <= there and "go" in told[-1]
    done = simulated(monkeypatch)
    with Parts(folder, patience=0.0) as parts:
        xr.testing.assert_identical(again(parts, progress=lambda done, of: seen.append(done)), whole)
    assert sorted(done) == sorted({0, 8, 16, 24, 32} - {int(first) for first in there})
    assert seen[-1] == DRAWS and not folder.exists()


@pytest.mark.parametrize(
    "other",
    [{"seed": 1}, {"draws": 39}, {"set": {"stall.hazard": 0.9}}, {"certain": True}],
    ids=lambda other: str(*other),
)
def test_what_another_run_kept_is_not_used(tmp_path, monkeypatch, other):
    stopped(tmp_path)
    done, told = simulated(monkeypatch), []
    found = again(Parts(tmp_path, told.append), **other)
    assert sorted(done) == [0, 8, 16, 24, 32]
    # another scenario name has a place of its own; what lies under the same name is told of
    assert ["not used" in line for line in told] == ([] if {"set", "certain"} & set(other) else [True])
    xr.testing.assert_identical(found, again(**other))


def test_other_laws_find_nothing_even_under_the_same_version(tmp_path, monkeypatch):
    stopped(tmp_path)
    done, real, told = simulated(monkeypatch), core.run_chunk, []
    monkeypatch.setattr(core, "run_chunk", lambda *a, **k: {n: x * (1 + 1e-15) for n, x in real(*a, **k).items()})
    again(Parts(tmp_path, told.append))
    assert sorted(done) == [0, 8, 16, 24, 32] and "not used" in told[0]


@pytest.mark.parametrize("damage", ["cut short", "empty", "one byte"])
def test_a_damaged_part_is_told_and_simulated_again(tmp_path, whole, monkeypatch, damage):
    stopped(tmp_path)
    (part,) = tmp_path.glob("*/*/8.npz")
    content = bytearray(part.read_bytes())
    content[len(content) // 3] ^= 1
    part.write_bytes({"cut short": content[: len(content) // 2], "empty": b"", "one byte": content}[damage])
    done, told = simulated(monkeypatch), []
    xr.testing.assert_identical(again(Parts(tmp_path, told.append)), whole)
    assert 8 in done and 16 not in done
    assert told[1:] == [f"{part}: damaged, these draws are simulated again."]


def test_a_short_run_keeps_nothing(tmp_path):
    with pytest.raises(Stop), Parts(tmp_path / "parts") as parts:
        again(parts, progress=lambda done, of: stop_at_once())
    assert not list(tmp_path.iterdir())


def stop_at_once():
    raise Stop


def test_where_nothing_can_be_kept_the_run_goes_on_and_says_so_once(tmp_path, whole, monkeypatch):
    def full(*words, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    told = []
    with Parts(tmp_path, told.append, patience=0.0) as parts:
        xr.testing.assert_identical(again(parts), whole)
        assert kept(tmp_path) == set() and not list(tmp_path.glob("*/*/*"))
    assert [line for line in told if "No space left" in line and "goes on" in line] == told != []


def test_two_runs_may_share_a_folder(tmp_path, whole):
    with Parts(tmp_path / "parts", patience=0.0) as first:
        with Parts(tmp_path / "parts", list().append, patience=0.0) as second:
            xr.testing.assert_identical(again(second), whole)
        xr.testing.assert_identical(again(first), whole)


@pytest.mark.slow
def test_a_killed_command_goes_on_and_writes_what_an_uninterrupted_one_does(tmp_path):
    """kill -9 half-way: the same command takes what is there, writes the same numbers and leaves nothing else."""
    words = ["run", "base", "--draws", "4000", "--keep", "industry_revenue", "--until", "2030-12", "--out"]
    code = "from gigawatt import jobs, cli; jobs.Parts.__init__.__defaults__ = (print, 0.0); cli.main()"

    def command(out):
        return subprocess.Popen(
            [sys.executable, "-c", code, *words, out], cwd=tmp_path, stderr=subprocess.PIPE, text=True
        )

    first = command("new")
    while first.poll() is None and len(kept(tmp_path / ".new.parts")) < 3:
        time.sleep(0.01)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert first.returncode == -signal.SIGKILL and len(kept(tmp_path / ".new.parts")) >= 3
    second, third = command("new"), command("other")
    _, err = second.communicate(timeout=300)
    third.communicate(timeout=300)
    assert (second.returncode, third.returncode) == (0, 0), err
    assert "draws of base are there already" in err
    xr.testing.assert_identical(open_result(tmp_path / "new"), open_result(tmp_path / "other"))
    assert not (tmp_path / ".new.parts").exists()
