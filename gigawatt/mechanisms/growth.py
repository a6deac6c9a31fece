"""Growth: what automated tasks add to output, and the ceiling that output sets (S32)."""

import jax.numpy as jnp

from gigawatt.core.maths import log_ces, power
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Number, PerYear, Positive, Rate, Share, Years, bn_USD_per_year


def ces_gain(share, productivity, substitution):
    """Output gain when a share of tasks is done `productivity` times as well. [multiple]

    ((1 - x) + x k^rho)^(1/rho), rho = (s - 1)/s, for elasticity of substitution s: Aghion, Jones & Jones
    (2019), in The Economics of Artificial Intelligence (Chicago), with equal task weights. k^x at s = 1,
    Amdahl's law at s = 1/2: weak substitutes let the slow tasks bind. Arguments may be arrays.
    """
    return jnp.exp(log_ces(share, jnp.log(productivity), substitution))


def doubling_time(growth):
    """Years in which something that grows by a fraction a year doubles. [years]

    ln 2 / ln(1 + growth). Arguments may be arrays.
    """
    return jnp.log(2.0) / jnp.log1p(growth)


def years_until_ceiling(spending, multiple, ceiling, ceiling_multiple=1.0):
    """Years until spending that multiplies yearly reaches a ceiling that may itself grow. [years]

    ln(K / R) / (ln m - ln m_K) (systems.md S32, case A86); infinite when spending grows no faster than the
    ceiling. Arguments may be arrays.
    """
    gain = jnp.log(multiple) - jnp.log(ceiling_multiple)
    catches = gain > 0.0
    return jnp.where(catches, jnp.log(ceiling / spending) / jnp.where(catches, gain, 1.0), jnp.inf)


def adjust(level, target, speed, dt):
    """Level after `dt` years of closing a share `speed` of the log gap to a target per year. [unit of level]

    Exact solution of d ln L / dt = speed (ln T - ln L). Arguments may be arrays.
    """
    return level * power(jnp.divide(target, level), -jnp.expm1(-speed * dt))


class Output(Mechanism):
    """World output rises with the work that AI does, held back by the tasks it does not do (S32).

    The gain is a constant-elasticity bottleneck; output approaches it as capital and organisation adjust
    (the productivity J-curve of Brynjolfsson, Rock & Syverson 2021).
    """

    trend: PerYear = param("Growth of world output without further AI")
    productivity: Positive = param("How much better a task is done once AI does it")
    substitution: Positive = param("Elasticity of substitution between tasks")
    speed: Rate = param("Rate at which output closes the log gap to its potential")

    class Out(Signals):
        output: bn_USD_per_year = signal("World output", headline=True)
        output_growth: Number = signal("Growth of world output over a year at this month's pace", headline=True)
        gain: Positive = signal("Gain in output from AI so far")
        gain_at_start: Positive = signal("Gain in output that the work of AI at the start would bring")

    begins = ("gain", "gain_at_start")

    def begin(self, *, work_by_ai: Share) -> dict:
        # output at the start contains what AI does by then
        return {"gain": 1.0, "gain_at_start": ces_gain(work_by_ai, self.productivity, self.substitution)}

    def __call__(
        self,
        *,
        work_by_ai: Share,
        prev_output: bn_USD_per_year,
        prev_gain: Positive,
        prev_gain_at_start: Positive,
        dt: Years,
    ) -> Out:
        potential = ces_gain(work_by_ai, self.productivity, self.substitution) / prev_gain_at_start
        gain = adjust(prev_gain, potential, self.speed, dt)
        growth = self.trend * dt + jnp.log(gain / prev_gain)
        return self.Out(
            output=prev_output * jnp.exp(growth),
            output_growth=jnp.expm1(growth / dt),
            gain=gain,
            gain_at_start=prev_gain_at_start,
        )


class AsTasks(Mechanism):
    """World output grows as the economy of tasks does (`production.TaskEconomy`): in place of `Output`."""

    class Out(Signals):
        output: bn_USD_per_year = signal("World output", headline=True)
        output_growth: Number = signal("Growth of world output over a year at this month's pace", headline=True)

    def __call__(self, *, task_growth: Number, prev_output: bn_USD_per_year, dt: Years) -> Out:
        return self.Out(output=prev_output * jnp.exp(jnp.log1p(task_growth) * dt), output_growth=task_growth)


class Stated(Mechanism):
    """World output grows at its trend until the genius level comes, then moves to a stated growth (S32).

    For scenarios that state growth instead of its causes. What moves it closes at the rate at which capital and
    organisation adjust.
    """

    trend: PerYear = param("Growth of world output until the genius level")
    after: PerYear = param("Growth of world output to which the genius level leads")
    speed: Rate = param("Rate at which growth closes the gap to it")

    class Out(Signals):
        output: bn_USD_per_year = signal("World output", headline=True)
        output_growth: Number = signal("Growth of world output over a year at this month's pace", headline=True)

    begins = ("output_growth",)

    def begin(self) -> dict:
        return {"output_growth": jnp.expm1(self.trend)}

    def __call__(self, *, genius: Share, prev_output: bn_USD_per_year, prev_output_growth: Number, dt: Years) -> Out:
        pace, goal = jnp.log1p(prev_output_growth), jnp.log1p(self.after)
        pace = pace - genius * (goal - pace) * jnp.expm1(-self.speed * dt)
        return self.Out(output=prev_output * jnp.exp(pace * dt), output_growth=jnp.expm1(pace))


class Ceiling(Mechanism):
    """How near the bill for compute is to what bounds it: output, and the wages of the work it could do (S32)."""

    class Out(Signals):
        compute_of_output: Positive = signal("Compute bill of the industry, share of world output")
        compute_of_wages: Positive = signal("Compute bill of the industry, share of world wages")

    def __call__(self, *, industry_bill: bn_USD_per_year, output: bn_USD_per_year, labour_income: Share) -> Out:
        share = industry_bill / output
        return self.Out(compute_of_output=share, compute_of_wages=share / labour_income)
