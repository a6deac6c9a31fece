"""Capability: benchmarks, the ladder, and the length of task that models complete (S05)."""

import jax
import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import ECI, Hours, Number, PerECI, Share, Years


def logit_slope(t0, y0, t1, y1):
    """Slope of a benchmark score in logits between two readings. [logits per year]

    Scores are shares strictly between 0 and 1; times in years. Arguments may be arrays.
    """
    return (_logit(y1) - _logit(y0)) / (t1 - t0)


def logistic_benchmark(t, t0, y0, t1, y1):
    """Score at time t on the logistic curve through two readings. [share]

    Benchmarks saturate, so the line is drawn in logits, not in points (systems.md S05). Arguments may be
    arrays.
    """
    return jax.nn.sigmoid(_logit(y0) + logit_slope(t0, y0, t1, y1) * (t - t0))


def _logit(share):
    return jnp.log(share) - jnp.log1p(-share)


def time_horizon(capability, start_capability, start_horizon, per_point):
    """Length of task that a model completes half of the time. [hours, or the unit of start_horizon]

    Log-linear in capability, as in Kwa et al. (2025), arXiv:2503.14499, where it is log-linear in the date
    of release; `per_point` is doublings of the horizon per point of capability. Arguments may be arrays.
    """
    return start_horizon * jnp.exp2(per_point * (capability - start_capability))


def ladder(capability, rungs):
    """Level on the ladder whose thresholds are `rungs`: 0 at the first rung, 1 at the second, and so on.

    Linear in between, flat below the first and above the last (systems.md S05). `rungs` is one rising row of
    thresholds in the unit of capability; `capability` may be an array.
    """
    steps = zip(rungs[:-1], rungs[1:], strict=True)
    return sum(jnp.clip((capability - low) / (high - low), 0.0, 1.0) for low, high in steps)


def domain_capability(general, ahead):
    """Capability in a domain that runs ahead of the general level, or behind it (negative). [unit of general]

    A common trend and an offset for each domain (systems.md S05). Arguments may be arrays.
    """
    return general + ahead


def rung_date(rung, capability, year, growth):
    """Date at which capability passes a rung when it grows by `growth` a year from its level at `year`. [calendar year]

    Arguments may be arrays.
    """
    return year + (rung - capability) / growth


def deployable(score, threshold):
    """Whether a benchmark score is reliable enough for the work to be handed over. [1 or 0]

    Deployment waits for a threshold, not for the average (systems.md S05). Arguments may be arrays.
    """
    return jnp.where(score >= threshold, 1.0, 0.0)


class HorizonScale(Mechanism):
    """How fast the length of task grows with capability: one number that every law of horizons reads."""

    per_point: PerECI = param("Doublings of the time horizon per point of capability")

    class Out(Signals):
        per_point: PerECI = signal("Doublings of the time horizon per point of capability")

    begins = ("per_point",)

    def begin(self) -> dict:
        return {"per_point": self.per_point}

    def __call__(self, *, dt: Years) -> Out:
        return self.Out(per_point=self.per_point)


class Horizon(Mechanism):
    """The length of task that the best model completes grows with its capability; the genius level is a length.

    It is reached only where models also do enough of what cannot be checked.
    """

    class Out(Signals):
        horizon: Hours = signal("Time horizon of the best model (50 % success)", headline=True)
        genius: Share = signal("Genius level reached (1) or not (0)", start=0.0, headline=True)

    def __call__(
        self,
        *,
        frontier: ECI,
        per_point: PerECI,
        prev_frontier: ECI,
        prev_horizon: Hours,
        prev_genius: Share,
        genius_horizon: Hours,
        whole: Share,
    ) -> Out:
        horizon = time_horizon(frontier, prev_frontier, prev_horizon, per_point)
        reached = whole * jnp.where(horizon >= genius_horizon, 1.0, 0.0)
        return self.Out(horizon=horizon, genius=jnp.maximum(prev_genius, reached))


class Ladder(Mechanism):
    """Where the best model stands between school pupils and more than professionals; code runs ahead (S05)."""

    school: ECI = param("Capability of a bright high-school student (2023)")
    college: ECI = param("Capability of a bright college student (2024)")
    doctoral: ECI = param("Capability of an early doctoral or professional worker (2025)")
    beyond: ECI = param("Capability beyond professionals")
    code_ahead: ECI = param("How far code is ahead of the general level")

    class Out(Signals):
        rung: Number = signal("Rung on the ladder: 1 school, 2 college, 3 doctoral, 4 beyond", headline=True)
        code_rung: Number = signal("Rung on the ladder in code")

    def __call__(self, *, frontier: ECI) -> Out:
        rungs = (self.school, self.college, self.doctoral, self.beyond)
        rung, code_rung = 1.0 + ladder(domain_capability(frontier, jnp.stack([0.0, self.code_ahead])), rungs)
        return self.Out(rung=rung, code_rung=code_rung)
