"""Loss: what a language model of a given size reaches after a given number of tokens (S02)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from gigawatt.core.maths import power
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import FLOP, PerLab, Positive, Rate, Tokens, Years

# Multiply-adds of a forward and a backward pass, and of a forward pass, per parameter and token (Kaplan et al. 2020,
# section 2.1).
FLOP_PER_PARAMETER_TOKEN = 6.0
FLOP_PER_PARAMETER_TOKEN_SERVED = 2.0

# Bisection halves a bracket of at most some hundred e-folds; 60 halvings reach the last bits of a float64.
_HALVINGS = 60


# ---------------------------------------------------------------- one pass over fresh tokens


def chinchilla_loss(parameters, tokens, A, B, E, alpha, beta):
    """Loss of a language model of a given size after a given number of tokens. [nats per token]

    Hoffmann et al. (2022), arXiv:2203.15556, eq. 2: E + A/N^alpha + B/D^beta.
    Arguments may be arrays.
    """
    return E + A / parameters**alpha + B / tokens**beta


def compute_optimal(flop, A, B, alpha, beta):
    """Parameters and tokens that give the least loss for a number of operations. [count, tokens]

    Hoffmann et al. (2022), arXiv:2203.15556, eq. 4, under C = 6 N D. Arguments may be arrays.
    """
    product = flop / FLOP_PER_PARAMETER_TOKEN
    g = (alpha * A / (beta * B)) ** (1.0 / (alpha + beta))
    parameters = g * product ** (beta / (alpha + beta))
    return parameters, product / parameters


def optimal_parameters(tokens, A, B, alpha, beta):
    """Size of the model for which a number of tokens is compute-optimal. [count]

    Where the last operation buys as much through size as through data: alpha A N^-alpha = beta B D^-beta.
    Arguments may be arrays.
    """
    return (alpha * A / (beta * B) * tokens**beta) ** (1.0 / alpha)


def tokens_per_parameter(flop, A, B, alpha, beta):
    """Compute-optimal tokens per parameter for a number of operations. [tokens per parameter]

    Arguments may be arrays.
    """
    parameters, tokens = compute_optimal(flop, A, B, alpha, beta)
    return tokens / parameters


def loss_optimum(loss, A, B, E, alpha, beta):
    """Parameters and tokens that reach a loss with the fewest training operations. [count, tokens]

    At the optimum the two terms of the loss above E stand as beta to alpha. Infinite at or below E, which no
    compute reaches. Arguments may be arrays.
    """
    reachable = loss > E
    above = jnp.where(reachable, loss - E, 1.0)
    parameters = (A * (1.0 + alpha / beta) / above) ** (1.0 / alpha)
    tokens = (B * (1.0 + beta / alpha) / above) ** (1.0 / beta)
    return jnp.where(reachable, parameters, jnp.inf), jnp.where(reachable, tokens, jnp.inf)


def compute_for_loss(loss, A, B, E, alpha, beta):
    """Fewest training operations that reach a loss: the inverse of the compute-optimal frontier. [FLOP]

    Arguments may be arrays.
    """
    parameters, tokens = loss_optimum(loss, A, B, E, alpha, beta)
    return FLOP_PER_PARAMETER_TOKEN * parameters * tokens


# ---------------------------------------------------------------- repeated tokens


def worth(quantity, distinct, decay):
    """What a quantity counts for when only part of it is distinct. [the unit of quantity]

    U + U r (1 - exp(-R/r)) with U = min(distinct, quantity) and R = quantity/U - 1: Muennighoff et al. (2023),
    arXiv:2305.16264, eqs. 5 and 6. `decay` (r) is R_D* for repeated tokens, R_N* for parameters beyond those that the
    distinct tokens need. It never exceeds distinct (1 + r). Arguments may be arrays.
    """
    unique = jnp.minimum(distinct, quantity)
    return unique * (1.0 - decay * jnp.expm1(-(quantity / unique - 1.0) / decay))


def data_constrained_loss(parameters, tokens, unique, A, B, E, alpha, beta, token_decay, parameter_decay):
    """Loss after `tokens` of which only `unique` are distinct. [nats per token]

    Muennighoff et al. (2023), arXiv:2305.16264, section 3.1: the form of Chinchilla in what tokens and parameters are
    worth. Equal to `chinchilla_loss` while nothing is repeated and the model no larger than its tokens need.
    Arguments may be arrays.
    """
    needed = optimal_parameters(jnp.minimum(unique, tokens), A, B, alpha, beta)
    size, data = worth(parameters, needed, parameter_decay), worth(tokens, unique, token_decay)
    return chinchilla_loss(size, data, A, B, E, alpha, beta)


def data_constrained_optimal(flop, unique, A, B, alpha, beta, token_decay, parameter_decay):
    """Parameters and tokens, repeats included, with the least loss for a number of operations. [count, tokens]

    The balance of Muennighoff et al. (2023), section 3.1, solved by bisection in log N; `flop` and `unique` (tokens)
    may be arrays. Derivatives are those of the solution.
    """
    best, _ = compute_optimal(flop, A, B, alpha, beta)
    log_best = jnp.log(best)
    # Forty e-folds to either side of the best size for fresh text: more than any shortage moves it.
    law = (flop, unique, A, B, alpha, beta, token_decay, parameter_decay)
    parameters = jnp.exp(_root(_balance, log_best - 40.0, log_best + 40.0, *law))
    return parameters, flop / FLOP_PER_PARAMETER_TOKEN / parameters


def _balance(log_parameters, flop, unique, A, B, alpha, beta, token_decay, parameter_decay):
    """Log of the marginal value of data over that of size: rises with size, zero at the optimum."""
    parameters = jnp.exp(log_parameters)
    tokens = flop / FLOP_PER_PARAMETER_TOKEN / parameters
    needed = optimal_parameters(jnp.minimum(unique, tokens), A, B, alpha, beta)
    by_size = _log_value(parameters, needed, parameter_decay, A, alpha)
    return _log_value(tokens, unique, token_decay, B, beta) - by_size


def _log_value(quantity, distinct, decay, scale, exponent):
    """Log of -d loss / d ln quantity of the term scale / worth^exponent."""
    unique = jnp.minimum(distinct, quantity)
    counted = worth(quantity, distinct, decay)
    elasticity = jnp.log(quantity / counted) - (quantity / unique - 1.0) / decay
    return jnp.log(exponent * scale) - exponent * jnp.log(counted) + elasticity


def equivalent_compute(scarcity, alpha, beta, token_decay, parameter_decay):
    """Compute with fresh data that reaches the same loss, over the compute that was spent. [share]

    `scarcity` is tokens wanted over distinct tokens; one or less leaves 1. Size and tokens stay as they would be with
    fresh data, so that scale factors cancel: with s = beta/(alpha+beta) the loss above E rises by
    s (N'/N)^-alpha + (1-s) (D'/D)^-beta, and it falls as C^-(alpha beta/(alpha+beta)). N' and D' are `worth`.
    Arguments may be arrays.
    """
    passes = jnp.maximum(scarcity, 1.0)
    wider = power(passes, beta / alpha)
    size, data = (worth(x, 1.0, r) / x for x, r in ((wider, parameter_decay), (passes, token_decay)))
    both = alpha + beta
    rise = (beta * power(size, -alpha) + alpha * power(data, -beta)) / both
    return power(rise, -both / (alpha * beta))


# ---------------------------------------------------------------- models that will be served


def lifetime_flop(parameters, tokens, served):
    """Operations to train a model and to serve a number of tokens with it. [FLOP]

    6 N D + 2 N D_served: Sardana et al. (2023), arXiv:2401.00448, eq. 2. Arguments may be arrays.
    """
    return parameters * (FLOP_PER_PARAMETER_TOKEN * tokens + FLOP_PER_PARAMETER_TOKEN_SERVED * served)


def lifetime_optimal(loss, served, A, B, E, alpha, beta):
    """Parameters and tokens that reach a loss with the fewest operations of training and serving. [count, tokens]

    Sardana et al. (2023), arXiv:2401.00448, eq. 3. With s the part of the loss above E that is due to size, the optimum
    has alpha s / (beta (1-s)) = 1 + D_served / (3 D), solved in the logit of s. Infinite at or below E. `loss` (nats
    per token) and `served` (tokens) may be arrays. Derivatives are those of the solution.
    """
    fewest, most = loss_optimum(loss, A, B, E, alpha, beta)
    reachable = loss > E
    safe = jnp.where(reachable, most, 1.0)
    start = jnp.log(beta / alpha) + jnp.zeros_like(safe)
    end = start + jnp.log1p(_served_over_trained(served, safe))
    by_size = _root(_lifetime_balance, start, end, safe, served, alpha, beta)
    size, data = _same_loss(by_size, alpha, beta)
    return jnp.where(reachable, fewest * size, jnp.inf), jnp.where(reachable, most * data, jnp.inf)


def _lifetime_balance(by_size, most, served, alpha, beta):
    """Rises with the logit of the part that is due to size, zero at the optimum."""
    _, data = _same_loss(by_size, alpha, beta)
    return by_size - jnp.log(beta / alpha) - jnp.log1p(_served_over_trained(served, most * data))


def _served_over_trained(served, tokens):
    return FLOP_PER_PARAMETER_TOKEN_SERVED * served / (FLOP_PER_PARAMETER_TOKEN * tokens)


def _same_loss(by_size, alpha, beta):
    """Size and tokens over the compute-optimal ones at the same loss, from the logit of the part due to size."""
    s, least = jax.nn.sigmoid(by_size), beta / (alpha + beta)
    return (least / s) ** (1.0 / alpha), ((1.0 - least) / jax.nn.sigmoid(-by_size)) ** (1.0 / beta)


def over_training_cost(size, alpha, beta):
    """Training operations over the fewest, for `size` times the best size at the same loss. [ratio]

    size ((1-s)/(1 - s size^-alpha))^(1/beta) with s = beta/(alpha+beta): Chinchilla's form solved for tokens
    at a given loss, in which A, B, E and the loss cancel. Infinite below size s^(1/alpha), which no number of tokens
    brings to that loss. Arguments may be arrays.
    """
    s = beta / (alpha + beta)
    left = 1.0 - s * size**-alpha
    reachable = left > 0.0
    cost = size * ((1.0 - s) / jnp.where(reachable, left, 1.0)) ** (1.0 / beta)
    return jnp.where(reachable, cost, jnp.inf)


# ---------------------------------------------------------------- roots


@partial(jax.jit, static_argnums=0)
def _root(gap: Callable[..., Any], low, high, *law):
    """x in [low, high] with gap(x, *law) = 0, where the gap rises; with the derivatives of the solution."""
    shape = jnp.broadcast_shapes(*(jnp.shape(x) for x in (low, high, *law)))
    fixed = jax.lax.stop_gradient(law)

    def halve(_, bracket):
        low, high = bracket
        middle = 0.5 * (low + high)
        below = gap(middle, *fixed) < 0.0
        return jnp.where(below, middle, low), jnp.where(below, high, middle)

    ends = tuple(jnp.broadcast_to(jax.lax.stop_gradient(x) * 1.0, shape) for x in (low, high))
    low, high = jax.lax.fori_loop(0, _HALVINGS, halve, ends)
    found = 0.5 * (low + high)
    # Bisection has no derivative; one Newton step from its answer carries the implicit one.
    slope = jax.jvp(lambda x: gap(x, *fixed), (found,), (jnp.ones_like(found),))[1]
    return found - gap(found, *law) / slope


# ---------------------------------------------------------------- in the month


class DataStock(Mechanism):
    """Text runs short when a lab's run wants more tokens than there are; repeated tokens count for less.

    A run wants compute-optimal tokens, which grow as C^(alpha/(alpha+beta)).
    """

    stock: Tokens = param("Distinct tokens fit for training at the start, quality counted")
    growth: Rate = param("Log growth of the stock, tokens made for training included")
    reference: FLOP = param("Training run at which the optimum is anchored")
    tokens_per_parameter: Positive = param("Compute-optimal tokens per parameter of the reference run")
    alpha: Positive = param("Exponent of loss in parameters")
    beta: Positive = param("Exponent of loss in tokens")
    token_decay: Positive = param("Repetitions after which a token has lost most of its value (R_D*)")
    parameter_decay: Positive = param("Excess of parameters after which they have lost most of their value (R_N*)")

    class Out(Signals):
        token_stock: Tokens = signal("Distinct tokens fit for training")
        data: PerLab[Positive] = signal("Quantity of data that counts, relative to what the lab's run could use")

    begins = ("token_stock", "data")

    def begin(self, *, training_run: PerLab[FLOP]) -> dict:
        return {"token_stock": self.stock, "data": self.counted(training_run, self.stock)}

    def wanted(self, flop):
        """Compute-optimal tokens of a run. [tokens]"""
        anchor = jnp.sqrt(self.reference * self.tokens_per_parameter / FLOP_PER_PARAMETER_TOKEN)
        return anchor * power(flop / self.reference, self.alpha / (self.alpha + self.beta))

    def counted(self, run, stock):
        """Multiplier of compute that leaves a run the loss which the stock allows. [share]"""
        scarcity = self.wanted(run) / stock
        return equivalent_compute(scarcity, self.alpha, self.beta, self.token_decay, self.parameter_decay)

    def __call__(self, *, training_run: PerLab[FLOP], prev_token_stock: Tokens, dt: Years) -> Out:
        stock = prev_token_stock * jnp.exp(self.growth * dt)
        return self.Out(token_stock=stock, data=self.counted(training_run, stock))
