"""Adoption: the curves by which a new thing spreads, each from its paper (S14, S15). Plain functions.

Time counts from the launch, in any unit; `innovation` (p) and `imitation` (q) are rates per that unit. The law that
runs in the month, with segments and gates, is in diffusion.py.
"""

import jax
import jax.numpy as jnp


def bass(t, innovation, imitation):
    """Share of the market that has adopted by time t after launch, 0 before. [share]

    F = (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t): Bass (1969), Management Science 15(5):215-227. Arguments may be arrays.
    """
    return bass_after(0.0, t, innovation, imitation)


def bass_after(adopted, t, innovation, imitation):
    """Share that has adopted a time t after it was `adopted`: the Bass law from any start. [share]

    (1 - F)/(p + q F) falls as e^-(p+q)t along the law of Bass (1969); solved for F. Arguments may be arrays.
    """
    left = (1.0 - adopted) * jnp.exp(-(innovation + imitation) * jnp.maximum(t, 0.0))
    hazard = innovation + imitation * adopted
    below = hazard + imitation * left
    some = below > 0.0  # with p = 0 and nobody, or with p = q = 0, nothing ever moves
    return jnp.where(some, (hazard - innovation * left) / jnp.where(some, below, 1.0), adopted)


def bass_rate(t, innovation, imitation):
    """Share of the market that adopts per unit of time at t, 0 before launch. [1/time]

    f = (p + q F)(1 - F): Bass (1969). Arguments may be arrays.
    """
    share = bass(t, innovation, imitation)
    return jnp.where(jnp.asarray(t) < 0.0, 0.0, (innovation + imitation * share) * (1.0 - share))


def bass_time(share, innovation, imitation):
    """Time after launch at which a share has adopted; never (infinite) for a share of one. [time]

    ln((p + q F) / (p (1 - F))) / (p + q), the inverse of `bass`; p above zero. Arguments may be arrays.
    """
    return jnp.log((innovation + imitation * share) / (innovation * (1.0 - share))) / (innovation + imitation)


def bass_peak_time(innovation, imitation):
    """Time after launch of the most adoptions per unit of time: ln(q/p) / (p + q), 0 for q <= p. [time]

    Bass (1969); p above zero. Arguments may be arrays.
    """
    grows = jnp.asarray(imitation) > innovation
    ratio = jnp.where(grows, imitation / innovation, 1.0)
    return jnp.log(ratio) / (innovation + imitation)


def bass_peak_rate(innovation, imitation):
    """The most adoptions per unit of time, as share of the market: (p + q)^2 / 4q, and p for q <= p. [1/time]

    Bass (1969). Arguments may be arrays.
    """
    grows = jnp.asarray(imitation) > innovation
    return jnp.where(grows, (innovation + imitation) ** 2 / (4.0 * jnp.where(grows, imitation, 1.0)), innovation)


def bass_rise(innovation, imitation):
    """Time from 10 % to 90 % of the market. [time] Arguments may be arrays; p above zero."""
    return bass_time(0.9, innovation, imitation) - bass_time(0.1, innovation, imitation)


def bass_sales(sold, market, innovation, imitation):
    """Sales of the next period as the discrete law of Bass (1969) has them, from what was sold before. [unit of market]

    p m + (q - p) N - (q/m) N^2 = (p + q N/m)(m - N). Rates are per period. It lags the exact law (`per_period` of
    `bass`), in which adopters of a period win others within it: p and q of the two differ (Schmittlein & Mahajan
    1982, Marketing Science 1:57-78). Arguments may be arrays.
    """
    return (innovation + imitation * sold / market) * (market - sold)


def bass_from_quadratic(constant, linear, quadratic):
    """(market, innovation, imitation) of the discrete law S = a + b N + c N^2, for a > 0 > c.

    m = (-b - sqrt(b^2 - 4 a c)) / 2c, p = a/m, q = -m c: Bass (1969), how he estimated. Arguments may be arrays.
    """
    market = (-linear - jnp.sqrt(linear**2 - 4.0 * constant * quadratic)) / (2.0 * quadratic)
    return market, constant / market, -market * quadratic


def per_period(total, before=0.0):
    """What is added in each period, from the total at the end of each (last axis). [unit of total]

    before: the total ahead of the first period.
    """
    total = jnp.asarray(total)
    first = jnp.broadcast_to(jnp.asarray(before, total.dtype), total.shape[:-1])[..., None]
    return jnp.diff(total, axis=-1, prepend=first)


def cumulative_effort(t, price, price_effect, advertising=1.0, advertising_effect=0.0):
    """Effort put into the market up to each date of t (last axis), in units of time at constant effort. [time]

    X = t + b1 ln(P/P_0) + b2 sum of rises of ln A: the integral of x = 1 + b1 dlnP/dt + b2 max(0, dlnA/dt) of Bass,
    Krishnan & Jain (1994), Marketing Science 13(3):203-223. P_0 and A_0 are the first of the path. A falling price
    with b1 < 0 brings adoption forward, and no constant price does.
    """
    log_price = jnp.log(jnp.asarray(price, float))
    rises = jnp.maximum(per_period(jnp.log(advertising * jnp.ones_like(jnp.asarray(t, float)))), 0.0)
    campaign = jnp.cumsum(rises.at[..., 0].set(0.0), axis=-1)
    return t + price_effect * (log_price - log_price[..., :1]) + advertising_effect * campaign


def generalised_bass(effort, innovation, imitation):
    """Share of the market that has adopted, from `cumulative_effort`. [share]

    The Bass law with effort X for time: Bass, Krishnan & Jain (1994), eq. for F(t). Arguments may be arrays.
    """
    return bass(effort, innovation, imitation)


def logistic(t, rate, midpoint):
    """Share that has adopted, 1 / (1 + e^-r(t - t_half)); steepest at one half. [share]

    Verhulst (1838); for technology Griliches (1957), Econometrica 25:501-522. Arguments may be arrays.
    """
    return jax.nn.sigmoid(rate * (t - midpoint))


def logistic_rise(rate):
    """Time from 10 % to 90 % of a logistic: ln 81 / r. [time]"""
    return jnp.log(81.0) / rate


def gompertz(t, rate, inflexion):
    """Share that has adopted, exp(-e^-r(t - t_i)); steepest at 1/e, so that the second half is slow. [share]

    Gompertz (1825), Philosophical Transactions 115:513-583; as a growth curve Winsor (1932), PNAS 18:1-8. Arguments
    may be arrays.
    """
    return jnp.exp(-jnp.exp(-rate * (t - inflexion)))


def gompertz_rise(rate):
    """Time from 10 % to 90 % of a Gompertz curve: ln(ln 0.1 / ln 0.9) / r. [time]"""
    return jnp.log(jnp.log(0.1) / jnp.log(0.9)) / rate


def norton_bass(t, launch, market, innovation, imitation):
    """Systems in use of successive generations: (dates, generations). [unit of market]

    Norton & Bass (1987), Management Science 33(9):1069-1086: with F_i the Bass law since the launch of generation i,
    reach_i = F_i (m_i + reach_{i-1}) and S_i = reach_i (1 - F_{i+1}); the last one loses to nobody. t: (dates,).
    launch, market: (generations,), in order of launch; market is what a generation adds to those before it.
    innovation, imitation: (generations,) or one for all, as in the paper.
    """
    t, launch = jnp.asarray(t, float), jnp.asarray(launch, float)
    p, q = jnp.broadcast_to(innovation, launch.shape), jnp.broadcast_to(imitation, launch.shape)
    share = [bass(t - launch[i], p[i], q[i]) for i in range(len(launch))]
    reach, in_use = jnp.zeros(t.shape), []
    for i, won in enumerate(share):
        reach = won * (market[i] + reach)
        lost = share[i + 1] if i + 1 < len(share) else 0.0
        in_use.append(reach * (1.0 - lost))
    return jnp.stack(in_use, axis=-1)


def under_ceiling(ceiling, innovation, imitation, dt, start=0.0):
    """Adoption at the end of each step (last axis) under a ceiling that is constant within a step. [unit of ceiling]

    dA/dt = (p + q A/K)(K - A) with K the path `ceiling`, solved exactly in each step, so that no step overshoots:
    Mahajan & Peterson (1978), Management Science 24:1589-1597, on a market that grows. A ceiling that falls below
    adoption cuts it to itself, as `bass_step` of diffusion.py does in the month.
    """
    path = jnp.moveaxis(jnp.asarray(ceiling, float), -1, 0)

    def step(adopted, room):
        some = room > 0.0
        share = jnp.clip(adopted / jnp.where(some, room, 1.0), 0.0, 1.0)
        then = jnp.where(some, room * bass_after(share, dt, innovation, imitation), 0.0)
        return then, then

    shape = jnp.broadcast_shapes(path.shape[1:], *(jnp.shape(a) for a in (innovation, imitation, dt, start)))
    _, adopted = jax.lax.scan(step, jnp.broadcast_to(jnp.asarray(start, float), shape), path)
    return jnp.moveaxis(adopted, 0, -1)
