"""The strip of who binds: shares of the draws that fill it, and one line where signals are missing."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gigawatt.core.errors import InputError
from gigawatt.view.buildout import BINDS, binding_figure


def test_the_strip_is_filled_by_the_shares_of_the_draws(base):
    figure = binding_figure(base)
    FigureCanvasAgg(figure).draw()
    ax = figure.axes[0]
    tops = [c.get_paths()[0].vertices[:, 1].max() for c in ax.collections]
    assert len(tops) == len(BINDS) and max(tops) == pytest.approx(1.0)
    first = base["chips_bind"].isel(month=0).mean().item()
    assert any(first == pytest.approx(y) for y in ax.collections[0].get_paths()[0].vertices[:, 1])
    assert {t.get_text().split()[0] for t in ax.texts} >= set(BINDS.values())


def test_a_result_without_the_signals_is_told_in_one_line(base):
    with pytest.raises(InputError, match="power_binds"):
        binding_figure(base.drop_vars("power_binds"))
