"""Pictures, tables and the report: they say what they show, they are safe, and they are the same bytes each time."""

import re

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

import gigawatt as gw
from gigawatt.core.errors import InputError
from gigawatt.study import observed
from gigawatt.study.events import events
from gigawatt.view import plots, report, style, tables
from gigawatt.view.draw import apart

MONTHS, DRAWS, LABS = 60, 40, ("OpenAI", "Meta")
NASTY = "<script>alert('x')</script> & \"quotes\""


def made(title: str = "A base", scenario: str = "base", factor: float = 1.0) -> xr.Dataset:
    """A small result: signals of every kind that a picture treats in its own way."""
    rng = np.random.default_rng(1)
    luck, t = np.exp(0.3 * rng.standard_normal((DRAWS, 1))), np.arange(MONTHS)[None] / 12
    one = np.ones((DRAWS, MONTHS))
    industry = {
        "chip_power": ("GW", "Industry power, chips (TDP)", 12 * luck * np.exp(0.6 * t)),
        "it_power": ("GW", "Industry power, IT load", 23 * luck * np.exp(0.6 * t)),
        "facility_power": ("GW", "Industry power, facilities", 30 * luck * np.exp(0.6 * t)),
        "frontier_run": ("FLOP", "Largest training run", 1e27 * luck * np.exp(2 * t)),
        "work_by_ai": ("share", "Work that AI does", 0.01 * luck * (1 + t)),
        "automatable": ("share", "Work that AI can do", 0.05 * luck * (1 + t)),
        "industry_revenue": ("bn USD/year", "Industry revenue", factor * 70 * luck * np.exp(1.2 * t)),
        "genius": ("share", "Genius level reached (1) or not (0)", (t > 2 * luck) * one),
        "output_growth": ("1", "Growth of world output", 0.03 * luck * one),
    }
    labs = {
        "revenue": ("bn USD/year", "Revenue", 20 * luck * np.exp(t)),
        "cash": ("bn USD", "Cash", 30 * luck * one),
        "profit": ("bn USD/year", "Profit", 10 * (luck - 1.2) * one),
        "alive": ("share", "Lab is solvent (1) or ruined (0)", (t < 5 * luck) * one),
    }
    pair = np.array([1.0, 0.5])
    variables = {n: (("draw", "month"), v, {"units": u, "long_name": long}) for n, (u, long, v) in industry.items()}
    for n, (u, long, v) in labs.items():
        both = v[:, :, None] * (pair if n != "alive" else np.ones(2))
        variables[n] = (("draw", "month", "lab"), both, {"units": u, "long_name": long})
    year = 2026 + (np.arange(MONTHS) + 1) / 12
    attrs = {
        "title": title,
        "scenario": scenario,
        "recipe": gw.load("base").change(set={"segments.speed": factor}).recipe(),
        "draws": DRAWS,
        "seed": 3,
        "gigawatt_version": "9.8.7",
        "grades": '{"judgement": 3, "measured": 7}',
        "sources": '["btos", "fact:growth-5x-ruin"]',
        "money": "constant USD of 2025",
    }
    return xr.Dataset(variables, {"year": ("month", year), "lab": list(LABS)}, attrs)


@pytest.fixture(scope="module")
def ds() -> xr.Dataset:
    return made()


def words(figure) -> str:
    return "\n".join(t.get_text() for t in [*figure.texts, *(t for ax in figure.axes for t in ax.texts)])


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234.0, "bn USD/year", "1.2 tn"),
        (999.6, "bn USD", "1.0 tn"),
        (0.5, "bn USD", "500 mn"),
        (-26.7, "bn USD", "−27 bn"),
        (0.0314, "share", "3.1 %"),
        (463.2, "GW", "463"),
        (42e6, "H100e", "42 mn"),
        (5e26, "FLOP", "10^26.7"),
        (0.0, "GW", "0"),
        (np.nan, "bn USD", "–"),
    ],
)
def test_numbers_are_written_as_people_write_them(value, unit, text):
    signal = xr.DataArray(0.0, attrs={"units": unit})
    assert style.unit_of(signal).write(value) == text


def test_a_range_keeps_the_scale_of_its_median_unless_it_is_very_wide():
    unit = style.unit_of(xr.DataArray(0.0, attrs={"units": "bn USD"}))
    assert unit.write_range(340.0, 1200.0, 4600.0) == "0.34–4.6"
    assert unit.write_range(-340.0, 12.0, 46.0) == "−340 to 46"
    assert unit.write_range(0.001, 12.0, 46000.0) == "1.0 mn–46 tn"


def test_the_end_of_may_is_written_as_may():
    assert [style.month_text(y) for y in (2027 + 5 / 12, 2028.0, None)] == ["2027-05", "2027-12", "–"]


def test_rare_is_not_written_as_never():
    assert [style.percent(p) for p in (0, 0.001, 0.3, 0.999, 1)] == ["0 %", "<1 %", "30 %", ">99 %", "100 %"]


def test_labels_that_would_overlap_move_apart_and_keep_their_order():
    placed = apart([0.5, 0.51, 0.9], [0.1, 0.1, 0.1])
    assert placed[1] - placed[0] == pytest.approx(0.1) and placed[2] == 0.9


@pytest.mark.parametrize("signal", ["it_power", "frontier_run", "work_by_ai", "industry_revenue", "genius", "profit"])
def test_every_figure_names_unit_scenario_and_what_it_rests_on(ds, signal):
    figure = plots.plot(ds, signal, draws=2)
    labels = {ax.get_ylabel() for ax in figure.axes}
    assert any(unit in " ".join(labels) for unit in ("GW", "FLOP", "%", "USD/year"))
    said = words(figure)
    for part in (
        "A base",
        "9.8.7",
        "seed 3",
        "40 draws",
        "3 of 10 numbers are judgement",
        ds[signal].attrs["long_name"],
    ):
        assert part in said
    assert any("year" in ax.get_xlabel() for ax in figure.axes)


def test_axis_is_logarithmic_only_where_positive_values_spread_widely(ds):
    scales = {n: plots.plot(ds, n).axes[0].get_yscale() for n in ("frontier_run", "industry_revenue", "profit")}
    assert scales == {"frontier_run": "log", "industry_revenue": "log", "profit": "linear"}
    assert plots.plot(ds, "work_by_ai").axes[0].get_yscale() == "linear"


def test_a_signal_by_lab_gets_one_panel_for_each_lab(ds):
    assert [ax.get_title(loc="left") for ax in plots.plot(ds, "cash", by="lab").axes] == list(LABS)
    assert "Meta" in words(plots.plot(ds.sel(lab="Meta"), "cash"))


def test_observations_are_drawn_with_their_caveat(ds):
    assert "nominal USD" in words(plots.plot(ds, "revenue"))
    assert "Circles" not in words(plots.plot(ds, "cash"))
    points = observed.points("power", "OpenAI")
    assert points is not None and np.all(points.low[np.isfinite(points.low)] <= points.value[np.isfinite(points.low)])
    assert observed.points("revenue", "Others") is None


@pytest.mark.parametrize("signal", observed.SERIES)
def test_observations_belong_to_signals_of_base_in_its_unit(signal, base_world):
    wanted = {"revenue": "bn USD/year", "power": "GW", "chip_power": "GW", "industry_compute": "H100e"}
    wanted |= {"horizon": "hour", "frontier": "ECI point", "frontier_run": "FLOP"}
    assert base_world.signals[signal].unit.text == wanted[signal]


def test_milestones_show_the_probability_of_the_genius_level(ds):
    share = float((ds["genius"].max("month") > 0).mean())
    assert f"genius level: {style.percent(share)}" in words(plots.plot(ds, "it_power"))


def test_ribbon_adds_up_to_all(ds):
    said = words(plots.ribbon(ds))
    assert "OpenAI 67 %" in said and "Meta 33 %" in said


def test_overview_leaves_out_panels_without_signals_and_compares_by_colour(ds):
    other = made("B slow", "slow", 0.5)
    assert len(plots.overview({"base": ds, "slow": other}).axes) == 8  # all but the time horizon
    assert "B slow" in words(plots.overview({"base": ds, "slow": other}))
    with pytest.raises(InputError, match="none of its signals"):
        plots.overview(ds[["chip_power"]])


def test_wrong_names_and_too_many_results_say_what_to_do(ds):
    with pytest.raises(InputError, match="'csh'.*Did you mean 'cash'"):
        plots.plot(ds, "csh")
    with pytest.raises(InputError, match="'it_power' has no axis 'lab'"):
        plots.plot(ds, "it_power", by="lab")
    with pytest.raises(InputError, match="5 results to draw: give 1 to 4"):
        plots.overview({str(i): ds for i in range(5)})


def test_summary_has_each_signal_lab_and_year_with_ordered_quantiles(ds):
    rows = tables.summary(ds)
    assert len(rows) == (9 + 4 * len(LABS)) * 5
    assert all(r["p05"] <= r["p50"] <= r["p95"] for r in rows)
    at = next(r for r in rows if r["signal"] == "cash" and r["lab"] == "Meta" and r["year"] == 2028)
    assert at["p50"] == pytest.approx(float(ds["cash"].sel(lab="Meta").isel(month=35).median()))
    assert at["unit"] == "bn USD"


def test_terminal_table_fits_in_100_columns_with_units_and_events(ds):
    console = Console(width=100, record=True, file=open("/dev/null", "w"), markup=False)
    console.print(tables.text(ds))
    said = console.export_text()
    console.file.close()
    assert max(map(len, said.splitlines())) <= 100
    assert "…" not in said
    for part in ("2026", "2030", "FLOP", "tn", "Genius level reached", "Ruin of Meta", "3 of 10 numbers"):
        assert part in said


def test_industry_power_stands_beside_what_was_said_of_it(ds):
    table = tables.said_table(ds, events(ds))
    said = [list(column.cells) for column in table.columns]
    assert [str(year) for year in said[0]] == ["2026", "2027", "2028", "2029"]
    assert said[1] == ["10–15", "30–40", "100", "300"]
    for column, name in zip(said[2:5], ("chip_power", "it_power", "facility_power"), strict=True):
        assert column == [f"{float(ds[name].isel(month=12 * k - 1).median()):.0f}" for k in (1, 2, 3, 4)]
    added = (ds["it_power"].isel(month=35) - ds["it_power"].isel(month=23)).median()
    assert said[5][0] == "–" and said[5][2] == f"{float(added):.0f}"
    before = float((ds["industry_revenue"].isel(month=slice(48)) >= 1000.0).any("month").mean())
    assert f"here {100 * before:.0f} %" in str(table.caption)
    assert tables.said_table(ds.drop_vars("it_power"), []) is None
    assert tables.said_table(ds.assign_coords(year=ds["year"] + 10.0), []) is None


def test_a_year_outside_the_run_says_which_there_are(ds):
    with pytest.raises(InputError, match="year 2040 does not end within the run: choose from 2026 to 2030"):
        tables.text(ds, years=[2028, 2040])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    results = {"base": made(NASTY), "slow": made("B slow", "slow", 0.5)}
    return folder, report.write(results, folder, ["industry_revenue", "cash"])


def test_report_comes_with_its_figures(written):
    folder, files = written
    names = {f.name for f in files}
    assert files[0].name == "report.html" and all(f.exists() for f in files)
    assert names == {"report.html", *(f"{n}.{e}" for n in ("industry_revenue", "cash") for e in ("svg", "png"))}


def test_report_asks_nothing_of_the_network_and_runs_no_script(written):
    page = written[1][0].read_text(encoding="utf-8")
    assert not re.findall(r"https?://|<script|<link|<img|<iframe|@import|src=", page)
    assert set(re.findall(r'href="(.)', page)) == {"#"} and not re.findall(r"url\((?!#)", page)


def test_report_escapes_what_others_wrote(written):
    page = written[1][0].read_text(encoding="utf-8")
    assert NASTY not in page and "&lt;script&gt;" in page


def test_report_says_what_moved_what_differs_and_what_it_is_not_good_for(written):
    page = written[1][0].read_text(encoding="utf-8")
    assert "Industry revenue at the end of 2028 is 0.50 times that of base" in page
    assert "segments.speed" in page and "not good for" in page
    assert "3 judgement, 7 measured" in page and "btos" in page
    assert "prefers-color-scheme: dark" in page


def test_same_results_give_the_same_bytes(written, tmp_path):
    results = {"base": made(NASTY), "slow": made("B slow", "slow", 0.5)}
    for old, new in zip(written[1], report.write(results, tmp_path, ["industry_revenue", "cash"]), strict=True):
        assert old.read_bytes() == new.read_bytes(), old.name


def test_colours_of_figures_follow_light_and_dark():
    page = style.svg_inline(plots.plot(made(), "cash"), "cash")
    assert not any(colour in page for colour in style.DARK)
    assert page.startswith("<svg viewBox=") and "var(--c0)" in page


def test_more_than_four_results_are_drawn_in_groups_with_the_first():
    groups = report.groups_of({n: made() for n in "abcdef"})
    assert [list(g) for g in groups] == [["a", "b", "c", "d"], ["a", "e", "f"]]
