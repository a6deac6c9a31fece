"""Efficiency: algorithmic progress from research, and its leakage between labs (S09, S10)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import H100e, PerLab, Positive, Rate, Share, Years

LEAST_EFFORT = 1e-12  # 0^lambda has no derivative; this much effort is none


def algorithmic_growth(rate, effort, level, parallel, returns):
    """Growth of algorithmic efficiency, d ln A / dt. [1/year]

    The semi-endogenous law rate * effort^lambda * A^-beta with beta = lambda / r: Jones (1995), Journal of
    Political Economy 103(4):759-784; Bloom et al. (2020), American Economic Review 110(4):1104-1144;
    r = lambda / beta as estimated by Erdil, Besiroglu & Ho (2024), arXiv:2405.10494.
    `effort` and `level` are relative to the start, where growth is `rate`; `parallel` (lambda) discounts
    effort that duplicates itself; above `returns` (r) of one, research that feeds on its own results
    accelerates. Arguments may be arrays.
    """
    some = jnp.maximum(effort, LEAST_EFFORT)
    return rate * some**parallel * level ** (-parallel / returns)


def algorithmic_step(level, rate, effort, parallel, returns, dt):
    """Level of algorithmic efficiency after `dt` years of constant effort. [multiple of the start]

    Exact solution of `algorithmic_growth`: A^beta rises linearly, beta = parallel / returns.
    Arguments may be arrays.
    """
    beta = parallel / returns
    growth = algorithmic_growth(rate, effort, level, parallel, returns)
    return level * jnp.exp(jnp.log1p(beta * growth * dt) / beta)


class Algorithms(Mechanism):
    """Research turns compute and sped-up researchers into better algorithms; part of it leaks to rivals.

    Effort is the lab's research compute relative to the start, times the speed-up by its own coding models of
    last month. A lag behind the best lab closes at the rate of leakage.
    """

    rate: Rate = param("Log growth of algorithmic efficiency at the effort of the start")
    parallel: Positive = param("Elasticity of progress in research effort (stepping on toes)")
    returns: Positive = param("Returns to research effort: elasticity in effort over fishing-out")
    leak: Rate = param("Rate at which a lag behind the best lab closes")

    class Out(Signals):
        algorithms: PerLab[Positive] = signal("Algorithmic efficiency relative to the start", start=1.0)
        research_at_start: PerLab[H100e] = signal("Research compute at the start")

    begins = ("research_at_start",)

    def begin(self, *, research_compute: PerLab[H100e]) -> dict[str, Array]:
        return {"research_at_start": research_compute}

    def __call__(
        self,
        *,
        research_compute: PerLab[H100e],
        prev_research_compute: PerLab[H100e],
        progress: Share,
        prev_speedup: Positive,
        prev_algorithms: PerLab[Positive],
        prev_research_at_start: PerLab[H100e],
        dt: Years,
    ) -> Out:
        over_month = 0.5 * (research_compute + prev_research_compute)
        effort = prev_speedup * over_month / prev_research_at_start
        own = algorithmic_step(prev_algorithms, self.rate * progress, effort, self.parallel, self.returns, dt)
        lag = jnp.log(jnp.max(own) / own)
        return self.Out(
            algorithms=own * jnp.exp(-lag * jnp.expm1(-self.leak * dt)),
            research_at_start=prev_research_at_start,
        )
