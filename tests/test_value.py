"""Value by segment and occupation group: parts that add up to what the run has, in every draw."""

import numpy as np
import pytest

import gigawatt as gw
from gigawatt.core.errors import InputError
from gigawatt.study.value import NEEDED, exposure, occupation_mix, value_by_occupation, weights

BOTH = ("segment", "occupation")


@pytest.fixture(scope="module")
def run():
    return gw.run("base", draws=4)


@pytest.mark.parametrize("year", [2026, 2030, 2035])
def test_parts_add_up_to_the_world_in_each_draw(run, year):
    found, now = value_by_occupation(run, year).sum(BOTH), run.isel(month=12 * (year - 2025) - 1)
    wages = now["spending_limit"] / now["automatable"]
    np.testing.assert_allclose(found["wages"], wages)
    np.testing.assert_allclose(found["can_do"], now["spending_limit"])
    np.testing.assert_allclose(found["handed_over"], wages * now["work_by_ai"])
    np.testing.assert_allclose(found["paid"], now["spending"])


def test_no_group_is_paid_for_more_than_it_earns(run):
    found = value_by_occupation(run)
    assert (found["can_do"] <= found["wages"]).all() and (found["handed_over"] <= found["can_do"] * (1 + 1e-12)).all()


def test_within_a_segment_work_that_is_more_exposed_goes_first(run):
    found = value_by_occupation(run, 2030)
    share = (found["can_do"] / found["wages"]).isel(draw=0).transpose("segment", "occupation").values
    order = np.argsort(exposure().values)
    assert (np.diff(share[:, order], axis=1) >= -1e-12).all()


def test_segments_have_the_occupations_of_their_sectors():
    mix = occupation_mix(("individuals", "startups", "digital", "regulated", "traditional", "government"))
    np.testing.assert_allclose(mix.sum("occupation"), 1.0)
    computers, health = "Computer and Mathematical", "Healthcare Practitioners and Technical"
    assert float(mix.sel(segment="digital", occupation=computers)) > 0.2
    assert float(mix.sel(segment="regulated", occupation=health)) == float(mix.sel(occupation=health).max())
    np.testing.assert_allclose(mix.sel(segment="startups"), mix.sel(segment="digital"))


def test_weights_are_those_of_the_draws(run):
    share = weights(run)
    now = run.isel(month=30)
    np.testing.assert_allclose((share * now["done"]).sum("segment"), now["work_by_ai"])
    assert float(share.std("draw").min()) > 0.0


def test_bad_questions_get_a_line(run):
    with pytest.raises(InputError, match="2050"):
        value_by_occupation(run, 2050)
    for name in NEEDED:
        with pytest.raises(InputError, match="spending_limit"):
            value_by_occupation(run.drop_vars(name))
    trend = run.copy()
    trend["spending"] = trend["spending"].assign_attrs(given_by="Trend")
    with pytest.raises(InputError, match="paid for work"):
        value_by_occupation(trend)
