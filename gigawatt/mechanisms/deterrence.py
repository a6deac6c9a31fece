"""Deterrence: the bargain that war destroys, mutual optimism, first strikes, and windows of advantage (S38)."""

import jax.numpy as jnp
from jax.scipy.special import ndtr

from gigawatt.core.maths import power
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import H100e, Positive, Rate, Share, Years


def bargaining_range(chance, cost, rival_cost):
    """The settlements that both sides like better than war: (lowest, highest) share for the first. [share]

    [p - c1, p + c2] within [0, 1]: Fearon (1995), International Organization 49:379-414, the first result. It is never
    empty while war costs anything and both see the same p. Costs are shares of what is at stake; arguments may be
    arrays.
    """
    return jnp.clip(chance - cost, 0.0, 1.0), jnp.clip(chance + rival_cost, 0.0, 1.0)


def excess_optimism(own_chance, rival_chance):
    """By how much the chances that two sides give themselves exceed consistency. [share]

    p1 + p2 - 1, zero for consistent beliefs (facts `mutual-optimism`, `mutual-optimism-excess`). Arguments may be
    arrays.
    """
    return own_chance + rival_chance - 1.0


def fights(own_chance, rival_chance, cost, rival_cost):
    """Whether no settlement leaves both as well off as each expects from war. [true or false]

    p1 + p2 - 1 > c1 + c2 (Blainey 1973; Fearon 1995, p. 394). Arguments may be arrays.
    """
    return excess_optimism(own_chance, rival_chance) > cost + rival_cost


def chance_of_war(optimism, error, cost, rival_cost):
    """Chance that bargaining fails when each side errs about its own chance. [probability]

    Phi((2 b - c1 - c2)/(sqrt(2) s)): each adds a bias b and an own error of standard deviation s to the true chance.
    Arguments may be arrays.
    """
    return ndtr((2.0 * optimism - cost - rival_cost) / (jnp.sqrt(2.0) * jnp.maximum(error, 1e-9)))


def retaliation(weapons, killed, aimed):
    """Weapons left to strike back with after a first strike. [count]

    N (1 - k)^a: each weapon that is struck survives one of `aimed` with chance 1 - k (Schelling 1960, The Strategy of
    Conflict, chapter 9; Kent & Thaler 1989, RAND R-3765). Arguments may be arrays.
    """
    return weapons * power(jnp.maximum(1.0 - killed, 1e-30), aimed)


def deters(gain, left, damage):
    """Whether what is left to strike back with deters: its damage is more than a first strike gains. [true or false]

    G < D (1 - exp(-R)) with R weapons left, each destroying what one destroys of what others left. Arguments may be
    arrays; gain and damage in the same unit.
    """
    return gain < damage * -jnp.expm1(-left)


def first_strike_index(first, second, rival_first, rival_second):
    """First-strike stability: 1 where nobody loses less by going first, toward 0 the more it does. [ratio]

    (C1/C2) x (C1'/C2'), cost of going first over cost of going second, for both sides: Kent & Thaler (1989), RAND
    R-3765. Arguments may be arrays.
    """
    return (first / second) * (rival_first / rival_second)


def preventive_war(chance, later_chance, discount, cost, rival_cost):
    """Whether a declining side attacks, because the rising one cannot bind itself. [true or false]

    p1 - d p2 > (1 - d) + c1 + d c2, with per-period shares and discount factor d: even all of today's pie does not make
    up for what the rival will then concede. After Fearon (1995), pp. 404-408, and Powell (2006), International
    Organization 60:169-203. A slow shift (p2 near p1) is never worth a war. Arguments may be arrays.
    """
    return chance - discount * later_chance > (1.0 - discount) + cost + discount * rival_cost


def win_chance(own, rival, decisiveness):
    """Chance of prevailing, by strength. [probability]

    a^m/(a^m + b^m) (Tullock 1980; Hirshleifer 1989); nothing to him who has nothing. Arguments may be arrays.
    """
    some = jnp.asarray(own) > 0.0
    return jnp.where(some, 1.0 / (1.0 + power(rival / jnp.where(some, own, 1.0), decisiveness)), 0.0)


def leverage(chance, cost, rival_cost):
    """Share of what is negotiated that goes to the first side, when war is the alternative. [share]

    p + (c2 - c1)/2: Nash's (1950) bargain between p - c1 and p + c2, cut to [0, 1]. Arguments may be arrays.
    """
    return jnp.clip(chance + 0.5 * (rival_cost - cost), 0.0, 1.0)


def window(reached, place, width):
    """How wide a window of advantage is open at a level of capability: 1 in its middle, 0 far from it. [share]

    exp(-((x - x0)/w)^2/2), in shares of work that models can do. A form of ours for a stated idea (facts
    `critical-window`, `distinct-exponent-points`). Arguments may be arrays.
    """
    return jnp.exp(-0.5 * jnp.square((reached - place) / width))


class Balance(Mechanism):
    """Two blocs: who would prevail, what that is worth at the table, and how often bargaining fails (S38).

    Strength is compute in service, and how much a lead in it decides rises while capability passes a window. Crises
    come at a constant rate; in each, bargaining fails if both are optimistic beyond what war costs, or if a shift ahead
    is so large that the declining side strikes first.
    """

    home: Share = param("Share of the industry's compute that stands in the first bloc")
    decisive: Positive = param("How steeply the chance to prevail rises with relative compute, outside any window")
    advantage: Positive = param("By how much the window makes it steeper")
    place: Share = param("Share of work that models can do at the middle of the window")
    width: Share = param("Width of the window in that share (one standard deviation)")
    optimism: Share = param("By how much each side overrates its chance")
    error: Share = param("Standard deviation of a side's error about its chance, with models as at the start")
    doubt: Share = param("Further standard deviation once models can do all work")
    cost: Share = param("Cost of war to the first bloc, as a share of what is at stake")
    rival_cost: Share = param("Cost of war to the second bloc, as a share of what is at stake")
    crises: Rate = param("Crises a year in which war is an option")

    class Out(Signals):
        rival_ratio: Positive = signal("Compute of the first bloc over that of the second")
        window: Share = signal("How open the window of advantage is")
        win_chance: Share = signal("Chance that the first bloc would prevail")
        leverage: Share = signal("Share that the first bloc would get in a settlement")
        war_chance: Share = signal("Chance that bargaining fails in a crisis")
        war_hazard: Rate = signal("Chance per year of war between the blocs")
        war: Share = signal("Chance that there has been war between the blocs so far", start=0.0)

    def __call__(
        self,
        *,
        industry_compute: H100e,
        rival_compute: H100e,
        automatable: Share,
        prev_war: Share,
        dt: Years,
    ) -> Out:
        # stocks may end a rounding error below zero when their last contract ends
        ratio = self.home * jnp.maximum(industry_compute, 0.0) / rival_compute
        opened = window(automatable, self.place, self.width)
        chance = win_chance(ratio, 1.0, self.decisive * (1.0 + self.advantage * opened))
        error = self.error + self.doubt * automatable
        fails = chance_of_war(self.optimism, error, self.cost, self.rival_cost)
        # what the rival loses while the window is open: the limit of `preventive_war` for patient sides
        shift = jnp.maximum(chance - win_chance(ratio, 1.0, self.decisive), 0.0)
        strikes = ndtr((shift - self.cost - self.rival_cost) / jnp.maximum(error, 1e-9))
        hazard = self.crises * (fails + (1.0 - fails) * opened * strikes)
        return self.Out(
            rival_ratio=ratio,
            window=opened,
            win_chance=chance,
            leverage=leverage(chance, self.cost, self.rival_cost),
            war_chance=fails,
            war_hazard=hazard,
            war=prev_war - (1.0 - prev_war) * jnp.expm1(-hazard * dt),
        )
