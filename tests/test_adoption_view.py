"""Pictures of adoption: what is stacked adds up, and the bars are the entries."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import gigawatt as gw
from gigawatt.core.entry import entries
from gigawatt.core.errors import InputError
from gigawatt.core.scenario import load
from gigawatt.study.value import weights
from gigawatt.view.adoption import adoption_figures, gate_waterfall, gates_of, occupation_figure, segment_figure


@pytest.fixture(scope="module")
def run():
    return gw.run("base", draws=4)


def test_the_stack_of_segments_is_the_work_that_ai_does_and_stays_beneath_what_models_can_do(run):
    figure = segment_figure(run)
    FigureCanvasAgg(figure).draw()
    ax = figure.axes[0]
    tops = [c.get_paths()[0].vertices[:, 1].max() for c in ax.collections]
    parts = weights(run).mean("draw").values * np.median(
        run["done"].transpose("draw", "month", "segment").values, axis=0
    )
    assert max(tops) == pytest.approx(parts.sum(axis=1).max())
    assert ax.lines[0].get_ydata()[-1] >= parts[-1].sum()


def test_bars_of_a_segment_add_up_to_its_months():
    ax = gate_waterfall().axes[0]
    widths = np.array([bar.get_width() for bar in ax.patches]).reshape(6, 6).sum(axis=0)
    months = [12 * sum(entries()[f"gated_segments.{g}.{s}"].value for g in
                       ("legal", "security", "provisioning", "leadership", "rollout", "change"))
              for s in ("individuals", "startups", "digital", "regulated", "traditional", "government")]  # fmt: skip
    assert widths == pytest.approx(months)


def test_a_more_compelling_product_shortens_the_bars():
    total = [max(b.get_x() + b.get_width() for b in gate_waterfall(product=c).axes[0].patches) for c in (1.0, 4.0)]
    assert total[1] == pytest.approx(total[0] * 4.0 ** -entries()["gated_segments.elasticity"].value)


def test_a_world_with_one_gate_waits_as_long_as_that_gate_at_the_speed_of_the_world():
    table = load("base").change(set={"segments.speed": 2.0, "segments.gate.digital": 1.0}).table
    bars = gate_waterfall(table, single=True).axes[0].patches
    widths = np.array([bar.get_width() for bar in bars]).reshape(6, 6).sum(axis=0)
    names = ("individuals", "startups", "digital", "regulated", "traditional", "government")
    assert widths == pytest.approx([6.0 * table[f"segments.gate.{s}"].value for s in names])
    assert widths[2] == pytest.approx(6.0)


def test_a_run_gets_the_pictures_that_it_has_signals_for(run):
    assert [name for name, _, _ in adoption_figures(run)] == ["segments", "gates", "occupations"]
    assert [name for name, _, _ in adoption_figures(run.drop_vars("spending_limit"))] == ["segments", "gates"]
    assert list(adoption_figures(run[["power"]])) == []


def test_bars_of_a_run_are_those_of_its_own_scenario(run):
    assert max(b.get_x() + b.get_width() for b in gates_of(run).axes[0].patches) == pytest.approx(
        12.0 * entries()["segments.gate.government"].value
    )


def test_bars_of_occupations_add_up_to_the_wages_of_the_world(run):
    figure = occupation_figure(run, 2030)
    FigureCanvasAgg(figure).draw()
    wages, can_do, done, paid = np.array([b.get_width() for b in figure.axes[0].patches]).reshape(4, 22)
    assert (wages >= can_do).all() and (can_do >= done).all() and (done >= paid).all() and (np.diff(wages) >= 0).all()
    now = run.isel(month=59)
    total = np.median(now["spending_limit"] / now["automatable"]) / 1000.0
    assert wages.sum() == pytest.approx(total, rel=0.02)  # medians of parts are about the parts of the median


def test_a_result_without_segments_is_told_in_one_line(run):
    with pytest.raises(InputError, match="done"):
        segment_figure(run.drop_vars("done"))
    with pytest.raises(InputError, match="gated_segments"):
        gate_waterfall({})
    with pytest.raises(InputError, match="spending"):
        occupation_figure(run.drop_vars("spending"))
