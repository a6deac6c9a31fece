"""`gigawatt fit`: what it prints, draws and writes, with a planted fit whose truth is known."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from typer.testing import CliRunner

from gigawatt.cli import app
from gigawatt.core.entry import entries
from gigawatt.core.errors import InputError
from gigawatt.core.scenario import load
from gigawatt.study import fit as fitting
from gigawatt.study.fits.line import least_squares
from gigawatt.study.fits.result import Estimate, Fit, Line, Panel, Points, Published
from gigawatt.view.fit import figure, place_of, power
from gigawatt.view.fit_text import as_data, number, text

COLUMNS = ("year", "log_value")
ENTRY = "efficiency.algorithms.rate"


def planted(rows, *, until="", bootstraps=200, seed=0, bayes=False):
    """exp(2 + 0.5 t) with noise of 0.1, from 2018: a toy of the form that every fit has."""
    year, y = (np.array([float(row[c]) for row in rows]) for c in COLUMNS)
    last = float(until[:4]) if until else np.inf
    used = year <= last
    line = least_squares(year[used], y[used], bootstraps, seed)
    grid = np.linspace(year.min(), year.max(), 60)
    ends = np.exp(np.quantile(line.draws(grid, 2000, seed), (0.05, 0.95), axis=0))
    low, high = line.slope_interval()
    panel = Panel(
        "Growth",
        "year",
        "size",
        (
            Points("used", year[used], np.exp(y[used]), np.exp(y[used] - 0.2), np.exp(y[used] + 0.2)),
            *([Points("held out", year[~used], np.exp(y[~used]), held_out=True)] if until else []),
        ),
        (Line("law", grid, np.exp(line.at(grid)), ends[0], ends[1]),),
        x_scale="date",
        y_scale="log",
    )
    shares = Panel(
        "Share", "tokens", "score", (Points("a", 10.0 ** (year[:9] - 2010), np.linspace(0, 1, 9)),), (), "log", "logit"
    )
    left = Points("", year[used], y[used] - line.at(year[used]))
    why = Published(0.9, "reference-values", 0.8, 1.0, "95 %")
    made = Fit(
        name="toy",
        title="A planted line",
        law="ln y = a + b t",
        method="least squares",
        data=f"toy.csv, {used.sum()} rows",
        estimates=(
            Estimate("slope", "growth of the toy", "1/year", line.slope, low, high, why, "the toy grows slower"),
            Estimate("start", "when it began", "calendar year", 2018.27, 2018.1, 2018.4),
        ),
        panels=(panel, shares),
        residuals=Panel("Residuals", "year", "ln", (left,), x_scale="date"),
        statistics={"n": float(used.sum()), "p": 1.2e-7},
        notes=("It is a toy.",),
        sources=("reference-values",),
        until=until,
        forecast=lambda x, n, seed: np.exp(line.draws(x, n, seed)),
        to_scale=np.log,
    )
    if until and (~used).any():
        made = replace(made, held=made.score(year[~used], np.exp(y[~used])))
    return made


def toy_rows(seed=1):
    year = np.arange(2018.0, 2027.0, 0.5)
    y = 2.0 + 0.5 * (year - 2018.0) + 0.1 * np.random.default_rng(seed).standard_normal(len(year))
    return [{"year": str(a), "log_value": str(b)} for a, b in zip(year, y, strict=True)]


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """The toy in place of all fits, and an empty folder to work in."""
    law = SimpleNamespace(DATA="toy", COLUMNS=COLUMNS, fit=planted)
    monkeypatch.setattr(fitting, "FITS", {"toy": "growth of a toy", "toy-two": "the same again"})
    monkeypatch.setattr(fitting, "import_module", lambda name: law)
    monkeypatch.setattr(fitting, "table", lambda stem: toy_rows())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command(*words):
    return CliRunner(env={"COLUMNS": None}).invoke(app, ["fit", *words])


def told(*words):
    result = command(*words)
    assert result.exit_code == 0, result.output
    return result.stdout


def data(*words):
    return json.loads(told(*words, "--json"), parse_constant=lambda x: pytest.fail(f"{x} is no JSON"))


def write_csv(name="own.csv", rows=None, columns=COLUMNS):
    lines = [",".join(row[c] for c in columns) for row in rows or toy_rows()]
    Path(name).write_text("\n".join([",".join(columns), *lines]) + "\n")
    return name


# ---------------------------------------------------------------- what it prints


def test_without_a_name_it_lists_what_can_be_fitted():
    page = told()
    assert all(name in page for name in fitting.FITS)
    assert [row["name"] for row in data()] == list(fitting.FITS)


def test_the_table_shows_ours_beside_the_published_value_and_why_they_differ(toy):
    page = told("toy")
    one = planted(toy_rows())["slope"]
    for words in (number(one.value), "0.9", "0.8 to 1 (95 %)", "reference-values", "1/year", "The toy grows slower."):
        assert words in page
    assert "2018-04" in page and "It is a toy." in page and "p = 1.2e-07" in page


def test_the_numbers_printed_are_the_numbers_of_the_library(toy):
    (found,) = data("toy", "--bootstraps", "50", "--seed", "3")["fits"]
    made = planted(toy_rows(), bootstraps=50, seed=3)
    assert [e["value"] for e in found["estimates"]] == [e.value for e in made.estimates]
    assert found["estimates"][0]["low"] == made["slope"].low and found["seed"] == 3
    assert found["estimates"][1]["published"] is None and found["held"] is None


def test_what_is_held_out_is_scored(toy):
    (found,) = data("toy", "--until", "2023-06-30")["fits"]
    held = found["held"]
    assert min(held["x"]) > 2023 and len(held["x"]) == 7
    assert 0 <= held["coverage"]["0.9"] <= 1 and held["mean_crps"] > 0
    page = told("toy", "--until", "2023-06-30")
    assert "Forecast of what was held out" in page and "of 7 in the 90 % band" in page


def test_several_fits_say_which_one_runs_and_the_seed_moves_only_intervals(toy):
    result = command("all", "--bootstraps", "20")
    assert result.stderr.split("\n")[:2] == ["fit toy", "fit toy-two"]
    a, b = (data("toy", "--seed", s)["fits"][0]["estimates"][0] for s in "01")
    assert a["value"] == b["value"] and a["low"] != b["low"]


def test_a_file_of_the_same_rows_gives_the_same_numbers(toy):
    assert data("toy", "--data", write_csv())["fits"][0]["estimates"] == data("toy")["fits"][0]["estimates"]
    doubled = [row | {"log_value": str(2 * float(row["log_value"]))} for row in toy_rows()]
    slope = data("toy", "--data", write_csv(rows=doubled))["fits"][0]["estimates"][0]["value"]
    assert slope == pytest.approx(2 * planted(toy_rows())["slope"].value)


# ---------------------------------------------------------------- what it writes


def test_a_folder_holds_pictures_numbers_and_says_where(toy):
    result = command("toy", "--out", "deep/new", "--until", "2023-06-30")
    assert result.exit_code == 0, result.output
    folder = toy / "deep" / "new"
    assert {f.name for f in folder.iterdir()} == {"toy.png", "toy.svg", "toy.json"}
    assert "deep/new/toy.png" in result.stderr
    assert json.loads((folder / "toy.json").read_text()) == data("toy", "--until", "2023-06-30")["fits"][0]
    assert (folder / "toy.png").read_bytes()[:4] == b"\x89PNG"


def test_the_same_fit_is_drawn_with_the_same_bytes(toy):
    for name in ("a", "b"):
        told("toy", "--out", name)
    assert all((toy / "a" / f).read_bytes() == (toy / "b" / f).read_bytes() for f in ("toy.png", "toy.svg"))


def moved(path, by=1.01):
    """An estimate of a number of the model, and the entry that ships."""
    old = entries()[path]
    return Estimate("x", "moved", old.unit, old.value * by, old.low, old.high * by, entry=path, shape=old.shape), old


def write_fitted(monkeypatch, *paths):
    made = replace(planted(toy_rows()), estimates=tuple(moved(path)[0] for path in paths))
    law = SimpleNamespace(DATA="", COLUMNS=(), fit=lambda rows, **_: made)
    monkeypatch.setattr(fitting, "import_module", lambda name: law)
    told("toy", "--out", "new")
    return load("new/entries.toml")


def known(world):
    """An uncertain number of the algorithms that a world uses."""
    return next(p for p in world.numbers() if p.startswith("algorithms.") and entries()[p].uncertain)


def test_fitted_entries_make_a_scenario_that_runs(toy, monkeypatch, base_world):
    path = known(base_world)
    (estimate, old) = moved(path)
    scenario = write_fitted(monkeypatch, path)
    entry = scenario.table[path]
    assert (entry.value, entry.low, entry.high) == pytest.approx((estimate.value, old.low, estimate.high))
    assert entry.grade == "fitted" and path in scenario.world().numbers()


def test_a_law_that_base_lacks_is_put_in_place_only_where_nothing_else_was_fitted(toy, monkeypatch, base_world):
    path, other = known(base_world), "elicited.short"
    assert other not in base_world.numbers()
    scenario = write_fitted(monkeypatch, other)
    assert other in scenario.world().numbers() and scenario.use != load("base").use
    (toy / "new").rename("old")
    scenario = write_fitted(monkeypatch, path, other)
    assert set(scenario.set) - set(load("base").set) == {path} and scenario.use == load("base").use


def test_quiet_prints_nothing(toy):
    result = command("all", "--out", "new", "--quiet")
    assert result.exit_code == 0 and result.output == "" and (toy / "new" / "toy.json").exists()


# ---------------------------------------------------------------- bad input and interruption


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scalling"], "Did you mean 'scaling'"),
        (["scaling", "horizn"], "horizn"),
        (["horizon", "--until", "2024"], "YYYY-MM-DD"),
        (["horizon", "--until", "2024-02-31"], "2024-02-31"),
        (["horizon", "--bootstraps", "0"], "bootstraps = 0"),
        (["horizon", "--data", "missing.csv"], "missing.csv"),
        (["horizon", "rl", "--data", "own.csv"], "name one"),
        (["all", "--data", "own.csv"], "name one"),
        (["--data", "own.csv"], "--data own.csv"),
        (["--out", "new"], "--out new"),
        (["horizon", "--seed", "-1"], "seed"),
        (["horizon", "--lab", "OpenAI"], "`revenue` takes it"),
        (["--series", "Internet"], "--series Internet"),
        (["diffusion", "--series", "Internett"], "Did you mean 'Internet'"),
        (["revenue", "--lab", "Nobody"], "There are Anthropic"),
        (["adoption", "--stratum", "Z"], "take one of all, A, B"),
        (["price", "--level", "300"], "lower the level"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else "",
)
def test_bad_input_is_one_line_and_exit_code_2(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = command(*words)
    assert result.exit_code == 2 and said in result.stderr and len(result.stderr.strip().splitlines()) == 1
    assert not os.listdir()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no rows"),
        ("year,log_value\n", "no rows"),
        ("year,log_valu\n2020,1\n", "no column 'log_value'"),
        ("year,log_value\n2020,1\n2021\n", "line 3"),
        ("year,log_value\n2020,1\n2021,2\n", "three points"),
    ],
)
def test_a_file_that_cannot_be_fitted_is_told_in_one_line(toy, content, said):
    Path("own.csv").write_text(content)
    result = command("toy", "--data", "own.csv", "--out", "new")
    assert result.exit_code == 2 and said in result.stderr and len(result.stderr.strip().splitlines()) == 1
    assert os.listdir() == ["own.csv"]


def test_nothing_is_left_where_a_later_fit_fails(toy, monkeypatch):
    def broken(rows, **_):
        raise InputError("the second fit has no data.")

    laws = {"toy": planted, "toy_two": broken}
    named = lambda name: SimpleNamespace(DATA="", COLUMNS=COLUMNS, fit=laws[name.rpartition(".")[2]])  # noqa: E731
    monkeypatch.setattr(fitting, "import_module", named)
    result = command("all", "--out", "new")
    assert result.exit_code == 2 and "the second fit has no data." in result.stderr and not os.listdir()


def test_an_existing_folder_is_never_overwritten(toy):
    (toy / "old").mkdir()
    result = command("toy", "--out", "old")
    assert result.exit_code == 2 and "never overwritten" in result.stderr


def test_an_interruption_leaves_nothing(tmp_path):
    code = (
        "import time; from gigawatt.study import fit as f; from types import SimpleNamespace as N\n"
        "import gigawatt.jobs_fit\n"
        "def slow(rows, **_):\n    print('ready', flush=True); time.sleep(60)\n"
        "f.import_module = lambda name: N(DATA='metr_time_horizons', COLUMNS=(), fit=slow)\n"
        "from gigawatt.cli import main; import sys; sys.argv = ['gigawatt', 'fit', 'horizon', '--out', 'new']; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130 and "Interrupted" in said and not list(tmp_path.iterdir())


# ---------------------------------------------------------------- how it is drawn


def test_the_figure_shows_panels_residuals_and_every_estimate():
    made = planted(toy_rows(), until="2023-06-30")
    drawn = figure(made, seed=7)
    FigureCanvasAgg(drawn).draw()
    titles = [ax.get_title(loc="left") for ax in drawn.axes]
    assert titles[:3] == ["Growth", "Share", "Residuals"] and titles[3].startswith("Estimates")
    assert drawn.axes[0].get_yscale() == "log" and drawn.axes[1].get_yscale() == "logit"
    assert [t.get_text() for t in drawn.axes[3].get_yticklabels()] == ["slope", "start"]
    words = " ".join(t.get_text() for t in drawn.texts)
    assert made.title in words and made.law in words and "seed 7" in words and "data to 2023-06-30" in words


def test_observations_that_were_held_out_look_different_and_every_one_is_drawn():
    made = planted(toy_rows(), until="2023-06-30")
    ax = figure(made).axes[0]
    markers = {line.get_label(): line for line in ax.get_lines() if line.get_marker() not in ("None", "")}
    assert markers["used"].get_marker() != markers["held out"].get_marker()
    assert sum(len(line.get_xdata()) for line in markers.values()) == len(toy_rows())


def test_published_values_stand_where_they_lie_from_ours():
    normal = Estimate("a", "", "", 2.0, 1.0, 3.0)
    assert place_of(normal, np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx([-1, 0, 1, 2])
    lognormal = Estimate("a", "", "", 10.0, 1.0, 100.0, shape="lognormal")
    assert place_of(lognormal, np.array([1.0, 1000.0])) == pytest.approx([-1, 2])
    assert np.isfinite(place_of(Estimate("a", "", "", 0.0, 0.0, 0.0), np.array([1.0]))).all()


def test_numbers_are_written_as_people_write_them():
    said = {0.34780: "0.3478", 482.012: "482", 5.76e23: "5.76e+23", -1.5: "−1.5", 2085.43: "2085", np.nan: "–"}
    assert {x: number(x) for x in said} == said
    assert number(2024.27, "calendar year") == "2024-04"
    assert [power(x) for x in (1.0, 0.05, 1e6, 3e24)] == ["1", "0.05", "$10^{6}$", "$3·10^{24}$"]


def test_text_and_data_hold_every_estimate():
    made = planted(toy_rows())
    assert {e["name"] for e in as_data(made, 0)["estimates"]} == {"slope", "start"}
    assert text(made).renderables
