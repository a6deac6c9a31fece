"""Efficiency: algorithmic progress from research, and how labs lead one another (S09, S10)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.maths import log_ces, mean_decay
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import H100e, PerLab, PerYear, Positive, Rate, Share, Years

LEAST_EFFORT = 1e-12  # 0^lambda has no derivative; this much effort is none


def research_input(compute, labour, labour_share, substitution):
    """Research done with experiment compute and with the work of researchers and models. [multiple of the start]

    ((1 - x) C^rho + x L^rho)^(1/rho), rho = (s - 1)/s: Whitfill & Wu (2025), arXiv:2507.23181. Below s = 1 the two
    are complements: with compute held, no amount of automated labour lifts research above C (1 - x)^(1/rho), and
    the loop of software alone stalls on compute. Arguments may be arrays.
    """
    return jnp.exp(log_research_input(compute, labour, labour_share, substitution))


def log_research_input(compute, labour, labour_share, substitution):
    """Log of `research_input`. Arguments may be arrays."""
    log_compute, log_labour = (jnp.log(jnp.maximum(x, LEAST_EFFORT)) for x in (compute, labour))
    return log_compute + log_ces(labour_share, log_labour - log_compute, substitution)


def labour_behind(research, labour_share, substitution):
    """Researchers' work behind a total-factor speed-up at unchanged compute: undoes `research_input`. [multiple]

    ((S^rho - (1 - x)) / x)^(1/rho). A speed-up that complements forbid, however fast the work, needs a very large one.
    Arguments may be arrays.
    """
    rho = 1.0 - jnp.divide(1.0, substitution)
    near = jnp.abs(rho) < 1e-6
    safe = jnp.where(near, 1.0, rho)
    left = jnp.maximum(jnp.expm1(safe * jnp.log(research)) / labour_share, LEAST_EFFORT - 1.0)
    return jnp.exp(jnp.where(near, jnp.log(research) / labour_share, jnp.log1p(left) / safe))


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
    return rate * jnp.exp(parallel * (jnp.log(some) - jnp.log(level) / returns))


def algorithmic_step(level, rate, effort, parallel, returns, dt):
    """Level of algorithmic efficiency after `dt` years of constant effort. [multiple of the start]

    Exact solution of `algorithmic_growth`: A^beta rises linearly, beta = parallel / returns.
    Arguments may be arrays.
    """
    log_effort = jnp.log(jnp.maximum(effort, LEAST_EFFORT))
    return jnp.exp(log_algorithmic_step(jnp.log(level), rate, log_effort, parallel, returns, dt))


def log_algorithmic_step(log_level, rate, log_effort, parallel, returns, dt):
    """Log of `algorithmic_step`, from the logs of level and effort. Arguments may be arrays."""
    beta = parallel / returns
    growth = rate * jnp.exp(parallel * log_effort - beta * log_level)
    return log_level + jnp.log1p(beta * growth * dt) / beta


def lead_growth(lead, speedup, leakage, gain, catch_up):
    """Growth of a leader's lead over its rivals. [unit of lead per year]

    gain (S - 1) (1 - leakage) - catch_up * lead (systems.md S10): what the leader's own models add to its pace, less
    the part that rivals get by using them, less imitation. `gain` is lead per year and unit of speed-up, `catch_up`
    per year. Arguments may be arrays.
    """
    return gain * (speedup - 1.0) * (1.0 - leakage) - catch_up * lead


def lead_after(lead, speedup, leakage, gain, catch_up, dt):
    """Lead after `dt` years at a constant speed-up: the exact solution of `lead_growth`. [unit of lead]

    It tends to gain (S - 1)(1 - leakage) / catch_up. Arguments may be arrays.
    """
    grown = gain * (speedup - 1.0) * (1.0 - leakage) * dt * mean_decay(catch_up * dt)
    return lead * jnp.exp(-catch_up * dt) + grown


class Algorithms(Mechanism):
    """Research turns compute, and researchers sped up by models, into better algorithms; a lag behind the best closes.

    Compute and labour are relative to the start; what last month's models do counts as labour. A stated total-factor
    speed-up at the start is met.
    """

    gain_at_start: Positive = param("Total-factor speed-up of research by models at the start, beyond one")
    rate: Rate = param("Log growth of algorithmic efficiency at the effort of the start")
    staff_growth: PerYear = param("Log growth of research staff")
    labour_share: Share = param("Share of researchers' work in research, at the start; the rest is experiment compute")
    substitution: Positive = param("Elasticity of substitution between experiment compute and researchers' work")
    parallel: Positive = param("Elasticity of progress in research effort (stepping on toes)")
    returns: Positive = param("Returns to research effort: elasticity in effort over fishing-out")
    leak: Rate = param("Rate at which a lag behind the best lab closes")

    class Out(Signals):
        algorithms: PerLab[Positive] = signal("Algorithmic efficiency relative to the start", start=1.0)
        staff: Positive = signal("Research staff relative to the start", start=1.0)
        speedup: Positive = signal("Speed-up of the best lab's research by models, all factors", headline=True)
        labour_at_start: Positive = signal("Speed-up of researchers' work that the stated gain at the start implies")
        research_at_start: PerLab[H100e] = signal("Research compute at the start")

    begins = ("speedup", "labour_at_start", "research_at_start")

    def begin(self, *, research_compute: PerLab[H100e]) -> dict[str, Array]:
        speedup = 1.0 + self.gain_at_start
        labour = labour_behind(speedup, self.labour_share, self.substitution)
        return {"speedup": speedup, "labour_at_start": labour, "research_at_start": research_compute}

    def __call__(
        self,
        *,
        research_compute: PerLab[H100e],
        prev_research_compute: PerLab[H100e],
        progress: Share,
        prev_staff: Positive,
        prev_lab_speedup: PerLab[Positive],
        prev_labour_at_start: Positive,
        prev_algorithms: PerLab[Positive],
        prev_research_at_start: PerLab[H100e],
        dt: Years,
    ) -> Out:
        staff = prev_staff * jnp.exp(self.staff_growth * dt)
        compute = 0.5 * (research_compute + prev_research_compute) / prev_research_at_start
        people = 0.5 * (staff + prev_staff)
        sped_up, unaided = (self.log_research(compute, people * s) for s in (prev_lab_speedup, 1.0))
        before, rate = jnp.log(prev_algorithms), self.rate * progress
        own = log_algorithmic_step(before, rate, sped_up, self.parallel, self.returns, dt)
        lag = jnp.max(own) - own
        return self.Out(
            algorithms=jnp.exp(own - lag * jnp.expm1(-self.leak * dt)),
            staff=staff,
            speedup=jnp.exp(jnp.max(sped_up - unaided)),
            labour_at_start=prev_labour_at_start,
            research_at_start=prev_research_at_start,
        )

    def log_research(self, compute: Array, labour: Array) -> Array:
        return log_research_input(compute, labour, self.labour_share, self.substitution)
