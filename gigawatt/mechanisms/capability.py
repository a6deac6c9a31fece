"""Capability: when the genius level comes, and how far along the way models are (S05, S06)."""

import jax
import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import ECI, Date, Hours, Number, PerECI, Rate, Share, Years

# Bisection halves a bracket of about 30 e-folds; 60 halvings reach the last bit of a float64.
_HALVINGS = 60


def capped_hazard(t, hazard, ceiling):
    """Chance that the event has come by time t, where a part of all worlds never sees it. [probability]

    W (1 - exp(-h t)), systems.md S06; `hazard` per year among the worlds that do see it. Arguments may be
    arrays.
    """
    return -ceiling * jnp.expm1(-hazard * t)


def capped_hazard_time(chance, hazard, ceiling):
    """Years until the chance of arrival reaches `chance`: the inverse of `capped_hazard`. [years]

    Infinite at or above the ceiling. Arguments may be arrays.
    """
    reached = chance < ceiling
    share = jnp.where(reached, chance / ceiling, 0.0)  # a safe value, so that derivatives stay finite
    return jnp.where(reached, -jnp.log1p(-share) / hazard, jnp.inf)


def capped_hazard_fit(t1, p1, t2, p2):
    """Hazard and ceiling of a capped hazard that passes through two quantiles. [1/year, probability]

    Solves P(t1) = p1 and P(t2) = p2 for t1 < t2. A solution exists when 1 < p2/p1 < t2/t1: a larger ratio
    would need a hazard that rises; the answer is then not a number. Whether the ceiling is credible (below
    one, say) is for the caller to judge. Arguments may be arrays.
    """
    wanted = p2 / p1
    # In logs of the hazard: from almost never within t2 to almost at once within t1.
    nothing = jnp.zeros(jnp.broadcast_shapes(jnp.shape(wanted), jnp.shape(t1), jnp.shape(t2)))
    low, high = jnp.log(1e-9 / t2) + nothing, jnp.log(40.0 / t1) + nothing
    bracket = jax.lax.stop_gradient((low, high, t1 + nothing, t2 + nothing, wanted + nothing))
    low, high, *_ = jax.lax.fori_loop(0, _HALVINGS, _halve, bracket)
    found = jnp.exp(0.5 * (low + high))

    # Bisection has no derivative; one Newton step from its answer carries the implicit one.
    def gap(hazard):
        return p1 * jnp.expm1(-hazard * t2) - p2 * jnp.expm1(-hazard * t1)

    found = jax.lax.stop_gradient(found)
    slope = p2 * t1 * jnp.exp(-found * t1) - p1 * t2 * jnp.exp(-found * t2)
    hazard = found - gap(found) / slope
    solvable = (wanted > 1.0) & (wanted < t2 / t1)
    hazard = jnp.where(solvable, hazard, jnp.nan)
    return hazard, -p1 / jnp.expm1(-hazard * t1)


def _halve(_, bracket):
    """One bisection. Not nested in the fit, so that JAX compiles it once and not at every call."""
    low, high, t1, t2, wanted = bracket
    middle = 0.5 * (low + high)
    hazard = jnp.exp(middle)
    # The ratio of chances falls from t2/t1 to 1 as the hazard rises.
    too_low = jnp.expm1(-hazard * t2) / jnp.expm1(-hazard * t1) > wanted
    return jnp.where(too_low, middle, low), jnp.where(too_low, high, middle), t1, t2, wanted


def constant_hazard_from_median(median):
    """Constant hazard under which half of all worlds have seen the event by `median` years. [1/year]

    ln 2 / median. Arguments may be arrays.
    """
    return jnp.log(2.0) / median


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
    rungs = jnp.asarray(rungs, dtype=float)
    return jnp.interp(capability, rungs, jnp.arange(rungs.shape[0], dtype=rungs.dtype))


class GeniusLevel(Mechanism):
    """The length of task at which a model counts as a genius in a data centre: months to years of an expert's work."""

    threshold: Hours = param("Time horizon at which the genius level is reached")

    class Out(Signals):
        genius_horizon: Hours = signal("Time horizon that counts as the genius level")

    def __call__(self, *, dt: Years) -> Out:
        return self.Out(genius_horizon=self.threshold)


class Horizon(Mechanism):
    """The length of task that the best model completes grows with its capability; the genius level is a length."""

    per_point: PerECI = param("Doublings of the time horizon per point of capability")
    rung_school: ECI = param("Capability of a bright high-school student (2023)")
    rung_college: ECI = param("Capability of a bright college student (2024)")
    rung_doctoral: ECI = param("Capability of an early doctoral or professional worker (2025)")
    rung_beyond: ECI = param("Capability beyond professionals")

    class Out(Signals):
        horizon: Hours = signal("Time horizon of the best model (50 % success)", headline=True)
        genius: Share = signal("Genius level reached (1) or not (0)", start=0.0, headline=True)
        rung: Number = signal("Rung on the ladder: 1 school, 2 college, 3 doctoral, 4 beyond", headline=True)

    def __call__(
        self,
        *,
        frontier: ECI,
        prev_frontier: ECI,
        prev_horizon: Hours,
        prev_genius: Share,
        genius_horizon: Hours,
    ) -> Out:
        horizon = time_horizon(frontier, prev_frontier, prev_horizon, self.per_point)
        rungs = jnp.stack([self.rung_school, self.rung_college, self.rung_doctoral, self.rung_beyond])
        return self.Out(
            horizon=horizon,
            genius=jnp.maximum(prev_genius, jnp.where(horizon >= genius_horizon, 1.0, 0.0)),
            rung=1.0 + ladder(frontier, rungs),
        )


def horizon_on_date(horizon, target, arrival, year, dt):
    """Time horizon that moves log-linearly so as to reach `target` at `arrival`. [unit of horizon]

    Before the arrival it closes dt / (time left) of the log gap; afterwards it stays. An arrival that never
    comes (infinite) leaves it where it is.
    """
    left = jnp.maximum(arrival - (year - dt), dt)
    return horizon * jnp.exp(jnp.maximum(jnp.log(target / horizon), 0.0) * jnp.minimum(dt / left, 1.0))


class Elicited(Mechanism):
    """The genius level comes when people say it does: a capped hazard, one date per draw (S06).

    Horizons lead there on a straight line in logs. Where it never comes, horizons follow capability but stop
    short of the level.
    """

    chance: Share = param("Rank of this draw among all dates of arrival")
    hazard: Rate = param("Hazard of arrival among the worlds that see it")
    ceiling: Share = param("Greatest chance of arrival that can be claimed")
    asked: Date = param("Date from which the years to arrival count")
    short: Share = param("Part of the genius level's horizon that worlds without arrival reach at most")
    per_point: PerECI = param("Doublings of the time horizon per point of capability")

    class Out(Signals):
        horizon: Hours = signal("Time horizon of the best model (50 % success)", headline=True)
        genius: Share = signal("Genius level reached (1) or not (0)", start=0.0, headline=True)

    def __call__(
        self,
        *,
        frontier: ECI,
        prev_frontier: ECI,
        prev_horizon: Hours,
        genius_horizon: Hours,
        prev_genius: Share,
        year: Date,
        dt: Years,
    ) -> Out:
        arrival = self.asked + capped_hazard_time(self.chance, self.hazard, self.ceiling)
        never = jnp.isinf(arrival)
        towards = horizon_on_date(prev_horizon, genius_horizon, jnp.where(never, year, arrival), year, dt)
        grown = time_horizon(frontier, prev_frontier, prev_horizon, self.per_point)
        reached = ~never & (year >= arrival)
        horizon = jnp.where(
            never,
            jnp.minimum(grown, jnp.maximum(self.short * genius_horizon, prev_horizon)),
            jnp.where(reached, jnp.maximum(grown, towards), towards),
        )
        return self.Out(horizon=horizon, genius=jnp.maximum(prev_genius, jnp.where(reached, 1.0, 0.0)))


class Dated(Mechanism):
    """The genius level comes on a stated date, the same in every draw."""

    arrival: Date = param("Date at which the genius level is reached")
    per_point: PerECI = param("Doublings of the time horizon per point of capability")

    class Out(Signals):
        horizon: Hours = signal("Time horizon of the best model (50 % success)", headline=True)
        genius: Share = signal("Genius level reached (1) or not (0)", start=0.0, headline=True)

    def __call__(
        self,
        *,
        frontier: ECI,
        prev_frontier: ECI,
        prev_horizon: Hours,
        genius_horizon: Hours,
        prev_genius: Share,
        year: Date,
        dt: Years,
    ) -> Out:
        reached = year >= self.arrival - 1e-9
        towards = horizon_on_date(prev_horizon, genius_horizon, self.arrival, year, dt)
        grown = time_horizon(frontier, prev_frontier, prev_horizon, self.per_point)
        return self.Out(
            horizon=jnp.where(reached, jnp.maximum(grown, towards), towards),
            genius=jnp.maximum(prev_genius, jnp.where(reached, 1.0, 0.0)),
        )
