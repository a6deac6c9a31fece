"""Quality that is lost: knowledge that ages, spills over to rivals, and a lag that closes.

Knowledge is what training spend leaves behind; quality is a function of it (quality.py). Labs run along the last axis.
Arguments may be arrays; all functions run under jit, vmap and grad.
"""

import jax.numpy as jnp

from gigawatt.decisions.elementwise import line_up, require


def _given(amount, name: str, decay, spillover):
    axes = {name: "J", "decay": "", "spillover": ""}
    x, d, b = line_up(axes, **{name: amount}, decay=decay, spillover=spillover).values()
    require(name, x, x >= 0.0, "it is 0 or above")
    require("decay", d, (d > 0.0) & (d <= 1.0), "the share lost each period lies in (0, 1]")
    require("spillover", b, (b >= 0.0) & (b <= 1.0), "the share that rivals get lies in [0, 1]")
    return x, d[..., None], b[..., None]


def learned(spend, decay, spillover):
    """What a period adds to each lab's knowledge: own spend and a share of all others'. [unit of spend]

    x_i + b sum of x_j (Spence 1984, Econometrica 52:101; d'Aspremont & Jacquemin 1988, AER 78:1133).
    """
    x, _, b = _given(spend, "spend", decay, spillover)
    return (1.0 - b) * x + b * x.sum(-1, keepdims=True)


def next_knowledge(knowledge, spend, decay, spillover):
    """Knowledge a period later: (1 - d) K_i + x_i + b sum of x_j. [unit of spend]

    Raises InputError for a negative knowledge or spend, a decay outside (0, 1], and a spill-over outside [0, 1].
    """
    k, d, _ = _given(knowledge, "knowledge", decay, spillover)
    return (1.0 - d) * k + learned(spend, decay, spillover)


def steady_knowledge(spend, decay, spillover):
    """Knowledge at which decay takes what is learned: (x_i + b sum of x_j) / d. [unit of spend]"""
    _, d, _ = _given(spend, "spend", decay, spillover)
    return learned(spend, decay, spillover) / d


def lag_after(lag, pace, catch_up, years):
    """Lag of a follower who closes a share of it each year while the leader moves on. [unit of quality]

    d lag / dt = pace - catch_up lag: it tends to pace / catch_up, and to nothing once the leader stands still (Nelson
    & Phelps 1966, American Economic Review 56:69). Raises InputError unless catch_up is above 0.
    """
    require("catch_up", catch_up, jnp.asarray(catch_up) > 0.0, "without it the lag only grows")
    end = pace / catch_up
    return end + (lag - end) * jnp.exp(-catch_up * years)
