"""Rules against principles as coverage of unseen cases: Hoeffding (1963), JASA 58:13-30; Good (1953), Biometrika
40:237.

A list of rules covers the cases that it names; what it misses of a law of frequencies is the missing mass. Conduct by
one of |H| texts that is apt on m independent cases is apt on unseen ones but for sqrt((ln|H| + ln(1/d))/(2 m)), with
chance 1 - d for every text at once. Both are checked by drawing.
"""

import numpy as np
import pytest

from gigawatt.mechanisms.constitution import listed, sampling_error

RNG = np.random.default_rng(1963)


@pytest.mark.parametrize("examples", [50, 400])
def test_the_worst_of_all_texts_stays_within_the_bound_as_often_as_it_says(examples):
    texts, trials, doubt = 256, 400, 0.05  # V^k texts with V = 16 and k = 2, of all degrees of aptness
    wrong = RNG.uniform(0.05, 0.6, texts)
    seen = RNG.binomial(examples, wrong, (trials, texts)) / examples
    worst = (wrong - seen).max(1)
    bound = float(sampling_error(2.0, 16.0, examples, doubt))
    assert bound == pytest.approx(np.sqrt((np.log(256) + np.log(20)) / (2 * examples)))
    assert np.mean(worst > bound) <= doubt
    assert np.quantile(worst, 0.95) > 0.4 * bound  # the bound is loose, not empty


def test_the_error_falls_with_the_root_of_examples_and_grows_with_the_root_of_principles():
    assert sampling_error(200.0, 1e6, 4e5, 1.0) == pytest.approx(float(sampling_error(200.0, 1e6, 1e5, 1.0)) / 2)
    assert sampling_error(400.0, 1e6, 1e5, 1.0) == pytest.approx(float(sampling_error(100.0, 1e6, 1e5, 1.0)) * 2)


def test_a_list_written_from_seen_cases_covers_less_than_the_best_list():
    """Good's missing mass: rules for n cases seen at random miss the sum of p (1 - p)^n."""
    chances = np.arange(1, 10_001) ** -1.0
    chances /= chances.sum()
    for rules in (30, 300, 3000):
        covered = 1.0 - np.sum(chances * (1.0 - chances) ** rules)
        drawn = [chances[np.unique(RNG.choice(10_000, rules, p=chances))].sum() for _ in range(40)]
        assert covered == pytest.approx(np.mean(drawn), abs=0.02)
        assert listed(float(rules), 1e4, 1.0) > covered


def test_the_assumption_is_what_carries_it():
    """Where unseen cases are chosen by an adversary and not drawn as the examples were, the bound fails."""
    apt = RNG.random(1000) > 0.1  # whether a text is apt on each kind of case
    seen = apt[RNG.integers(0, 1000, 5000)]
    chosen = apt[~apt]  # the adversary asks only where it is not
    bound = float(sampling_error(2.0, 16.0, 5000.0, 0.05))
    assert (1.0 - chosen.mean()) - (1.0 - seen.mean()) > bound
