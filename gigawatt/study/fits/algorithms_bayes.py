"""The law of algorithms.py as a posterior: errors of training compute, and laboratories drawn from one distribution.

Errors in a regressor tilt its slope to zero (regression dilution: Fuller 1987, Measurement Error Models), and with
it the rate upwards; here the true compute is estimated along. Sampled by NUTS (Hoffman & Gelman 2014, JMLR
15:1593-1623) in numpyro (Phan et al. 2019, arXiv:1912.11554).
"""

import numpy as np

from gigawatt.core.errors import InputError


def posterior(
    log_flop: np.ndarray,
    x: np.ndarray,
    eci: np.ndarray,
    lab: np.ndarray,
    error: np.ndarray,
    draws: int = 1000,
    seed: int = 0,
) -> np.ndarray:
    """(draws, 3): level at the mean of compute and date, points per e-fold of compute, points a year.

    Arrays (models,) of ln(FLOP), calendar years, ECI points, laboratories, and standard deviations of ln(FLOP).
    Raises InputError where numpyro is missing.
    """
    try:
        from numpyro.infer import MCMC, NUTS
    except ImportError:
        raise InputError("a posterior by sampling needs numpyro: pip install 'gigawatt[fit]'.") from None
    import jax

    labs, which = np.unique(lab, return_inverse=True)
    data = (log_flop - log_flop.mean(), x - x.mean(), eci, error, which, len(labs))
    sampler = MCMC(
        NUTS(_model, target_accept_prob=0.9),
        num_warmup=max(draws // 2, 300),
        num_samples=-(-draws // 2),
        num_chains=2,
        chain_method="vectorized",
        progress_bar=False,
    )
    sampler.run(jax.random.PRNGKey(seed), *data)
    found = sampler.get_samples()
    return np.stack([np.asarray(found[name])[:draws] for name in ("level", "per_log", "drift")], axis=1)


def _model(log_flop, t, eci, error, which, labs):
    """Priors in points and e-folds, wide against what any of the variants of algorithms.py gives."""
    import numpyro
    import numpyro.distributions as dist

    level = numpyro.sample("level", dist.Normal(eci.mean(), 20.0))
    per_log = numpyro.sample("per_log", dist.Normal(0.0, 10.0))
    drift = numpyro.sample("drift", dist.Normal(0.0, 20.0))
    between = numpyro.sample("between", dist.HalfNormal(10.0))
    scatter = numpyro.sample("scatter", dist.HalfNormal(10.0))
    growth = numpyro.sample("growth", dist.Normal(0.0, 3.0))
    width = numpyro.sample("width", dist.HalfNormal(5.0))
    house = numpyro.sample("house", dist.Normal(0.0, 1.0).expand([labs]).to_event(1))
    # The true compute given the reported one: both are normal about the trend of compute, so it lies in between, and
    # what is not known of it adds to the scatter of the index.
    trust = width**2 / (width**2 + error**2)
    trend = growth * t
    true, unknown = trend + trust * (log_flop - trend), width**2 * (1.0 - trust)
    numpyro.sample("reported", dist.Normal(trend, (width**2 + error**2) ** 0.5), obs=log_flop)
    mean = level + between * house[which] + per_log * true + drift * t
    numpyro.sample("eci", dist.Normal(mean, (scatter**2 + per_log**2 * unknown) ** 0.5), obs=eci)
