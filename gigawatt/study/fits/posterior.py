"""The same trend by Hamiltonian Monte Carlo: the check of localtrend.py, and its version for outliers.

State space on the dates themselves: over a gap d the slope moves by step sqrt(d) z1 and the level by
d slope + step d^1.5 (z1/2 + z2/sqrt 12), with z1, z2 standard normal: the exact law of an integrated Wiener process.
Sampled by NUTS (Hoffman & Gelman 2014, JMLR 15:1593-1623) in numpyro (Phan et al. 2019, arXiv:1912.11554).
"""

from dataclasses import dataclass

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.study.fits.localtrend import RESTLESS, checked, straight


@dataclass(frozen=True)
class Posterior:
    """Draws: level, slope and a new observation at the dates asked, (draws, at); step and scatter, (draws,).

    divergences: number of draws at which the sampler lost its way; more than a few mean that it cannot be trusted.
    """

    level: np.ndarray
    slope: np.ndarray
    observed: np.ndarray
    step: np.ndarray
    scatter: np.ndarray
    divergences: int


def trend(
    t: np.ndarray,
    y: np.ndarray,
    error_sd: np.ndarray | float,
    at: np.ndarray,
    draws: int = 1000,
    seed: int = 0,
    freedom: float = np.inf,
    step_scale: float | None = None,
) -> Posterior:
    """Posterior of a local linear trend through y at times t, told at the dates `at`.

    Priors as in localtrend.local_trend. freedom: degrees of freedom of Student's t for the scatter and the
    measurement error together; infinite is normal. Raises InputError where numpyro is missing, and as local_trend.
    """
    t, y, at = np.asarray(t, float), np.asarray(y, float), np.atleast_1d(np.asarray(at, float))
    error = np.broadcast_to(np.asarray(error_sd, float), t.shape)
    checked(t, y, error)
    slope, scatter_scale = straight(t, y)
    scale = RESTLESS * abs(slope) if step_scale is None else step_scale
    dates, where = np.unique(np.concatenate([t, at]), return_inverse=True)
    data = (np.diff(dates), where[: len(t)], y, error, scale, scatter_scale, slope, freedom)
    found, divergences = _sample(data, draws, seed)
    level, slopes = found["level"][:, where[len(t) :]], found["slope"][:, where[len(t) :]]
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(level.shape) if np.isinf(freedom) else rng.standard_t(freedom, level.shape)
    spread = np.hypot(found["scatter"], np.median(error))[:, None]
    return Posterior(level, slopes, level + spread * noise, found["step"], found["scatter"], divergences)


def _sample(data: tuple, draws: int, seed: int) -> tuple[dict[str, np.ndarray], int]:
    """Two chains, one after the other: as many draws of warm-up as are kept in each, and 300 at least."""
    try:
        from numpyro.infer import MCMC, NUTS
    except ImportError:
        raise InputError("a posterior by sampling needs numpyro: pip install 'gigawatt[fit]'.") from None
    import jax

    each = -(-draws // 2)
    kernel = NUTS(_model, target_accept_prob=0.95)
    sampler = MCMC(
        kernel, num_warmup=max(each, 300), num_samples=each, num_chains=2, chain_method="vectorized", progress_bar=False
    )
    sampler.run(jax.random.PRNGKey(seed), *data)
    found = {k: np.asarray(v)[:draws] for k, v in sampler.get_samples().items()}
    return found, int(np.sum(np.asarray(sampler.get_extra_fields()["diverging"])))


def _model(gaps, seen, y, error, step_scale, scatter_scale, slope_guess, freedom):
    """Level and slope at every date; wide normal priors at the first stand for flat ones."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    step = numpyro.sample("step", dist.HalfNormal(step_scale))
    scatter = numpyro.sample("scatter", dist.HalfNormal(scatter_scale))
    span = max(np.ptp(y), scatter_scale)
    level_0 = numpyro.sample("level_0", dist.Normal(y[0], 3.0 * span))
    slope_0 = numpyro.sample("slope_0", dist.Normal(slope_guess, 10.0 * step_scale))
    z = numpyro.sample("z", dist.Normal(0.0, 1.0).expand([2, len(gaps)]).to_event(2))
    start = jnp.zeros(1)
    slope = slope_0 + jnp.concatenate([start, jnp.cumsum(step * jnp.sqrt(gaps) * z[0])])
    moved = gaps * slope[:-1] + step * gaps**1.5 * (z[0] / 2.0 + z[1] / np.sqrt(12.0))
    level = level_0 + jnp.concatenate([start, jnp.cumsum(moved)])
    numpyro.deterministic("level", level)
    numpyro.deterministic("slope", slope)
    spread = jnp.sqrt(error**2 + scatter**2)
    law = dist.Normal(level[seen], spread) if np.isinf(freedom) else dist.StudentT(freedom, level[seen], spread)
    numpyro.sample("y", law, obs=y)
