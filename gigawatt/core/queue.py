"""Lead times: what is posted this month comes back after a delay, whole and differentiable.

An amount posted at step m with a delay of n + f steps (0 <= f < 1) is split between two slots,
1 - f to slot m + n and f to slot m + n + 1. Nothing is lost, and the derivative in the delay exists.

Slots live outside the loop over months: a block of months reads what falls due in it, and posts its orders
when it is over. A delay must therefore be no shorter than one block (`month.BLOCK`). Measured against a
ring buffer in the loop this is 2 to 4 times faster on a CPU (docs/explanation/layout.md).
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
    amounts: (block, ...) posted in steps first, first + 1, ...; delays: (block,) in steps; one shorter than a block
    counts as one block, so that nothing falls due in months that have run already.
    """
    end = slots.shape[0] - 2
    delays = jnp.maximum(delays, amounts.shape[0])
    whole = jnp.floor(delays)
    part = delays - whole
    for k in range(amounts.shape[0]):
        at = jnp.minimum(first + k + whole[k].astype(int), end)
        pair = jnp.stack([(1.0 - part[k]) * amounts[k], part[k] * amounts[k]])
        slots = lax.dynamic_update_slice_in_dim(
            slots, lax.dynamic_slice_in_dim(slots, at, 2) + pair, at, axis=0
        )
    return slots
