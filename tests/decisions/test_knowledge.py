"""Knowledge that ages and spills over, and a lag that closes."""

import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.core.errors import InputError
from gigawatt.decisions import knowledge

SPEND = np.array([10.0, 5.0, 0.0])


def test_knowledge_tends_to_where_decay_takes_what_is_learned():
    stock = np.zeros(3)
    for _ in range(300):
        stock = knowledge.next_knowledge(stock, SPEND, 0.2, 0.3)
    np.testing.assert_allclose(stock, knowledge.steady_knowledge(SPEND, 0.2, 0.3), rtol=1e-12)
    np.testing.assert_allclose(stock[2], 0.3 * 15.0 / 0.2, rtol=1e-12)  # all of it from others


def test_full_spillover_leaves_no_differences_and_none_keeps_all():
    assert np.ptp(knowledge.learned(SPEND, 0.1, 1.0)) == 0.0
    np.testing.assert_array_equal(knowledge.learned(SPEND, 0.1, 0.0), SPEND)


def test_a_lag_tends_to_pace_over_catch_up_and_to_nothing_behind_a_frozen_leader():
    np.testing.assert_allclose(knowledge.lag_after(5.0, 14.0, 0.7, 100.0), 20.0, rtol=1e-12)
    np.testing.assert_allclose(knowledge.lag_after(5.0, 0.0, 0.7, jnp.log(2.0) / 0.7), 2.5, rtol=1e-12)
    step = knowledge.lag_after(knowledge.lag_after(5.0, 14.0, 0.7, 1.0), 14.0, 0.7, 2.0)
    np.testing.assert_allclose(step, knowledge.lag_after(5.0, 14.0, 0.7, 3.0), rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: knowledge.learned([-1.0], 0.1, 0.1), "spend is -1"),
        (lambda: knowledge.steady_knowledge([1.0], 0.0, 0.1), "decay is 0"),
        (lambda: knowledge.next_knowledge([1.0], [1.0], 0.1, 1.5), "spillover is 1.5"),
        (lambda: knowledge.lag_after(1.0, 1.0, 0.0, 1.0), "catch_up is 0"),
    ],
)
def test_bad_input_names_the_argument(call, words):
    with pytest.raises(InputError, match=words):
        call()
