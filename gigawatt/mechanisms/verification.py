"""Verification: tasks with checkable answers, the others, and the transfer between them (S07)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Share


def unverifiable_coverage(verifiable_coverage, transfer):
    """Share of unverifiable tasks that models do, given their share of verifiable ones. [share]

    U = tau V (systems.md S07): without transfer nothing that cannot be checked is learnt, however far the checkable
    part goes. Arguments may be arrays.
    """
    return transfer * verifiable_coverage


def reachable_share(verifiable, transfer):
    """Share of all tasks of a length that models do once they do every checkable one of it. [share]

    v + (1 - v) tau: `verifiable` is the share of tasks whose result can be checked. Arguments may be arrays.
    """
    return verifiable + unverifiable_coverage(1.0 - verifiable, transfer)


class Verification(Mechanism):
    """Work whose result cannot be checked is reached by transfer only; the genius level needs enough of it.

    Transfer comes from the breadth of training.
    """

    checkable: Share = param("Share of cognitive work whose result can be checked")
    checkable_engineering: Share = param("Share of research engineering whose result can be checked")
    enough: Share = param("Share of unverifiable work that the genius level includes")

    class Out(Signals):
        reach: Share = signal("Share of cognitive work that models do once they do all checkable work of its length")
        reach_engineering: Share = signal("The same for research engineering")
        whole: Share = signal("Transfer is enough for the genius level (1) or not (0)")

    begins = ("reach", "reach_engineering")

    def begin(self, *, transfer: Share) -> dict:
        return {
            "reach": reachable_share(self.checkable, transfer),
            "reach_engineering": reachable_share(self.checkable_engineering, transfer),
        }

    def __call__(self, *, transfer: Share) -> Out:
        return self.Out(**self.begin(transfer=transfer), whole=jnp.where(transfer >= self.enough, 1.0, 0.0))
