"""Arrival: when the genius level comes, as people say and as the simulation says (S06)."""

import jax
import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import ECI, Date, Hours, PerECI, Rate, Share, Years

# Bisection halves a bracket of about 30 e-folds; 60 halvings reach the last bit of a float64.
_HALVINGS = 60
ROUNDING = 1e-9  # years: the end of a month is a sum of floats


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


def capped_hazard_density(t, hazard, ceiling):
    """Density of the date, the derivative of `capped_hazard`. [1/year]"""
    return ceiling * hazard * jnp.exp(-hazard * t)


def constant_hazard(t, chance, ceiling=1.0):
    """Constant hazard under which the chance by time t is `chance`, where at most `ceiling` ever see it. [1/year]

    -ln(1 - P/W)/t. Arguments may be arrays.
    """
    return -jnp.log1p(-chance / ceiling) / t


def constant_hazard_from_median(median):
    """Constant hazard under which half of all worlds have seen the event by `median` years. [1/year]

    ln 2 / median. Arguments may be arrays.
    """
    return constant_hazard(median, 0.5)


class GeniusLevel(Mechanism):
    """The length of task at which a model counts as a genius in a data centre: months to years of an expert's work."""

    threshold: Hours = param("Time horizon at which the genius level is reached")

    class Out(Signals):
        genius_horizon: Hours = signal("Time horizon that counts as the genius level")

    def __call__(self, *, dt: Years) -> Out:
        return self.Out(genius_horizon=self.threshold)


def horizon_on_date(horizon, target, arrival, year, dt):
    """Time horizon that moves log-linearly so as to reach `target` at `arrival`. [unit of horizon]

    Before the arrival it closes dt / (time left) of the log gap; afterwards it stays. An arrival that never
    comes (infinite) leaves it where it is.
    """
    left = jnp.maximum(arrival - (year - dt), dt)
    return horizon * jnp.exp(jnp.maximum(jnp.log(target / horizon), 0.0) * jnp.minimum(dt / left, 1.0))


def led_to(horizon, grown, target, arrival, year, dt):
    """Time horizon led to `target` at `arrival`, and whether that has come. [unit of horizon; 1 or 0]

    Before the arrival on the line of `horizon_on_date`, from then on the larger of target and `grown`, which is what
    capability alone would give.
    """
    reached = year >= arrival - ROUNDING
    towards = horizon_on_date(horizon, target, arrival, year, dt)
    return jnp.where(reached, jnp.maximum(grown, towards), towards), jnp.where(reached, 1.0, 0.0)


class Elicited(Mechanism):
    """The genius level comes when people say it does: a capped hazard, one date per draw (S06).

    Horizons lead there on a straight line in logs. Where it never comes, horizons follow capability but stop
    short of the level.
    """

    chance: Share = param("Rank of this draw among all dates of arrival")
    hazard: Rate = param("Hazard of arrival among the worlds that see it")
    ceiling: Share = param("Greatest chance of arrival that can be claimed")
    asked: Date = param("Date from which the years to arrival count")
    barrier: Years = param("Years that a further barrier, not thought of when asked, adds to the arrival")
    short: Share = param("Part of the genius level's horizon that worlds without arrival reach at most")

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
        genius_horizon: Hours,
        prev_genius: Share,
        year: Date,
        dt: Years,
    ) -> Out:
        arrival = self.asked + capped_hazard_time(self.chance, self.hazard, self.ceiling) + self.barrier
        never = jnp.isinf(arrival)
        grown = prev_horizon * jnp.exp2(per_point * (frontier - prev_frontier))
        short = jnp.minimum(grown, jnp.maximum(self.short * genius_horizon, prev_horizon))
        led, reached = led_to(prev_horizon, grown, genius_horizon, jnp.where(never, year, arrival), year, dt)
        return self.Out(
            horizon=jnp.where(never, short, led),
            genius=jnp.maximum(prev_genius, jnp.where(never, 0.0, reached)),
        )


class Dated(Mechanism):
    """The genius level comes on a stated date, the same in every draw."""

    arrival: Date = param("Date at which the genius level is reached")

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
        genius_horizon: Hours,
        prev_genius: Share,
        year: Date,
        dt: Years,
    ) -> Out:
        grown = prev_horizon * jnp.exp2(per_point * (frontier - prev_frontier))
        horizon, reached = led_to(prev_horizon, grown, genius_horizon, self.arrival, year, dt)
        return self.Out(horizon=horizon, genius=jnp.maximum(prev_genius, reached))
