"""Conditional value at risk: the mean of the worst share of outcomes, from a distribution or from a sample.

The outcome X is good when high (profit, cash), so the tail is the low one: VaR_eta = F^-1(eta) and CVaR_eta is the
mean of the lowest share eta. For losses change the sign. Rockafellar & Uryasev (2002), Journal of Banking &
Finance 26:1443. All functions run under jit, vmap and grad.
"""

import jax.numpy as jnp

from gigawatt.decisions.distributions import Demand, Empirical
from gigawatt.decisions.elementwise import require


def value_at_risk(law: Demand, eta):
    """Outcome that is not reached with probability eta: F^-1(eta). [unit of X]

    `law` is any distribution of `gigawatt.decisions.distributions`. Raises InputError if eta lies outside (0, 1].
    """
    require("eta", eta, (eta > 0.0) & (eta <= 1.0), "a tail is a share in (0, 1]")
    return law.quantile(eta)


def cvar(law: Demand, eta):
    """Mean of the lowest share eta of a distribution; an atom on the edge counts in part. [unit of X]

    Raises InputError if eta lies outside (0, 1].
    """
    return law.tail_mean(eta)


def sample_cvar(outcomes, eta, probabilities=None):
    """Mean of the lowest share eta of a sample, found by sorting. [unit of X]

    `outcomes` and `probabilities` (equal if None) lie along the last axis, leading axes are batches. The outcome on
    the edge counts with what is left of eta. Raises InputError if eta lies outside (0, 1], a probability is below
    0 or they do not add up to 1.
    """
    return Empirical(outcomes, probabilities).tail_mean(eta)


def rockafellar_uryasev(outcomes, threshold, eta, probabilities=None):
    """threshold - E(threshold - X)+ / eta over a sample, along the last axis. [unit of X]

    Concave in the threshold; its maximum over the threshold is the CVaR, reached at the VaR. So a gradient step in
    a policy and the threshold together raises the policy's CVaR without sorting: Rockafellar & Uryasev (2000),
    Journal of Risk 2(3):21. `threshold` has the batch axes of `outcomes` or none. Raises InputError if eta lies
    outside (0, 1].
    """
    require("eta", eta, (eta > 0.0) & (eta <= 1.0), "a tail is a share in (0, 1]")
    short = jnp.maximum(jnp.expand_dims(threshold, -1) - outcomes, 0.0)
    mean = jnp.mean(short, axis=-1) if probabilities is None else jnp.sum(probabilities * short, axis=-1)
    return threshold - mean / eta
