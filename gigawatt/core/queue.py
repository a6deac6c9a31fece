"""Lead times: what is posted this month comes back after a delay, whole and differentiable.

An amount posted at step m with a delay of n + f steps (0 <= f < 1) is split between two slots,
1 - f to slot m + n and f to slot m + n + 1. Nothing is lost, and the derivative in the delay exists.

Slots live outside the loop over months: a block of months reads what falls due in it, and posts its orders
when it is over. A delay must therefore be no shorter than one block (`month.BLOCK`). Measured against a
ring buffer in the loop this is 1.4 to 3 times faster on a CPU (docs/explanation/layout.md).
"""

from typing import Any

import jax.numpy as jnp
from jax import Array, lax

from gigawatt.core.mechanism import Mechanism, gives, keyword_names, meta_of


class Delay(Mechanism):
    """A mechanism that gives what was posted some time ago.

    A subclass names in `Out` what comes back (`signal(..., posted="accepted")`), says in `after` how long it
    takes, and in `outstanding` what is still to come from before the first month.
    """

    def __call__(self, *args: Any, **due: Any) -> Any:
        return self.Out(**{name.removeprefix("due_"): value for name, value in due.items()})

    def after(self) -> dict[str, Array]:
        """How long what is posted this month takes to come back, by name of `Out`. [year]"""
        raise NotImplementedError

    def outstanding(self, *args: Any, **start: Any) -> dict[str, Array]:
        """What was posted before the start and is still to come `years` after it, by name of `Out`.

        Amounts (rate x year), not rates; keyword names are start values. Nothing, unless a subclass says so.
        """
        return {name: jnp.zeros(()) for name in gives(type(self))}


def posted(cls: type[Delay]) -> dict[str, str]:
    """{'delivered': 'accepted'}: what comes back, and the signal that was posted."""
    return {name: meta_of(cls.Out, name, "posted") for name in gives(cls)}


def outstanding_reads(cls: type[Delay]) -> list[str]:
    """Start values that a delay's `outstanding` reads."""
    return [n for n in keyword_names(cls.outstanding) if n != "years"]


def post(slots: Array, amounts: Array, first: Array, delays: Array) -> Array:
    """Add the amounts of one block to the slots in which they fall due.

    slots: (steps + 2, ...); the last two take whatever falls due after the horizon.
    amounts: (block, ...) posted in steps first, first + 1, ...; delays: (block,) in steps, or (block, draws) where
    they differ along the second axis of slots and amounts. A delay shorter than a block counts as one block, so
    that nothing falls due in months that have run already.
    """
    end, block = slots.shape[0] - 2, amounts.shape[0]
    delays = jnp.maximum(delays, block)
    whole = jnp.floor(delays)
    part = jnp.expand_dims(delays - whole, tuple(range(delays.ndim, amounts.ndim)))
    months = jnp.expand_dims(first + jnp.arange(block), tuple(range(1, delays.ndim)))
    at = jnp.minimum(months + whole.astype(int), end)
    now, later = (1.0 - part) * amounts, part * amounts
    if delays.ndim == 2:
        rows, draws = jnp.concatenate([at, at + 1]), jnp.arange(amounts.shape[1])[None]
        return slots.at[rows, draws].add(jnp.concatenate([now, later]), mode="promise_in_bounds")
    for k in range(block):
        pair = lax.dynamic_slice_in_dim(slots, at[k], 2) + jnp.stack([now[k], later[k]])
        slots = lax.dynamic_update_slice_in_dim(slots, pair, at[k], axis=0)
    return slots
