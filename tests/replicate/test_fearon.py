"""Fearon (1995), Rationalist Explanations for War, International Organization 49:379-414.

Two states divide an issue of size 1. War gives the first p - c1 and the second 1 - p - c2. The paper's results: a range
of settlements of width c1 + c2 around p that both prefer; offers of the ultimatum game at its end; with a private cost
of war, a best offer that risks war; and a declining side that attacks although a bargain exists in each period.
"""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from gigawatt.mechanisms.deterrence import bargaining_range, fights, preventive_war

COSTS = [(0.05, 0.1), (0.2, 0.2), (0.01, 0.3)]


@pytest.mark.parametrize(("own", "rival"), COSTS)
def test_the_range_holds_just_what_both_prefer_to_war(own, rival):
    for p in np.linspace(0.35, 0.65, 7):
        low, high = bargaining_range(p, own, rival)
        assert float(high - low) == pytest.approx(own + rival)
        for x in np.linspace(0.0, 1.0, 101):
            both = x >= p - own and 1.0 - x >= 1.0 - p - rival
            assert both == (low - 1e-12 <= x <= high + 1e-12) or abs(x - low) < 1e-9 or abs(x - high) < 1e-9


@pytest.mark.parametrize(("own", "rival"), COSTS)
def test_a_range_exists_just_where_beliefs_do_not_exceed_costs(own, rival):
    for own_chance in np.linspace(0.0, 1.0, 21):
        for rival_chance in np.linspace(0.0, 1.0, 21):
            room = (1.0 - rival_chance + rival) - (own_chance - own)  # between the least that each will take
            assert bool(fights(own_chance, rival_chance, own, rival)) == (room < 0.0) or abs(room) < 1e-12


def test_with_a_private_cost_the_best_offer_risks_war():
    """The first offers x; the second, whose cost is uniform on [0, h], accepts if c2 >= x - p."""
    p, own, most = 0.5, 0.1, 0.6

    def worth(x):
        accepts = 1.0 - np.clip((x - p) / most, 0.0, 1.0)
        return accepts * x + (1.0 - accepts) * (p - own)

    best = minimize_scalar(lambda x: -worth(x), bounds=(p, 1.0), method="bounded", options={"xatol": 1e-10}).x
    assert best == pytest.approx(p + 0.5 * (most - own), abs=1e-6)  # first-order condition of the uniform case
    known_low, known_high = bargaining_range(p, own, best - p)
    assert 0.0 < (best - p) / most < 1.0 and float(known_high) == pytest.approx(best)
    assert known_low < best


def test_a_declining_side_attacks_only_a_large_and_fast_shift():
    """War now or the best that peace can give: all of today, and later what the risen side will concede."""
    discount, own, rival = 0.9, 0.1, 0.1
    for before in np.linspace(0.1, 0.95, 18):
        for later in np.linspace(0.05, 0.95, 19):
            war = (before - own) / (1.0 - discount)
            peace = 1.0 + discount * (later + rival) / (1.0 - discount)
            if abs(war - peace) > 1e-9:
                assert bool(preventive_war(before, later, discount, own, rival)) == (war > peace)
    assert not preventive_war(0.8, 0.75, discount, own, rival)  # a slow shift is never worth a war
    patient = 1.0 - 1e-9
    assert preventive_war(0.8, 0.55, patient, own, rival) and not preventive_war(0.8, 0.65, patient, own, rival)
