"""Demand: what the world would pay for AI, from work done or from a trend with a bend (S14, S16, S17)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Number, PerIncome, PerLab, PerSqrtYear, Positive, Share, Years, bn_USD_per_year


def growth_rate(revenue, multiple, ceiling):
    """Growth of revenue, d ln R / dt, which fades as revenue nears its ceiling. [1/year]

    ln m (1 - R/K): systems.md S16 with the logistic as the form of the bend (Verhulst 1838). `multiple` is
    the yearly multiple far below the ceiling; money in one unit. Arguments may be arrays.
    """
    return jnp.log(multiple) * (1.0 - revenue / ceiling)


def trend_step(revenue, multiple, ceiling, dt):
    """Revenue after `dt` years on the bending trend. [the unit of revenue]

    Exact logistic solution of `growth_rate` over the step, so that revenue never passes its ceiling. An
    infinite ceiling gives the unbent trend. Arguments may be arrays.
    """
    growth = multiple**dt
    return revenue * growth / (1.0 + (revenue / ceiling) * (growth - 1.0))


def trend_path(revenue, multiple, years):
    """Revenue after some years at a constant yearly multiple. [the unit of revenue]

    R m^t. Arguments may be arrays.
    """
    return revenue * jnp.power(1.0 * multiple, years)


def years_to(revenue, target, multiple):
    """Years at a constant yearly multiple until revenue reaches a target: inverse of `trend_path`. [years]

    ln(target / R) / ln m. Arguments may be arrays.
    """
    return jnp.log(target / revenue) / jnp.log(multiple)


def multiple_between(revenue, later, years):
    """Yearly multiple that leads from one revenue to a later one. [multiple per year]

    (later / R)^(1/years); infinite from nothing. Arguments may be arrays.
    """
    return jnp.power(jnp.divide(later, revenue), jnp.divide(1.0, years))


def monthly_addition(revenue, multiple):
    """What one month at a yearly multiple adds to a yearly run rate. [the unit of revenue]

    R (m^(1/12) - 1). Arguments may be arrays.
    """
    return revenue * jnp.expm1(jnp.log(multiple) / 12.0)


def mood_step(mood, memory, noise, shock, dt):
    """Deviation of log demand from its law after `dt` years: an Ornstein-Uhlenbeck step, exact for any step.

    `memory` in years, `noise` per square root of a year, `shock` a standard normal number.
    """
    keep = jnp.exp(-dt / memory)
    return keep * mood + noise * jnp.sqrt(0.5 * memory * (1.0 - keep**2)) * shock


class Spending(Mechanism):
    """Buyers pay a share of the wages of the work that AI does for them.

    The share at the start is what observed revenue implies, which may be above one while people pay to try; it
    drifts to a long-run value as competition and contracts settle. Work that AI does is worth the wages it
    replaces: labour share x output x share of work. Nobody pays more than the wages of all that models can do.
    """

    labour_share: Share = param("Labour's share of world output")
    capture: Share = param("Share of the value of work done by AI that sellers keep in the long run")
    settling: Years = param("Time in which the seller's share moves to its long-run value")
    noise: PerSqrtYear = param("Standard deviation of demand about its law")
    memory: Years = param("Time over which a deviation of demand fades")

    class Out(Signals):
        spending: bn_USD_per_year = signal("Demand for AI at today's prices", headline=True)
        spending_limit: bn_USD_per_year = signal("Greatest demand that value or output allow", headline=True)
        captured: Positive = signal("Money paid per value of work done by AI")
        mood: Number = signal("Deviation of log demand from its law", start=0.0)

    begins = ("captured", "spending_limit")

    def begin(
        self, *, revenue: PerLab[bn_USD_per_year], work_by_ai: Share, automatable: Share, output: bn_USD_per_year
    ) -> dict[str, Array]:
        wages = self.labour_share * output
        return {"captured": jnp.sum(revenue) / (wages * work_by_ai), "spending_limit": wages * automatable}

    def __call__(
        self,
        *,
        work_by_ai: Share,
        automatable: Share,
        prev_output: bn_USD_per_year,
        prev_captured: Positive,
        prev_mood: Number,
        normal: Number,
        dt: Years,
    ) -> Out:
        captured = self.capture + (prev_captured - self.capture) * jnp.exp(-dt / self.settling)
        mood = mood_step(prev_mood, self.memory, self.noise, normal, dt)
        wages = self.labour_share * prev_output
        limit = wages * automatable
        paid = jnp.minimum(wages * work_by_ai * captured * jnp.exp(mood), limit)
        return self.Out(spending=paid, spending_limit=limit, captured=captured, mood=mood)


class SpendingByIncome(Mechanism):
    """Each group of countries pays for the work that AI does there, beneath its own wages of what models can do.

    Share of value paid and mood are those of the inner law. The world's demand is the sum of the groups'.
    """

    inner: Spending

    class Out(Signals):
        spending: bn_USD_per_year = signal("Demand for AI at today's prices", headline=True)
        spending_limit: bn_USD_per_year = signal("Greatest demand that value or output allow", headline=True)
        captured: Positive = signal("Money paid per value of work done by AI")
        mood: Number = signal("Deviation of log demand from its law", start=0.0)
        spending_by_income: PerIncome[bn_USD_per_year] = signal("Demand by group of countries", headline=True)

    begins = ("captured", "spending_limit")

    def begin(
        self, *, revenue: PerLab[bn_USD_per_year], work_by_ai: Share, automatable: Share, output: bn_USD_per_year
    ) -> dict[str, Array]:
        return self.inner.begin(revenue=revenue, work_by_ai=work_by_ai, automatable=automatable, output=output)

    def __call__(
        self,
        *,
        work_by_ai: Share,
        work_by_income: PerIncome[Share],
        wages_by_income: PerIncome[Share],
        automatable: Share,
        prev_output: bn_USD_per_year,
        prev_captured: Positive,
        prev_mood: Number,
        normal: Number,
        dt: Years,
    ) -> Out:
        world = self.inner(
            work_by_ai=work_by_ai,
            automatable=automatable,
            prev_output=prev_output,
            prev_captured=prev_captured,
            prev_mood=prev_mood,
            normal=normal,
            dt=dt,
        )
        wages = self.inner.labour_share * prev_output * wages_by_income
        price = world.captured * jnp.exp(world.mood)
        paid = jnp.minimum(wages * work_by_income * price, wages * automatable)
        return self.Out(
            spending=jnp.sum(paid),
            spending_limit=world.spending_limit,
            captured=world.captured,
            mood=world.mood,
            spending_by_income=paid,
        )


class Trend(Mechanism):
    """Demand multiplies yearly, bends at scale, and cannot pass its share of output (S16).

    The law of the interviews, for scenarios that state growth instead of its causes.
    """

    growth: Positive = param("Yearly multiple of demand while it is small")
    growth_at_scale: Positive = param("Yearly multiple of demand once it is far above the scale")
    scale: bn_USD_per_year = param("Demand at which growth is half-way between the two")
    ceiling: Share = param("Greatest share of world output that demand can reach")
    delay: Years = param("Time before growth sets in")
    realised: Positive = param("Demand that comes true per demand on the trend")
    noise: PerSqrtYear = param("Standard deviation of demand about its law")
    memory: Years = param("Time over which a deviation of demand fades")

    class Out(Signals):
        spending: bn_USD_per_year = signal("Demand for AI at today's prices", headline=True)
        spending_limit: bn_USD_per_year = signal("Greatest demand that value or output allow", headline=True)
        trend: bn_USD_per_year = signal("Demand on its trend")
        mood: Number = signal("Deviation of log demand from its law", start=0.0)
        elapsed: Years = signal("Time since the start", start=0.0)

    begins = ("trend", "spending_limit")

    def begin(self, *, revenue: PerLab[bn_USD_per_year], output: bn_USD_per_year) -> dict[str, Array]:
        return {"trend": jnp.sum(revenue), "spending_limit": self.ceiling * output}

    def __call__(
        self,
        *,
        prev_trend: bn_USD_per_year,
        prev_output: bn_USD_per_year,
        prev_mood: Number,
        prev_elapsed: Years,
        normal: Number,
        dt: Years,
    ) -> Out:
        elapsed = prev_elapsed + dt
        started = jnp.clip((elapsed - self.delay) / dt, 0.0, 1.0)  # the part of this step after the delay
        at_scale = prev_trend / (prev_trend + self.scale)
        multiple = self.growth ** (1.0 - at_scale) * self.growth_at_scale**at_scale
        most = self.ceiling * prev_output
        trend = trend_step(prev_trend, multiple, most, dt * started)
        mood = mood_step(prev_mood, self.memory, self.noise, normal, dt)
        shortfall = 1.0 + (self.realised - 1.0) * jnp.clip(elapsed, 0.0, 1.0)
        return self.Out(
            spending=jnp.minimum(trend * shortfall * jnp.exp(mood), most),
            spending_limit=most,
            trend=trend,
            mood=mood,
            elapsed=elapsed,
        )
