"""What works on every element of a batch: checks of input, the converter of fields, a bracketed root."""

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np

from gigawatt.core.errors import InputError


def require(name: str, value, holds, cure: str) -> None:
    """Raise InputError 'name is value: cure' where a known input breaks a rule; traced inputs pass.

    `holds` is the rule evaluated on the value, a bool or an array of them.
    """
    if isinstance(holds, jax.core.Tracer) or isinstance(value, jax.core.Tracer) or np.all(holds):
        return
    broken = np.broadcast_to(np.asarray(value), np.shape(holds))[~np.asarray(holds)][0]
    raise InputError(f"{name} is {broken:.10g}: {cure}")


def root(f: Callable, low, high):
    """Where a rising function f crosses zero in [low, high], elementwise. [unit of low]

    Newton's method, kept inside a bracket that shrinks (Press et al. 2007, Numerical Recipes, rtsafe). Without a
    crossing the answer is the end nearer to it. Derivatives with respect to what f closes over come from the
    implicit function theorem.
    """
    shape = jax.eval_shape(f, (low + high) / 2.0).shape
    ends = tuple(jax.lax.stop_gradient(jnp.broadcast_to(jnp.asarray(end, float), shape)) for end in (low, high))

    def solve(f, start):
        def step(state):
            low, high, x, move, done, count = state
            value, slope = jax.jvp(f, (x,), (jnp.ones_like(x),))
            low, high = jnp.where(value > 0.0, low, x), jnp.where(value < 0.0, high, x)
            newton = x - value / slope
            fine = (newton >= low) & (newton <= high) & (jnp.abs(newton - x) <= 0.5 * move)
            new = jnp.where(done, x, jnp.where(fine, newton, 0.5 * (low + high)))
            move = jnp.abs(new - x)
            # Newton's error after a step is about the square of the step; halving has no such gain
            done |= move <= jnp.where(fine, 1e-11, 4e-16) * jnp.abs(new)
            return low, high, new, move, done, count + 1

        beyond = f(ends[1]) < 0.0
        first = (*ends, jnp.where(beyond, ends[1], start), ends[1] - ends[0], beyond, 0)
        return jax.lax.while_loop(lambda s: jnp.any(~s[4]) & (s[5] < 200), step, first)[2]

    return jax.lax.custom_root(f, 0.5 * (ends[0] + ends[1]), solve, lambda g, y: y / g(jnp.ones_like(y)))


def real(x) -> jax.Array:
    """A number or array as an array of floats: the converter of the fields of modules."""
    return jnp.asarray(x, float)


def line_up(axes: Mapping[str, str], **given) -> dict[str, jax.Array]:
    """Arrays with their batch axes broadcast to one shape, each followed by axes of its own.

    `axes` names the own axes of each array, one letter an axis: `{"cost": "J", "size": ""}`. An own axis may have
    length 1 where others are longer, and a single number stands for all. Raises InputError where shapes do not fit.
    """
    arrays = {name: real(x) for name, x in given.items()}
    sizes: dict[str, int] = {}
    batch: tuple[int, ...] = ()
    for name, x in arrays.items():
        own = len(axes[name])
        if x.ndim == 0:
            x = arrays[name] = x.reshape((1,) * own)
        if x.ndim < own:
            raise InputError(f"{name} has shape {x.shape}: it needs at least {own} axes, {' x '.join(axes[name])}")
        for axis, size in zip(axes[name], x.shape[x.ndim - own :], strict=True):
            known = sizes.get(axis, 1)
            if 1 not in (size, known) and size != known:
                raise InputError(f"{name} has shape {x.shape}, but others have {known} along axis {axis}")
            sizes[axis] = max(size, known)
        try:
            batch = np.broadcast_shapes(batch, x.shape[: x.ndim - own])
        except ValueError:
            raise InputError(f"{name} has shape {x.shape}: its batch axes do not go with {batch}") from None
    return {n: jnp.broadcast_to(x, (*batch, *(sizes[a] for a in axes[n]))) for n, x in arrays.items()}


def jacobian(f: Callable, x):
    """Derivative of f along the last axis, for a batch whose members do not meet: (..., n, n).

    f takes and gives (..., n); row: what is moved, column: by which.
    """
    _, push = jax.linearize(f, x)
    unit = jnp.eye(x.shape[-1])
    return jax.vmap(lambda e: push(jnp.broadcast_to(e, x.shape)), out_axes=-1)(unit)


def solve_along(matrix, right):
    """Solution of a small linear system for each member of a batch: matrix (..., n, n), right (..., n)."""
    return jnp.linalg.solve(matrix, right[..., None])[..., 0]


def implicit(f: Callable, start, solve: Callable):
    """The x = solve(f, start) with f(x) = 0, along the last axis, with derivatives by the implicit function theorem."""

    def tangent(linear, right):
        return solve_along(jacobian(linear, jnp.zeros_like(right)), right)

    return jax.lax.custom_root(f, jax.lax.stop_gradient(start), solve, tangent)
