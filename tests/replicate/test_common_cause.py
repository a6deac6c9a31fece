"""Common-cause failure: Fleming (1975), GA-A13284; worked examples of the beta-factor model.

The beta-factor model splits the chance of failure of each of n like parts into a part beta that takes all of them and
a part 1 - beta of its own: all n fail with chance beta q + ((1 - beta) q)^n. `misuse.joint_failure` mixes fates,
r q + (1 - r) q^n, and must agree where failures are rare.
"""

import numpy as np
import pytest

from gigawatt.mechanisms.misuse import joint_failure


def beta_factor(chance, parts, beta):
    return beta * chance + ((1.0 - beta) * chance) ** parts


@pytest.mark.parametrize("parts", [2, 3, 4])
@pytest.mark.parametrize("beta", [0.01, 0.05, 0.10])  # the range that standards use (IEC 61508-6, annex D)
def test_rare_failures_of_redundant_parts_follow_the_beta_factor(parts, beta):
    chance = 1e-3
    assert joint_failure(chance, parts, beta) == pytest.approx(beta_factor(chance, parts, beta), rel=0.02)


def test_a_tenth_of_common_causes_takes_nearly_all_of_what_redundancy_gives():
    """Two mirrored disks, 0.017 failures a year each, beta = 0.08 (Reliability HotWire 115, 2010)."""
    chance, beta = -np.expm1(-0.017), 0.08
    independent, together = chance**2, joint_failure(chance, 2, beta)
    assert together == pytest.approx(beta * chance, rel=0.2)  # the common cause dominates
    assert together / independent == pytest.approx(1.0 + beta * (1.0 - chance) / chance, rel=1e-9)
    assert 5.0 < together / independent < 6.0  # redundancy without common causes would be overrated over fivefold


def test_beyond_a_few_layers_only_the_common_cause_is_left():
    layers = np.arange(1, 15)
    failing = joint_failure(0.2, layers, 0.1)
    assert np.all(np.diff(failing) < 0.0)
    assert failing[-1] == pytest.approx(0.1 * 0.2, rel=1e-6)
