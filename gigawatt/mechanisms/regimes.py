"""Regimes: how authoritarian rule may last, be forced open, or end, as a small Markov chain (S39)."""

import jax.numpy as jnp
from jax.scipy.linalg import expm

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Positive, Rate, Share, Years

STATES = ("entrenched", "shielded", "dissolved")  # shielded: each person has an AI that the regime cannot refuse


def generator(shield, dissolve, dissolve_shielded, back):
    """Rates between entrenched, shielded and dissolved as a matrix whose rows add to zero. [1/year]

    An entrenched regime gives way to personal AI or dissolves; a shielded one dissolves; a dissolved one may return.
    A continuous-time Markov chain (Kemeny & Snell 1960; Norris 1997, chapter 2).
    """
    zero = 0.0 * (shield + dissolve + dissolve_shielded + back)
    rows = [
        [-(shield + dissolve), shield, dissolve],
        [zero, -dissolve_shielded, dissolve_shielded],
        [back, zero, -back],
    ]
    return jnp.stack([jnp.stack([x + zero for x in row]) for row in rows])


def after(shares, rates, years):
    """Shares of the states `years` later: p exp(Q t). [share] `rates` from `generator`."""
    return shares @ expm(rates * years)


def lasting(rates):
    """Shares of the states in the long run: the p with p Q = 0. [share] `rates` from `generator`, with a way back."""
    size = rates.shape[-1]
    return jnp.linalg.solve((rates + jnp.ones_like(rates)).T, jnp.ones(size))


def years_to_end(rates):
    """Mean time until dissolved, from entrenched and from shielded. [years]

    -Q_TT^-1 1 over the states before the end, the fundamental matrix (Kemeny & Snell 1960, chapter 3).
    """
    return jnp.linalg.solve(-rates[:2, :2], jnp.ones(2))


def watched(rate, power, work):
    """Rate at which a regime ends when its tools of control grow with what models can do. [1/year]

    r e^(-k x): how good its models are beside others' plays no part (fact `patel-weak-ai-suffices`). A form of ours;
    arguments may be arrays.
    """
    return rate * jnp.exp(-power * work)


class Regimes(Mechanism):
    """People now under authoritarian rule, by what becomes of it: entrenched, shielded by personal AI, or dissolved."""

    dissolve: Rate = param("Chance per year that an authoritarian regime gives way to an open one, as before AI")
    control: Positive = param("Log fall of that chance by surveillance, once models can do all work")
    shield: Rate = param("Chance per year that personal AI can no longer be refused, once models can do all work")
    dissolve_shielded: Rate = param("Chance per year that a regime ends once people have such AI")
    back: Rate = param("Chance per year that an open regime falls back")

    class Out(Signals):
        entrenched: Share = signal("People under authoritarian rule in 2025 who still are, unshielded", start=1.0)
        shielded: Share = signal("Those with personal AI that the regime cannot refuse", start=0.0)
        dissolved: Share = signal("Those whose regime has ended", start=0.0)

    def __call__(
        self,
        *,
        automatable: Share,
        prev_entrenched: Share,
        prev_shielded: Share,
        prev_dissolved: Share,
        dt: Years,
    ) -> Out:
        ends = watched(self.dissolve, self.control, automatable)
        rates = generator(self.shield * automatable, ends, self.dissolve_shielded, self.back)
        shares = after(jnp.stack([prev_entrenched, prev_shielded, prev_dissolved]), rates, dt)
        return self.Out(entrenched=shares[0], shielded=shares[1], dissolved=shares[2])
