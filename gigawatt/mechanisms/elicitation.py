"""Elicitation: distributions of a date through stated chances, and one distribution from several people's (S06).

Statements lie along the last axis, people along the first. `ceiling` is the chance that the event ever comes.
"""

import jax
import jax.numpy as jnp
from jax.scipy.special import logit, ndtr, ndtri

# Bisection over the log odds of a chance: 60 halvings of this bracket reach the last bit of a float64.
HALVINGS, FARTHEST = 60, 40.0


def line_through(x, y):
    """Intercept and slope of y on x by least squares along the last axis; exact for two points. [y, y/x]"""
    mean_x, mean_y = (jnp.mean(v, axis=-1, keepdims=True) for v in (x, y))
    slope = jnp.sum((x - mean_x) * (y - mean_y), axis=-1) / jnp.sum((x - mean_x) ** 2, axis=-1)
    return mean_y[..., 0] - slope * mean_x[..., 0], slope


def rising(*parameters, slope):
    """The parameters where the slope is positive, elsewhere not a number: chances fall, no law passes."""
    return tuple(jnp.where(slope > 0.0, p, jnp.nan) for p in parameters)


def lognormal_cdf(t, median, spread, ceiling=1.0):
    """Chance that the event has come by time t > 0, with a lognormal waiting time. [probability]

    W Phi((ln t - ln m)/s); `spread` s is the standard deviation of the logarithm. Arguments may be arrays.
    """
    return ceiling * ndtr(jnp.log(t / median) / spread)


def lognormal_time(chance, median, spread, ceiling=1.0):
    """Years until the chance of arrival reaches `chance`: the inverse of `lognormal_cdf`. [years]

    Infinite at or above the ceiling. Arguments may be arrays.
    """
    share, reached = within(chance, ceiling)
    return jnp.where(reached, median * jnp.exp(spread * ndtri(share)), jnp.inf)


def lognormal_density(t, median, spread, ceiling=1.0):
    """Density of the date, the derivative of `lognormal_cdf`. [1/year]"""
    z = jnp.log(t / median) / spread
    return ceiling * jnp.exp(-0.5 * z**2) / (t * spread * jnp.sqrt(2.0 * jnp.pi))


def lognormal_fit(times, chances, ceiling=1.0):
    """Median and spread of a lognormal waiting time through stated chances. [years, 1]

    The line of z = Phi^-1(P/W) on ln t: exact for two statements, least squares in z for more. `times` in years
    and `chances` (..., n) with n of two or more; not a number where chances do not rise.
    """
    middle, slope = line_through(jnp.log(times), ndtri(chances / jnp.expand_dims(ceiling, -1)))
    return rising(jnp.exp(-middle / slope), 1.0 / slope, slope=slope)


def weibull_cdf(t, scale, shape, ceiling=1.0):
    """Chance that the event has come by time t, with a hazard that is a power of time. [probability]

    W (1 - exp(-(t/scale)^shape)), Weibull (1951), Journal of Applied Mechanics 18:293-297. The hazard rises for
    shapes above one; at one it is `capped_hazard`. Arguments may be arrays.
    """
    return -ceiling * jnp.expm1(-((t / scale) ** shape))


def weibull_time(chance, scale, shape, ceiling=1.0):
    """Years until the chance of arrival reaches `chance`: the inverse of `weibull_cdf`. [years]"""
    share, reached = within(chance, ceiling)
    return jnp.where(reached, scale * (-jnp.log1p(-share)) ** (1.0 / shape), jnp.inf)


def weibull_density(t, scale, shape, ceiling=1.0):
    """Density of the date, the derivative of `weibull_cdf`. [1/year]"""
    return ceiling * shape / scale * (t / scale) ** (shape - 1.0) * jnp.exp(-((t / scale) ** shape))


def weibull_fit(times, chances, ceiling=1.0):
    """Scale and shape of a Weibull waiting time through stated chances. [years, 1]

    The line of ln(-ln(1 - P/W)) on ln t: exact for two statements, least squares for more. Shapes as for
    `lognormal_fit`.
    """
    share = chances / jnp.expand_dims(ceiling, -1)
    middle, shape = line_through(jnp.log(times), jnp.log(-jnp.log1p(-share)))
    return rising(jnp.exp(-middle / shape), shape, slope=shape)


def metalog_terms(share, n):
    """The first n terms of a metalog's quantile function at shares in (0, 1). [(..., n)]

    Keelin (2016), Decision Analysis 13(4):243-277: 1, L, (y - 1/2) L, (y - 1/2), then powers of (y - 1/2)
    alone and times L = ln(y/(1 - y)), in turn.
    """
    odds, centred = logit(share), share - 0.5
    terms = [jnp.ones_like(centred), odds, centred * odds, centred]
    for k in range(5, n + 1):
        terms.append(centred ** ((k - 1) // 2) * (1.0 if k % 2 else odds))
    return jnp.stack(terms[:n], axis=-1)


def metalog_fit(times, chances, ceiling=1.0):
    """Coefficients of the semi-bounded metalog with as many terms as statements, exact through them. [1]

    Keelin (2016), the log metalog: ln t is the metalog in P/W, bounded below by now. `times` and `chances`
    (..., n), n of two or more. Ask `metalog_feasible` whether the answer is a distribution.
    """
    share = chances / jnp.expand_dims(ceiling, -1)
    return jnp.linalg.solve(metalog_terms(share, share.shape[-1]), jnp.log(times)[..., None])[..., 0]


def metalog_time(chance, coefficients, ceiling=1.0):
    """Years until the chance of arrival reaches `chance` in (0, 1). [years]

    exp of the sum of coefficients times terms; infinite at or above the ceiling. `coefficients` (n,).
    """
    share, reached = within(chance, ceiling)
    return jnp.where(reached, jnp.exp(metalog_terms(share, coefficients.shape[-1]) @ coefficients), jnp.inf)


def metalog_slope(share, coefficients):
    """Slope of ln t in the share of dates that have passed. [1]

    Positive everywhere for a distribution; its inverse over t is the density, Keelin (2016).
    """

    def log_time(one):
        return metalog_terms(one, coefficients.shape[-1]) @ coefficients

    return jnp.vectorize(jax.grad(log_time))(jnp.asarray(share, float))


def metalog_feasible(coefficients, points=999):
    """Whether a metalog is a distribution: its density is positive on a fine grid of shares. [true or false]

    The grid is even in log odds to one in ten thousand at both ends.
    """
    end = jnp.log(9999.0)
    share = jax.nn.sigmoid(jnp.linspace(-end, end, points))
    return jnp.all(metalog_slope(share, coefficients) > 0.0)


def metalog_cdf(t, coefficients, ceiling=1.0):
    """Chance that the event has come by time t > 0 under a feasible metalog. [probability]

    By bisection over log odds, and one Newton step that carries the derivative. `coefficients` (n,).
    """
    terms, goal = coefficients.shape[-1], jnp.log(t)
    fixed = jax.lax.stop_gradient((goal, coefficients))

    def halve(_, ends):
        low, high = ends
        middle = 0.5 * (low + high)
        early = metalog_terms(jax.nn.sigmoid(middle), terms) @ fixed[1] < fixed[0]
        return jnp.where(early, middle, low), jnp.where(early, high, middle)

    start = (jnp.full_like(goal, -FARTHEST), jnp.full_like(goal, FARTHEST))
    low, high = jax.lax.fori_loop(0, HALVINGS, halve, start)
    # beyond these odds a share cannot be told from 0 or 1 in a float64
    share = jnp.clip(jax.nn.sigmoid(0.5 * (low + high)), 1e-15, 1.0 - 1e-15)
    slope = jax.lax.stop_gradient(metalog_slope(share, coefficients))
    return ceiling * (share + (goal - metalog_terms(share, terms) @ coefficients) / slope)


def metalog_density(t, coefficients, ceiling=1.0):
    """Density of the date under a feasible metalog, the derivative of `metalog_cdf`. [1/year]"""
    share = metalog_cdf(t, coefficients, 1.0)
    return ceiling / (t * metalog_slope(share, coefficients))


def hazard(density, cdf):
    """Chance per year that the event comes now, given that it has not come yet: f/(1 - F). [1/year]"""
    return density / (1.0 - cdf)


def within(chance, ceiling):
    """Chance as a share of the worlds that see the event, and where it lies below the ceiling. [share, boolean]"""
    reached = chance < ceiling
    return jnp.where(reached, chance / ceiling, 0.5), reached  # a safe value, so that derivatives stay finite


def shares_of(weights, people):
    """Weights that add up to one, equal where none are given. [(people,)]"""
    given = jnp.ones(people) if weights is None else jnp.asarray(weights, float)
    return given / jnp.sum(given)


def linear_pool(chances, weights=None):
    """Mean of several people's chances: one of them is right, and the weights say who. [probability]

    Stone (1961), Annals of Mathematical Statistics 32:1339-1342. `chances` (people, ...), `weights` (people,).
    """
    chances = jnp.asarray(chances, float)
    return jnp.tensordot(shares_of(weights, chances.shape[0]), chances, axes=1)


def odds_pool(chances, weights=None, extremising=1.0):
    """Geometric mean of several people's odds, to a power. [probability]

    Satopaa et al. (2014), International Journal of Forecasting 30(2):344-356: powers above one undo the
    caution of people who each hold part of what is known. One person's 0 or 1 decides. Arguments as for
    `linear_pool`; date by date, a chance that rises stays one that rises.
    """
    chances = jnp.asarray(chances, float)
    return jax.nn.sigmoid(extremising * jnp.tensordot(shares_of(weights, chances.shape[0]), logit(chances), axes=1))


def logarithmic_pool(masses, weights=None):
    """Geometric mean of several people's distributions, made to add up to one. [probability]

    Genest & Zidek (1986), Statistical Science 1(1):114-135. `masses` (people, ..., bins) over bins that hold all
    worlds, 'later or never' included; a bin that one person gives nothing gets nothing.
    """
    masses = jnp.asarray(masses, float)
    logs = jnp.tensordot(shares_of(weights, masses.shape[0]), jnp.log(masses), axes=1)
    return jax.nn.softmax(logs, axis=-1)


def quantile_average(times, weights=None):
    """Mean of several people's dates for the same chance (Vincent averaging). [unit of times]

    Lichtendahl, Grushka-Cockayne & Winkler (2013), Management Science 59(7):1594-1611. `times` (people, ...); one
    person's 'never' is everybody's.
    """
    times = jnp.asarray(times, float)
    return jnp.tensordot(shares_of(weights, times.shape[0]), times, axes=1)
