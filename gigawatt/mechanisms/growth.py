"""Growth: what automated tasks add to output, and the ceiling that output sets (S32)."""

import jax.numpy as jnp

from gigawatt.core.maths import log_ces
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
    return level * jnp.power(jnp.divide(target, level), -jnp.expm1(-speed * dt))


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
