"""The Bass law on several series at once: log p and log q of a product are drawn from one normal distribution.

Lenk & Rao (1990), Marketing Science 9(1):42-53; Sultan, Farley & Lehmann (1990), Journal of Marketing Research
27:70-77, for what the published p and q of other products tell of a new one. Rates are per year.
"""

import numpy as np
from scipy.stats import norm

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number
from gigawatt.study.fits.growth_curves import FEWEST, Prior, Series, checked

QUARTILES = norm.ppf(0.75) - norm.ppf(0.25)  # of a standard normal: 1.35 standard deviations apart


def published_prior(rows: Rows) -> Prior:
    """Prior of ln p and ln q from the published table: its medians, and sds from its quartiles; no word on the market.

    Quartiles, because the table writes "none" as 1e-8, which a standard deviation of logs would take at its word.
    rows: p_per_year and q_per_year. Raises InputError for fewer than four rows or a rate that is not above zero.
    """
    rates = np.array([[number(r, "p_per_year"), number(r, "q_per_year")] for r in rows])
    if len(rates) < 4 or not (rates > 0.0).all():
        raise InputError(f"prior of p and q: {len(rates)} rows; it needs four, with rates above zero: mend the table.")
    low, middle, high = np.quantile(np.log(rates), [0.25, 0.5, 0.75], axis=0)
    return Prior(np.array([0.0, *middle]), np.array([np.inf, *((high - low) / QUARTILES)]))


def hierarchical(series: list[Series], prior: Prior, draws: int = 400, seed: int = 0) -> dict[str, np.ndarray]:
    """Posterior of the Bass law on all series together, by NUTS (Hoffman & Gelman 2014, JMLR 15:1593-1623).

    Draws: market (draws, series) in the unit of each, p and q (draws, series) and their medians over products
    p_typical and q_typical (draws,), per year, `spread` (draws, 2) of ln p and ln q between products, and
    `divergences`, one number. prior: published_prior(), the prior of the typical product. Errors are normal and
    independent. Raises InputError where numpyro is missing, and as growth_curves.grow.
    """
    try:
        from numpyro.infer import MCMC, NUTS, init_to_value
    except ImportError:
        raise InputError("a posterior by sampling needs numpyro: pip install 'gigawatt[fit]'.") from None
    import jax

    for s in series:
        checked(s)
    if any(len(s.y) < FEWEST for s in series) or not series:
        raise InputError("hierarchical: no series: give one or more.")
    data = _padded(series)
    begin = {
        "typical": prior.mean[1:],
        "room": np.zeros(len(series)),
        "rates": np.tile(prior.mean[1:], (len(series), 1)),
    }
    # Market, p and q of a series hang together: a dense mass matrix follows them.
    kernel = NUTS(_model, target_accept_prob=0.9, init_strategy=init_to_value(values=begin), dense_mass=True)
    sampler = MCMC(
        kernel,
        num_warmup=max(draws // 2, 300),
        num_samples=-(-draws // 2),
        num_chains=2,
        chain_method="vectorized",
        progress_bar=False,
    )
    sampler.run(jax.random.PRNGKey(seed), *data, prior.mean[1:], prior.sd[1:])
    found = {k: np.asarray(v)[:draws] for k, v in sampler.get_samples().items()}
    rates, typical = np.exp(found["rates"]), np.exp(found["typical"])
    return {
        "market": found["market"] * np.array([s.y.max() for s in series]),
        "p": rates[..., 0],
        "q": rates[..., 1],
        "p_typical": typical[:, 0],
        "q_typical": typical[:, 1],
        "spread": found["spread"],
        "divergences": np.array(float(np.sum(np.asarray(sampler.get_extra_fields()["diverging"])))),
    }


def _padded(series: list[Series]):
    """Times in years, values over the largest of each, mask, start, and the most that each can reach."""
    length = max(len(s.t) for s in series)
    top = np.array([s.y.max() for s in series])
    t = np.stack([np.pad(s.t * s.period, (0, length - len(s.t)), mode="edge") for s in series])
    y = np.stack([np.pad(s.y / s.y.max(), (0, length - len(s.y))) for s in series])
    used = np.stack([np.arange(length) < len(s.t) for s in series])
    return t, y, used, np.array([s.start for s in series]) / top, np.array([s.cap for s in series]) / top


def _model(t, y, used, start, cap, mean, sd):
    """Market as a multiple of the largest value: about that value, up to the cap. Errors up to a tenth or so of it."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist

    from gigawatt.mechanisms.adoption import bass_after

    n = y.shape[0]
    typical = numpyro.sample("typical", dist.Normal(mean, sd).to_event(1))
    spread = numpyro.sample("spread", dist.HalfNormal(1.0).expand([2]).to_event(1))
    rates = numpyro.sample("rates", dist.Normal(typical[None] + jnp.zeros((n, 1)), spread[None]).to_event(2))
    room = numpyro.sample("room", dist.Normal(0.0, 1.0).expand([n]).to_event(1))
    noise = numpyro.sample("noise", dist.HalfNormal(0.1).expand([n]).to_event(1))
    market = numpyro.deterministic("market", jnp.minimum(jnp.exp(room), cap))
    p, q = jnp.exp(rates[:, :1]), jnp.exp(rates[:, 1:])
    level = market[:, None] * bass_after(jnp.clip(start / market, 0.0, 1.0)[:, None], t, p, q)
    with numpyro.handlers.mask(mask=used):
        numpyro.sample("y", dist.Normal(level, noise[:, None]).to_event(0), obs=y)
