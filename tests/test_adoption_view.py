"""Pictures of adoption: what is stacked adds up, and the bars are the entries."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import gigawatt as gw
from gigawatt.core.entry import entries
from gigawatt.core.errors import InputError
from gigawatt.view.adoption import gate_waterfall, segment_figure, weights


@pytest.fixture(scope="module")
def run():
    return gw.run("base", draws=4, keep="all")


def test_the_stack_of_segments_is_the_work_that_ai_does_and_stays_beneath_what_models_can_do(run):
    figure = segment_figure(run)
    FigureCanvasAgg(figure).draw()
    ax = figure.axes[0]
    tops = [c.get_paths()[0].vertices[:, 1].max() for c in ax.collections]
    segments = [str(s) for s in run["segment"].values]
    parts = weights(run, segments) * np.median(run["done"].transpose("draw", "month", "segment").values, axis=0)
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


def test_a_result_without_segments_is_told_in_one_line(run):
    with pytest.raises(InputError, match="done"):
        segment_figure(run.drop_vars("done"))
    with pytest.raises(InputError, match="gated_segments"):
        gate_waterfall({})
