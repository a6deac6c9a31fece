"""Demand that is not known yet: distributions in closed form.

All methods work elementwise: arguments and fields broadcast as in NumPy, run under jit and vmap, and have
derivatives. `excess` and `shortage` are the loss functions of inventory theory (Zipkin 2000, Foundations of
Inventory Management, appendix C; Snyder & Shen 2019, Fundamentals of Supply Chain Theory, appendix C).
"""

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import betainc, gammainc, gammaincc, gammaln, ndtr, ndtri

from gigawatt.core.errors import InputError
from gigawatt.decisions.elementwise import real, require, root

STIRLING = 30.0  # from here on his series for the factorial is exact to rounding
ROUNDING = 1e-14  # relative error of a sum of probabilities, which must not decide which atom is meant
_T = np.arange(-3.4, 3.4, 0.1)  # tanh-sinh quadrature on [0, 1] (Takahasi & Mori 1974, Publ. RIMS 9:721)
NODES = 1.0 / (1.0 + np.exp(-np.pi * np.sinh(_T)))
WEIGHTS = 0.1 * np.pi * np.cosh(_T) * NODES * (1.0 - NODES)


class Demand(eqx.Module):
    """A distribution of demand D, or of any amount that is not known yet. [unit of demand]

    Fields are numbers or arrays, one entry per case of a batch. Each law raises InputError for a parameter outside
    its range.
    """

    if TYPE_CHECKING:  # a field of some laws, a property of others

        @property
        def mean(self) -> jax.Array:
            """E D."""

    @abstractmethod
    def cdf(self, x):
        """Pr(D <= x)."""

    @abstractmethod
    def quantile(self, p):
        """Smallest x with Pr(D <= x) >= p."""

    @abstractmethod
    def excess(self, q):
        """E(q - D)+: what is expected to be left over of q."""

    @abstractmethod
    def shortage(self, q):
        """E(D - q)+: what is expected to be missing beyond q."""

    def below(self, x):
        """Pr(D < x)."""
        return self.cdf(x)

    def upper_quantile(self, p):
        """Greatest x with Pr(D < x) <= p."""
        return self.quantile(p)

    def density(self, x):
        """Derivative of the cdf at x."""
        x = real(x)
        return jax.jvp(self.cdf, (x,), (jnp.ones_like(x),))[1]

    def tail_mean(self, eta):
        """Mean of the lowest share `eta` in (0, 1]; an atom on the edge counts in part.

        F^-1(eta) - E(F^-1(eta) - D)+ / eta: Rockafellar & Uryasev (2002), Journal of Banking & Finance 26:1443.
        """
        require("eta", eta, (eta > 0.0) & (eta <= 1.0), "a tail is a share in (0, 1]")
        edge = self.quantile(jnp.where(eta < 1.0, eta, 0.5))
        return jnp.where(eta < 1.0, edge - self.excess(edge) / eta, self.mean)

    def mean_below(self, g, x):
        """E[g(D); D < x] for a function g that is bounded below x: quadrature over quantiles, to about 1e-12."""
        share = jnp.maximum(self.cdf(x), 1e-300)

        def part(node, weight):
            return weight * g(self.quantile(jnp.minimum(share * node, 1.0 - 1e-16)))

        return share * jnp.sum(jax.vmap(part)(NODES, WEIGHTS), axis=0)

    def over(self, periods) -> "Demand":
        """Demand added up over several independent periods, where the sum has a closed form."""
        raise InputError(
            f"periods is {periods}: a sum of {type(self).__name__} demand has no closed form; "
            "use Normal, Poisson, Exponential or Gamma, or give the sum itself as Empirical"
        )


class Normal(Demand):
    """Normal demand with a mean and a standard deviation."""

    mean: jax.Array = eqx.field(converter=real)
    sd: jax.Array = eqx.field(converter=real)

    def __check_init__(self):
        require("sd", self.sd, self.sd > 0.0, "a standard deviation is above 0")

    def _loss(self, z):
        return self.sd * (z * ndtr(z) + jnp.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi))

    def cdf(self, x):
        return ndtr((x - self.mean) / self.sd)

    def quantile(self, p):
        return self.mean + self.sd * ndtri(p)

    def excess(self, q):
        return self._loss((q - self.mean) / self.sd)

    def shortage(self, q):
        return self._loss((self.mean - q) / self.sd)

    def over(self, periods):
        return Normal(self.mean * periods, self.sd * jnp.sqrt(real(periods)))


class Lognormal(Demand):
    """Lognormal demand: ln D is normal with mean `mu` and standard deviation `sigma`."""

    mu: jax.Array = eqx.field(converter=real)
    sigma: jax.Array = eqx.field(converter=real)

    def __check_init__(self):
        require("sigma", self.sigma, self.sigma > 0.0, "a standard deviation is above 0")

    @property
    def mean(self):
        return jnp.exp(self.mu + 0.5 * self.sigma**2)

    def _z(self, x):
        return (jnp.log(jnp.maximum(x, 1e-300)) - self.mu) / self.sigma

    def cdf(self, x):
        return ndtr(self._z(x))

    def quantile(self, p):
        return jnp.exp(self.mu + self.sigma * ndtri(p))

    def excess(self, q):
        z = self._z(q)
        return q * ndtr(z) - self.mean * ndtr(z - self.sigma)

    def shortage(self, q):
        z = self._z(q)
        return self.mean * ndtr(self.sigma - z) - q * ndtr(-z)


@jax.jit  # compiled once, not at every call
def _gamma_quantile(p, shape):
    inside = jnp.clip(p, 1e-300, 1.0 - 1e-16)
    log_t = root(lambda y: gammainc(shape, jnp.exp(y)) - inside, -700.0, 700.0)
    return jnp.where(p <= 0.0, 0.0, jnp.where(p >= 1.0, jnp.inf, jnp.exp(log_t)))


class Gamma(Demand):
    """Gamma demand with a shape and a scale; its mean is their product."""

    shape: jax.Array = eqx.field(converter=real)
    scale: jax.Array = eqx.field(converter=real)

    def __check_init__(self):
        require("shape", self.shape, self.shape > 0.0, "a shape is above 0")
        require("scale", self.scale, self.scale > 0.0, "a scale is above 0")

    @property
    def mean(self):
        return self.shape * self.scale

    def _t(self, x):
        return jnp.maximum(x, 0.0) / self.scale

    def cdf(self, x):
        return gammainc(self.shape, self._t(x))

    def quantile(self, p):
        return self.scale * _gamma_quantile(p, self.shape)

    def excess(self, q):
        return q * self.cdf(q) - self.mean * gammainc(self.shape + 1.0, self._t(q))

    def shortage(self, q):
        return self.mean * gammaincc(self.shape + 1.0, self._t(q)) - q * gammaincc(self.shape, self._t(q))

    def over(self, periods):
        return Gamma(self.shape * periods, self.scale)


class Exponential(Demand):
    """Exponential demand with a mean."""

    mean: jax.Array = eqx.field(converter=real)

    def __check_init__(self):
        require("mean", self.mean, self.mean > 0.0, "a mean is above 0")

    def cdf(self, x):
        return -jnp.expm1(-jnp.maximum(x, 0.0) / self.mean)

    def quantile(self, p):
        return -self.mean * jnp.log1p(-p)

    def excess(self, q):
        return q * self.cdf(q) - self.mean * gammainc(2.0, jnp.maximum(q, 0.0) / self.mean)

    def shortage(self, q):
        return self.mean * jnp.exp(-jnp.maximum(q, 0.0) / self.mean) + jnp.maximum(-q, 0.0)

    def over(self, periods):
        return Gamma(periods, self.mean)


class Uniform(Demand):
    """Demand that is equally likely anywhere between `low` and `high`."""

    low: jax.Array = eqx.field(converter=real)
    high: jax.Array = eqx.field(converter=real)

    def __check_init__(self):
        require("high", self.high, self.high > self.low, "the upper end of a range is above its lower end")

    @property
    def mean(self):
        return 0.5 * (self.low + self.high)

    def cdf(self, x):
        return jnp.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)

    def quantile(self, p):
        return self.low + p * (self.high - self.low)

    def excess(self, q):
        return 0.5 * (self.high - self.low) * self.cdf(q) ** 2 + jnp.maximum(q - self.high, 0.0)

    def shortage(self, q):
        return 0.5 * (self.high - self.low) * (1.0 - self.cdf(q)) ** 2 + jnp.maximum(self.low - q, 0.0)


@jax.custom_jvp
def _student_cdf(t, df):
    tail = 0.5 * betainc(0.5 * df, 0.5, df / (df + t * t))
    return jnp.where(t < 0.0, tail, 1.0 - tail)


def _student_density(t, df):
    scale = jnp.exp(gammaln(0.5 * (df + 1.0)) - gammaln(0.5 * df)) / jnp.sqrt(np.pi * df)
    return scale * (1.0 + t * t / df) ** (-0.5 * (df + 1.0))


@_student_cdf.defjvp
def _student_cdf_jvp(at, along):
    return _student_cdf(*at), _student_density(*at) * along[0]


@jax.jit
def _student_quantile(p, df):
    inside = jnp.clip(p, 1e-300, 1.0 - 1e-16)
    t = jnp.sinh(root(lambda y: _student_cdf(jnp.sinh(y), df) - inside, -350.0, 350.0))
    return jnp.where(p <= 0.0, -jnp.inf, jnp.where(p >= 1.0, jnp.inf, t))


class StudentT(Demand):
    """Student's t with `df` > 1 degrees of freedom, moved by `loc` and stretched by `scale`.

    JAX has no derivative of the incomplete beta function with respect to its shapes, so `df` is taken as given:
    derivatives with respect to it are zero.
    """

    df: jax.Array = eqx.field(converter=lambda df: jax.lax.stop_gradient(real(df)))
    loc: jax.Array = eqx.field(converter=real, default=0.0)
    scale: jax.Array = eqx.field(converter=real, default=1.0)

    def __check_init__(self):
        require("df", self.df, self.df > 1.0, "with 1 degree of freedom or fewer there is no mean")
        require("scale", self.scale, self.scale > 0.0, "a scale is above 0")

    @property
    def mean(self):
        return self.loc

    def _loss(self, t):
        df = jax.lax.stop_gradient(self.df)
        return self.scale * (t * _student_cdf(t, df) + _student_density(t, df) * (df + t * t) / (df - 1.0))

    def cdf(self, x):
        return _student_cdf((x - self.loc) / self.scale, jax.lax.stop_gradient(self.df))

    def quantile(self, p):
        return self.loc + self.scale * _student_quantile(p, jax.lax.stop_gradient(self.df))

    def excess(self, q):
        return self._loss((q - self.loc) / self.scale)

    def shortage(self, q):
        return self._loss((self.loc - q) / self.scale)


@partial(jax.jit, static_argnames="strictly")
def _first_count(p, mean, strictly: bool):
    """Smallest n whose Poisson cdf is p or more, or strictly more, where p is below one.

    A step or two from the expansion of Cornish & Fisher (1938), Revue de l'Institut International de Statistique
    5:307: the cdf is computed once, and each step adds or takes one term.
    """
    p, mean = jnp.broadcast_arrays(*jax.lax.stop_gradient((real(p), mean)))
    z = ndtri(jnp.clip(p, 1e-300, 1.0 - 2.0**-53))
    first = jnp.maximum(jnp.floor(mean + jnp.sqrt(mean) * z + (z * z - 1.0) / 6.0), 0.0)

    def enough(cdf):
        return cdf > p if strictly else cdf >= p

    def directions(walk):
        n, cdf, term = walk
        up = ~enough(cdf) & (term > 1e-300)  # beyond that no term adds to the sum
        return up, enough(cdf) & (n > 0.0) & enough(cdf - term)

    def step(walk):
        n, cdf, term = walk
        up, down = directions(walk)
        above = term * mean / (n + 1.0)
        cdf = jnp.where(up, cdf + above, jnp.where(down, cdf - term, cdf))
        term = jnp.where(up, above, jnp.where(down, term * n / mean, term))
        return n + up - down, cdf, term

    def moves(walk):
        up, down = directions(walk)
        return jnp.any(up | down)

    start = first, _at_most_and_above(first, mean)[0], _poisson(first, mean)
    return jax.lax.while_loop(moves, step, start)[0]


@jax.custom_jvp
@jax.jit
def _poisson(n, mean):
    """Chance of exactly n, a whole number: Loader (2000), Fast and accurate computation of binomial probabilities."""
    many = jnp.maximum(n, STIRLING)  # logarithms of large n and mean would lose digits: only their ratio is taken
    apart = (mean - many) / many
    rest = (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / 1680.0 / many**2) / many**2) / many**2) / many
    of_many = many * (jnp.log1p(apart) - apart) - rest - 0.5 * jnp.log(2.0 * np.pi * many)
    return jnp.exp(jnp.where(n < STIRLING, n * jnp.log(mean) - mean - gammaln(n + 1.0), of_many))


@_poisson.defjvp
def _poisson_jvp(at, along):
    n, mean = at
    chance = _poisson(n, mean)
    return chance, chance * (n / mean - 1.0) * along[1]


@jax.custom_jvp
@jax.jit
def _at_most_and_above(n, mean):
    """Pr(D <= n) and Pr(D > n), n a whole number: the side on which chances fall is added up, from n outward.

    As parts of Pr(D = n) they are products of mean / (n + 1), mean / (n + 2), ... above n, and of n / mean,
    (n - 1) / mean, ... below. Eight at a time share one denominator: it is divisions that take time.
    """
    above = n + 1.0 > mean

    def add(state):
        part, total, top, bottom = state
        tops, bottoms, parts = 1.0, 1.0, 0.0
        for _ in range(8):
            tops, bottoms = tops * top, bottoms * bottom
            parts = parts * bottom + tops
            top, bottom = jnp.where(above, top, top - 1.0), jnp.where(above, bottom + 1.0, bottom)
        return part * tops / bottoms, total + part * parts / bottoms, top, bottom

    first = jnp.ones_like(mean), jnp.where(above, 0.0, 1.0), jnp.where(above, mean, n), jnp.where(above, n + 1.0, mean)
    total = jax.lax.while_loop(lambda state: jnp.any(state[0] > 1e-16 * state[1]), add, first)[1]
    side = _poisson(n, mean) * total
    return jnp.where(above, 1.0 - side, side), jnp.where(above, side, 1.0 - side)


@_at_most_and_above.defjvp
def _at_most_and_above_jvp(at, along):
    moved = _poisson(*at) * along[1]
    return _at_most_and_above(*at), (-moved, moved)


class Poisson(Demand):
    """Poisson demand with a mean: whole units, each asked for independently."""

    mean: jax.Array = eqx.field(converter=real)

    def __check_init__(self):
        require("mean", self.mean, self.mean > 0.0, "a mean is above 0")
        require("mean", self.mean, self.mean <= 1e12, "so many units are an amount, not a count; use Normal")

    def _sides(self, x):
        """Pr(D <= x) and Pr(D > x)."""
        n = jnp.minimum(jnp.floor(x), 1e30)  # products of such counts stay finite
        at_most, above = _at_most_and_above(*jnp.broadcast_arrays(jnp.maximum(n, 0.0), self.mean))
        return jnp.where(n >= 0.0, at_most, 0.0), jnp.where(n >= 0.0, above, 1.0)

    def cdf(self, x):
        return self._sides(x)[0]

    def below(self, x):
        return self.cdf(jnp.ceil(x - 1e-12 * jnp.abs(x)) - 1.0)

    def quantile(self, p):
        return jnp.where(p >= 1.0, jnp.inf, _first_count(p * (1.0 - ROUNDING), self.mean, False))

    def upper_quantile(self, p):
        return jnp.where(p >= 1.0, jnp.inf, _first_count(p * (1.0 + ROUNDING), self.mean, True))

    def excess(self, q):
        return (q - self.mean) * self.cdf(q) + self._edge(q)

    def shortage(self, q):
        return (self.mean - q) * self._sides(q)[1] + self._edge(q)

    def _edge(self, q):
        """m Pr(D = n) with n the whole part of q, which is what the means of D below n and above it differ by."""
        n = jnp.floor(q)
        return jnp.where(n >= 0.0, self.mean * _poisson(jnp.maximum(n, 0.0), self.mean), 0.0)

    def mean_below(self, g, x):
        raise InputError("demand is Poisson: this order needs an amount, not a count; use Gamma, Normal or Empirical")

    def over(self, periods):
        return Poisson(self.mean * periods)


class Empirical(Demand):
    """Demand that takes listed `values` with `probabilities` (equal ones if none are given).

    Atoms lie along the last axis, in any order; leading axes are batches.
    """

    values: jax.Array
    probabilities: jax.Array

    def __init__(self, values, probabilities=None):
        values = real(values)
        if probabilities is None:
            probabilities = 1.0 / values.shape[-1]
        probabilities = jnp.broadcast_to(real(probabilities), values.shape)
        total = jnp.sum(probabilities, axis=-1)
        require("a probability", probabilities, probabilities >= 0.0, "probabilities are 0 or more")
        require("the sum of probabilities", total, jnp.abs(total - 1.0) < 1e-9, "make them add up to 1")
        order = jnp.argsort(values, axis=-1)
        self.values = jnp.take_along_axis(values, order, axis=-1)
        self.probabilities = jnp.take_along_axis(probabilities, order, axis=-1)

    def _atoms(self, f, *more):
        """f(value, probability, ...) of every atom, atoms along the first axis."""
        return jax.vmap(f)(*(jnp.moveaxis(a, -1, 0) for a in (self.values, self.probabilities, *more)))

    def _last(self, reached):
        """Greatest atom whose chance of lower demand has `reached`."""
        before = jnp.cumsum(self.probabilities, axis=-1) - self.probabilities
        kept = self._atoms(lambda v, _, b: jnp.where(reached(b), v, -jnp.inf), before)
        return jnp.maximum(jnp.max(kept, axis=0), self.values[..., 0])

    @property
    def mean(self):
        return jnp.sum(self.values * self.probabilities, axis=-1)

    def cdf(self, x):
        return jnp.sum(self._atoms(lambda v, w: w * (v <= x)), axis=0)

    def below(self, x):
        return jnp.sum(self._atoms(lambda v, w: w * (v < x - 1e-12 * jnp.abs(x))), axis=0)

    def quantile(self, p):
        return self._last(lambda before: before < p * (1.0 - ROUNDING))

    def upper_quantile(self, p):
        return self._last(lambda before: before <= p * (1.0 + ROUNDING))

    def excess(self, q):
        return jnp.sum(self._atoms(lambda v, w: w * jnp.maximum(q - v, 0.0)), axis=0)

    def shortage(self, q):
        return jnp.sum(self._atoms(lambda v, w: w * jnp.maximum(v - q, 0.0)), axis=0)

    def mean_below(self, g, x):
        return jnp.sum(self._atoms(lambda v, w: jnp.where(v < x, w * g(jnp.minimum(v, x)), 0.0)), axis=0)
