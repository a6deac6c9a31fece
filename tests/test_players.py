"""How many labs are players at the end of a run, and the condition on theta beside the count."""

import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.study.labs import players, theta_of
from gigawatt.view.tables import player_table


def test_the_count_is_a_distribution_over_draws(base):
    found = players(base)
    np.testing.assert_allclose(sum(found.number.values()), 1.0, rtol=1e-12)
    assert set(found.number) <= set(range(6)) and "Others" not in found.by_lab  # five named labs
    mean = sum(n * x for n, x in found.number.items())
    np.testing.assert_allclose(mean, sum(found.by_lab.values()), rtol=1e-12)
    np.testing.assert_allclose(found.stated, found.number.get(3, 0.0) + found.number.get(4, 0.0), rtol=1e-12)


def test_theta_is_odds_per_point_times_points_per_e_fold(base):
    theta = theta_of(base)
    assert theta.shape == (base.sizes["draw"],) and np.all(theta > 0.0)
    found = players(base)
    assert found.theta[0] < found.theta[1] < found.theta[2]
    # at the medians of the three numbers; their product has its median near there
    np.testing.assert_allclose(found.theta[1], 0.06 * (3.1 + 2.2), rtol=0.1)
    assert found.bounded == np.mean(theta > 1.0) < 0.1  # in base training does not bound the number of labs
    assert found.holds >= 1.0 - found.bounded


def test_who_is_ruined_or_small_is_no_player(base):
    end = base.copy(deep=True)
    end["alive"].loc[{"lab": "OpenAI"}] = 0.0
    end["revenue"].loc[{"lab": "Anthropic"}] = 0.0
    found = players(end)
    assert found.by_lab["OpenAI"] == 0.0 and found.by_lab["Anthropic"] == 0.0


def test_it_stands_in_the_table_and_says_what_it_needs(base):
    table = player_table(base)
    assert "theta" in str(table.caption) and table.row_count == 1
    assert player_table(base.drop_vars("revenue")) is None
    with pytest.raises(InputError, match="no 'revenue' by lab"):
        players(base.drop_vars("revenue"))
