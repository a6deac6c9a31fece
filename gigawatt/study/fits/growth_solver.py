"""Least squares of many growth curves at once: damped Gauss-Newton steps, compiled once per curve.

Levenberg (1944); Marquardt (1963), Journal of SIAM 11:431-441. Series are padded to one length and fits run in chunks
of one size, so that a new series needs no new compilation. A series has t, cap and start (growth_curves.Series).
"""

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np

from gigawatt.mechanisms.adoption import per_period

CHUNK, LENGTH = 256, 64  # fits in one call, and rows to which series are padded
ITERATIONS = 60
REACH = 0.5  # longest step, against the number itself and one


def levels(share, objective: str, series, theta: np.ndarray) -> np.ndarray:
    """(thetas, t): adoption, or what each period adds, at the times of one series; theta (thetas, 3)."""
    rows, times = len(theta), len(series.t)
    t = np.pad(series.t, (0, _padded(times) - times), mode="edge")
    chunks = np.pad(theta, ((0, -rows % CHUNK), (0, 0)), mode="edge").reshape(-1, CHUNK, 3)
    found = [_curves(share, objective)(x, t, series.cap, series.start) for x in chunks]
    return np.concatenate([np.asarray(x) for x in found])[:rows, :times]


@cache
def _curves(share, objective: str):
    return jax.jit(jax.vmap(partial(_level, share, objective), in_axes=(0, None, None, None)))


def _padded(length: int) -> int:
    """The length to which series of one call are padded, so that few are compiled."""
    return LENGTH * -(-length // LENGTH)


def solve(share, objective: str, series: list, each: np.ndarray, seen: list, theta: np.ndarray, pulls: list | None):
    """Numbers (fits, 3) and losses (fits,) of as many fits as `each` names series, by its index.

    seen: what each is held against. theta: (fits, 3), where it starts. pulls: (2, 3) of each, the mean of its prior
    and what multiplies the distance from it.
    """
    if not len(each):
        return np.empty((0, 3)), np.empty(0)
    length = _padded(max(len(s.t) for s in series))
    t = np.stack([np.pad(s.t, (0, length - len(s.t)), mode="edge") for s in series])
    used = np.stack([np.arange(length) < len(s.t) for s in series]).astype(float)
    cap, start = np.array([s.cap for s in series]), np.array([s.start for s in series])
    y = np.stack([np.pad(s, (0, length - len(s))) for s in seen])
    pull = np.zeros((len(each), 2, 3)) if pulls is None else np.stack(pulls)
    run, out = _solver(share, objective), []
    for i in range(0, len(each), CHUNK):
        rows = np.minimum(np.arange(i, i + CHUNK), len(each) - 1)
        k = each[rows]
        data = (theta[rows], t[k], y[rows], used[k], cap[k], start[k], pull[rows])
        out.append([np.asarray(x)[: len(each) - i] for x in run(*data)])
    numbers, losses = (np.concatenate(x) for x in zip(*out, strict=True))
    return numbers, losses


@cache
def _solver(share, objective: str):
    return jax.jit(jax.vmap(partial(_marquardt, share, objective)))


def _level(share, objective, theta, t, cap, start):
    """Adoption at t, or what each period adds, for one fit."""
    bounded = jnp.isfinite(cap)
    room = jnp.where(bounded, jnp.where(bounded, cap, 1.0) * jax.nn.sigmoid(theta[0]), jnp.exp(theta[0]))
    level = room * share(t, jnp.clip(start / room, 0.0, 1.0), theta[1], theta[2])
    return level if objective == "level" else per_period(level, start)


def _marquardt(share, objective, theta, t, y, used, cap, start, pull):
    """Least squares of one series: (numbers, loss). Steps that do not lower the loss are damped more and retried."""

    def left(x):
        return jnp.concatenate([used * (_level(share, objective, x, t, cap, start) - y), pull[1] * (x - pull[0])])

    def step(_, state):
        x, loss, damp = state
        errors, slope = left(x), jax.jacfwd(left)(x)
        square = slope.T @ slope
        tall = jnp.diag(square)
        square = square + jnp.diag(damp * tall + 1e-12 * jnp.max(tall) + 1e-30)
        move = jnp.linalg.solve(square, slope.T @ errors)
        then = x - jnp.clip(move, -REACH * (1.0 + jnp.abs(x)), REACH * (1.0 + jnp.abs(x)))
        lower = jnp.sum(left(then) ** 2)
        good = lower < loss
        return jnp.where(good, then, x), jnp.where(good, lower, loss), jnp.where(good, 0.2 * damp, 6.0 * damp)

    x, loss, _ = jax.lax.fori_loop(0, ITERATIONS, step, (theta, jnp.sum(left(theta) ** 2), 1e-2))
    return x, loss
