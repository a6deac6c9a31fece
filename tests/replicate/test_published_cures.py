"""Published odds, times and counts of drug development, from the plain laws and the entries."""

import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.mechanisms.cures import Delivery, Pipeline, likelihood_of_approval, needed_per_launch


def test_likelihood_of_approval_and_time_of_bio_2011_2020():
    """BIO, Informa & QLS (2021): 52.0, 28.9, 57.8 and 90.6 per cent make 7.9; 10.5 years from phase I."""
    law = Pipeline()
    assert np.allclose(law.success[2:], [0.520, 0.289, 0.578, 0.906])
    assert round(100 * float(likelihood_of_approval(law.success[2:])), 1) == 7.9
    assert jnp.sum(law.duration[2:]) == pytest.approx(10.5)


def test_the_same_sum_of_the_decade_before():
    """BIO, Biomedtracker & Amplion (2016), 2006-2015: 63, 31, 58 and 85 per cent make 9.6."""
    assert round(100 * float(likelihood_of_approval(jnp.array([0.63, 0.31, 0.58, 0.85]))), 1) == 9.6


def test_projects_needed_for_one_launch_of_paul_2010():
    """Paul et al. (2010), figure 2: work in process from target to launch, and 13.5 years in all."""
    odds = jnp.array([0.80, 0.75, 0.85, 0.69, 0.54, 0.34, 0.70, 0.91])
    assert np.allclose(np.round(needed_per_launch(odds), 1), [24.3, 19.4, 14.6, 12.4, 8.6, 4.6, 1.6, 1.1])
    law = Pipeline()
    assert law.success[0] == pytest.approx(float(jnp.prod(odds[:3])), abs=1e-3) and law.success[1] == odds[3]
    assert jnp.sum(law.duration[:2]) == pytest.approx(1.0 + 1.5 + 2.0 + 1.0)


def test_launch_lags_of_wouters_and_kuha_2024():
    assert np.allclose(Delivery().lag, [2.7, 4.5, 6.9, 8.0])
