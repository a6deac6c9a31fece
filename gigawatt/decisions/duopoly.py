"""Two labs build capacity over time: a linear-quadratic game and its Markov perfect equilibrium.

A state x moves by x' = A x + B_1 u_1 + B_2 u_2; lab i pays x' R_i x + u_i' Q_i u_i each period, discounted by beta.
In a Markov perfect equilibrium each lab's rule u_i = - F_i x is best given the other's: coupled Riccati equations
(Basar & Olsder 1999, Dynamic Noncooperative Game Theory, chapter 6; Hansen & Sargent 2013, Recursive Models of Dynamic
Linear Economies, chapter 7). Leading axes of all arrays are a batch; functions run under jit and vmap.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from gigawatt.decisions.elementwise import implicit, line_up, require

STEPS = 2000  # rounds of best responses at most
SAME = 1e-14  # change of the rules, relative, at which they have arrived


class Rules(NamedTuple):
    """Rules of both labs, u_i = - F_i x, and how far each is from its best response to the other."""

    first: jax.Array  # (..., controls, states)
    second: jax.Array
    residual: jax.Array  # (...)


def _value(A, B1, B2, R, Q, F1, F2, beta, mine):
    """P of the worth -x'Px to a lab when both follow their rules for ever, with F_mine its own."""
    moves = A - B1 @ F1 - B2 @ F2
    pays = R + _t(mine) @ Q @ mine
    n = A.shape[-1]
    kron = jnp.einsum("...ki,...lj->...ijkl", moves, moves).reshape(*A.shape[:-2], n * n, n * n)
    system = jnp.broadcast_to(jnp.eye(n * n), kron.shape) - beta[..., None, None] * kron
    flat = pays.reshape(*pays.shape[:-2], n * n, 1)
    return jnp.linalg.solve(system, flat).reshape(pays.shape)


def _t(x):
    return jnp.swapaxes(x, -1, -2)


def _better(A, B, Q, P, beta):
    """Best rule for one period when the rest is worth -x'Px: (Q + beta B'PB)^-1 beta B'PA."""
    beta = beta[..., None, None]
    return jnp.linalg.solve(Q + beta * _t(B) @ P @ B, beta * _t(B) @ P @ A)


def markov_perfect(A, B1, B2, R1, R2, Q1, Q2, beta) -> Rules:
    """Markov perfect equilibrium: each lab improves its rule against the other's, in turn, until neither changes.

    A, R: (..., states, states); B: (..., states, controls); Q: (..., controls, controls), positive definite; beta:
    (...). The rules then solve each lab's own Riccati equation: `residual` is the greatest change that one more
    improvement makes. Raises InputError for a beta outside (0, 1) and shapes that do not go together.
    """
    given = dict(A=A, B1=B1, B2=B2, R1=R1, R2=R2, Q1=Q1, Q2=Q2, beta=beta)
    axes = dict(A="NM", B1="NI", B2="NJ", R1="NM", R2="NM", Q1="IK", Q2="JL", beta="")
    require("beta", jnp.asarray(beta), (jnp.asarray(beta) > 0.0) & (jnp.asarray(beta) < 1.0), "it lies in (0, 1)")
    return _solve(tuple(line_up(axes, **given).values()))


@jax.jit  # compiled once, not at every call
def _solve(game) -> Rules:
    A, B1, B2, *_ = game
    n, k = A.shape[-1], B1.shape[-1]
    batch = A.shape[:-2]

    def split(flat):
        rows = flat.reshape(*batch, -1, n)
        return rows[..., :k, :], rows[..., k:, :]

    def improved(flat, game):
        A, B1, B2, R1, R2, Q1, Q2, beta = game
        F1, F2 = split(flat)
        P1 = _value(A, B1, B2, R1, Q1, F1, F2, beta, F1)
        F1 = _better(A - B2 @ F2, B1, Q1, P1, beta)
        P2 = _value(A, B1, B2, R2, Q2, F1, F2, beta, F2)
        F2 = _better(A - B1 @ F1, B2, Q2, P2, beta)
        return jnp.concatenate([F1, F2], -2).reshape(*batch, -1)

    def solve(_, start):
        def step(state):
            flat, _, count = state
            new = improved(flat, jax.lax.stop_gradient(game))
            moved = jnp.abs(new - flat).max(-1) > SAME * (1.0 + jnp.abs(new).max(-1))
            return new, moved, count + 1

        first = start, jnp.ones(batch, bool), 0
        return jax.lax.while_loop(lambda s: s[1].any() & (s[2] < STEPS), step, first)[0]

    def change(flat):
        return flat - improved(flat, game)

    controls = k + B2.shape[-1]
    flat = implicit(change, jnp.zeros((*batch, controls * n)), solve)
    first, second = split(flat)
    return Rules(first, second, jnp.abs(change(flat)).max(-1))


class Capacity(NamedTuple):
    """Rules by which two labs change what they sell: u_i = - F_i (1, q_1, q_2), and where they end."""

    first: jax.Array  # (..., 3)
    second: jax.Array
    steady: jax.Array  # (..., 2) quantities in the long run
    static: jax.Array  # (..., 2) Cournot's quantities of one period, without costs of change
    residual: jax.Array

    def path(self, start, periods: int):
        """Quantities of both labs from `start` (..., 2) over so many periods: (periods + 1, ..., 2)."""

        def step(q, _):
            x = jnp.concatenate([jnp.ones_like(q[..., :1]), q], -1)
            moves = jnp.stack([(self.first * x).sum(-1), (self.second * x).sum(-1)], -1)
            return q - moves, q

        start = jnp.broadcast_to(jnp.asarray(start, float), self.steady.shape)
        last, before = jax.lax.scan(step, start, length=periods)
        return jnp.concatenate([before, last[None]])


def capacity(intercept, slope, adjustment, discount, cost=0.0) -> Capacity:
    """Two labs with price p = a0 - a1 (q_1 + q_2), cost c_i a unit and gamma_i u_i^2 for a change q_i' = q_i + u_i.

    Each sees that more capacity makes the other hold back, so both end above Cournot's quantity of one period
    (Reynolds 1987, International Economic Review 28:69). `intercept`, `slope`, `discount`: (...); `adjustment` gamma
    and `cost` c: (..., 2), or one number for both. Raises InputError for a slope or adjustment not above 0, a discount
    outside (0, 1), a negative cost.
    """
    axes = dict(labs="J", intercept="", slope="", adjustment="J", discount="", cost="J")
    given = dict(intercept=intercept, slope=slope, adjustment=adjustment, discount=discount, cost=cost)
    _, a0, a1, gamma, beta, c = line_up(axes, labs=jnp.ones(2), **given).values()
    require("slope", a1, a1 > 0.0, "price falls as more is sold")
    require("adjustment", gamma, gamma > 0.0, "without a cost of change capacity is not a state")
    require("cost", c, c >= 0.0, "a unit cannot cost less than nothing")
    batch = a0.shape
    zero, half, other = jnp.zeros(batch), -0.5 * (a0[..., None] - c), 0.5 * a1
    pays = []
    for i in (0, 1):  # -(a0 - c - a1 (q1 + q2)) q_i as x' R x
        R = jnp.stack([zero] * 9, -1).reshape(*batch, 3, 3)
        R = R.at[..., 0, 1 + i].set(half[..., i]).at[..., 1 + i, 0].set(half[..., i])
        R = R.at[..., 1 + i, 1 + i].set(a1).at[..., 1, 2].set(other).at[..., 2, 1].set(other)
        pays.append(R)
    B1, B2 = jnp.eye(3)[:, 1:2], jnp.eye(3)[:, 2:]
    change1, change2 = gamma[..., 0, None, None], gamma[..., 1, None, None]
    found = markov_perfect(jnp.eye(3), B1, B2, pays[0], pays[1], change1, change2, beta)
    F = jnp.concatenate([found.first, found.second], -2)
    steady = jnp.linalg.solve(F[..., 1:], -F[..., :1])[..., 0]
    net = a0[..., None] - c
    static = (2.0 * net - net[..., ::-1]) / (3.0 * a1[..., None])
    return Capacity(found.first[..., 0, :], found.second[..., 0, :], steady, static, found.residual)
