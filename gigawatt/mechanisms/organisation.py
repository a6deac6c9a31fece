"""Organisation: what a chain of levels leaves of a message, and of a decision made in two minutes (S41)."""

import jax.numpy as jnp
from jax.scipy.special import ndtr

from gigawatt.core.maths import power
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Hours, PerYear, Positive, Share, Years


def fidelity(per_level, depth):
    """Share of a message that is left after a chain of levels. [share]

    q^d, the cumulative control loss of Williamson (1967), Journal of Political Economy 75:123-138; direct address has
    depth 1. Arguments may be arrays.
    """
    return power(per_level, depth)


def cascade(per_level, depth):
    """Chance that a yes or no arrives right when each level turns it round with chance 1 - q. [probability]

    (1 + (2 q - 1)^d)/2, binary symmetric channels in a row (Cover & Thomas 2006, chapter 7): two wrongs make a right,
    and a long chain leaves a coin toss. Arguments may be arrays.
    """
    return 0.5 * (1.0 + power(2.0 * per_level - 1.0, depth))


def levels(people, span):
    """Levels of a hierarchy in which each manager has `span` reports. [levels]

    ln N / ln s (Williamson 1967). Arguments may be arrays.
    """
    return jnp.log(people) / jnp.log(span)


def span_of(people, depth):
    """Reports of each manager in a hierarchy of so many levels: undoes `levels`. [people] Arguments may be arrays."""
    return power(people, 1.0 / depth)


def understood(by_chain, by_address, heard):
    """Share of what is meant that is understood: through the chain, or by those who hear it at first hand. [share]

    1 - (1 - chain)(1 - heard x address), one as good as lost without the other. Arguments may be arrays.
    """
    return 1.0 - (1.0 - by_chain) * (1.0 - heard * by_address)


def decision_accuracy(hours, clarity):
    """Chance of the better of two choices after so much time on it. [probability]

    Phi(c sqrt(t)): evidence adds up with time, its noise with the root of time (Green & Swets 1966; Gold & Shadlen
    2002, Neuron 36:299-308). A coin toss at no time. Arguments may be arrays.
    """
    return ndtr(clarity * jnp.sqrt(hours))


def time_each(hours, others):
    """Time for the decision that counts on a day with `others` besides, when nobody knows which it is. [hours]

    T/(n + 1): as chances rise ever less with time, equal parts are best. Arguments may be arrays.
    """
    return hours / (others + 1.0)


class Organisation(Mechanism):
    """A lab grows: the chain gets longer, direct address keeps its depth of one, and fateful decisions their
    minutes."""

    growth: PerYear = param("Log growth of people in the lab")
    span: Positive = param("Reports of each manager")
    per_level: Share = param("Share of a message that one level passes on")
    heard: Share = param("Share of people who hear and read the address to all")
    deciding: Hours = param("Time for decisions on a full day")
    decisions: Positive = param("Other decisions on that day")
    clarity: Positive = param("How clear a choice is after an hour, in standard deviations")

    class Out(Signals):
        headcount: Positive = signal("People in the lab")
        depth: Positive = signal("Levels between the chief and the last of them")
        message_by_chain: Share = signal("Share of a message left by the chain of levels")
        understanding: Share = signal("Share of what the chief means that is understood, with the address to all")
        decision_quality: Share = signal("Chance that a fateful decision goes the better way")

    def __call__(self, *, prev_headcount: Positive, dt: Years) -> Out:
        people = prev_headcount * jnp.exp(self.growth * dt)
        depth = levels(people, self.span)
        chain = fidelity(self.per_level, depth)
        return self.Out(
            headcount=people,
            depth=depth,
            message_by_chain=chain,
            understanding=understood(chain, fidelity(self.per_level, 1.0), self.heard),
            decision_quality=decision_accuracy(time_each(self.deciding, self.decisions), self.clarity),
        )
