"""Pictures of the accounts: steps that add up, costs per revenue, and errors that say what to do."""

import numpy as np
import pytest
from test_view import made, words

from gigawatt.core.errors import InputError
from gigawatt.view import accounts, report

PARTS = {"serving_cost": 0.4, "training_cost": 0.3, "selling_costs": 0.2, "staff_costs": 0.2, "charge": 0.1}


@pytest.fixture(scope="module")
def ds():
    """A result whose costs are fixed shares of revenue, so that profit is a tenth of it below nought."""
    found = made()
    revenue = found["revenue"]
    for name, share in PARTS.items():
        found[name] = (share * revenue).assign_attrs(revenue.attrs)
    found["profit"] = (-0.1 * revenue).assign_attrs(revenue.attrs)
    for name in ("interest", "tax"):
        found[name] = (0.0 * revenue).assign_attrs(revenue.attrs)
    return found


def heights(ax):
    return np.array([bar.get_height() for bar in ax.patches])


def test_the_steps_of_a_waterfall_add_up(ds):
    (ax,) = accounts.waterfall(ds, 2028).axes
    revenue, serving, gross, training, selling, staff, profit, taken, net = heights(ax)
    assert revenue + serving == pytest.approx(gross)
    assert gross + training + selling + staff == pytest.approx(profit)
    assert profit + taken == pytest.approx(net) and profit == pytest.approx(-0.1 * revenue)


@pytest.mark.parametrize("most", [970.0, 1030.0, 30.0])  # just below, just above and far from where tn begins
def test_bars_are_labelled_in_the_unit_of_the_axis(ds, most):
    flows = ds[list(accounts.WATERFALL)]
    factor = most / accounts.of_year(ds, ("revenue",), None, 2028)["revenue"]
    scaled = ds.assign({n: (factor * x).assign_attrs(x.attrs) for n, x in flows.items()})
    (ax,) = accounts.waterfall(scaled, 2028).axes
    on_axis = float(ax.yaxis.get_major_formatter()(heights(ax)[0], 0))
    assert float(ax.texts[0].get_text()) == pytest.approx(on_axis, rel=0.01)


def test_a_waterfall_of_one_lab_is_smaller_than_that_of_all_and_says_whose_it_is(ds):
    one, every = accounts.waterfall(ds, 2028, "Meta"), accounts.waterfall(ds, 2028)
    assert heights(one.axes[0])[0] == pytest.approx(heights(every.axes[0])[0] / 3.0, rel=0.05)
    assert "Meta, 2028" in words(one) and "all labs, 2028" in words(every)


def test_the_two_views_differ_by_their_training_only(ds):
    own, company = accounts.two_views(ds).axes
    years = len(own.get_xticks())
    for part, share in enumerate((0.4, 0.2, 0.2)):
        for ax in (own, company):
            np.testing.assert_allclose(heights(ax)[part * years : (part + 1) * years], share)
    np.testing.assert_allclose(heights(own)[-years:], 0.1)
    np.testing.assert_allclose(heights(company)[-years:], 0.3)
    assert "+10" in words(accounts.two_views(ds)) and "−10" in words(accounts.two_views(ds))


def test_a_report_holds_them_where_their_signals_are_kept(ds):
    names = [name for name, *_ in report.figures({"base": ds}, None)]
    assert names[-2:] == ["income", "views"]
    assert "income" not in [name for name, *_ in report.figures({"base": made()}, None)]


def test_what_is_missing_is_told(ds):
    with pytest.raises(InputError, match="no signal 'serving_cost'"):
        accounts.waterfall(made(), 2028)
    with pytest.raises(InputError, match="no lab 'Metta'.*Did you mean 'Meta'"):
        accounts.two_views(ds, "Metta")
    with pytest.raises(InputError, match="no year 2050: choose one of 2026"):
        accounts.waterfall(ds, 2050)
