"""Transfer: breadth of training and what it does for tasks not trained on (S03)."""

import jax
import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Positive, Rate, Share, Years

# The three stages by which reinforcement learning broadens, narrowest first (systems.md S03).
RL_STAGES = ("maths contests", "code", "many tasks")


def data_transferred(fine_tuning, parameters, k, alpha, beta):
    """Data of the new kind that pre-training on another kind is worth. [the unit of fine_tuning]

    k D_F^alpha N^beta: Hernandez et al. (2021), arXiv:2102.01293, eq. 1.1, fitted where data of the new kind are few.
    `k` carries the unit: characters in the paper. Arguments may be arrays.
    """
    return k * fine_tuning**alpha * parameters**beta


def data_multiplier(fine_tuning, parameters, k, alpha, beta):
    """Data that count over data of the new kind that there are: (D_F + D_T) / D_F. [ratio]

    Hernandez et al. (2021), arXiv:2102.01293, section 1.1. Arguments may be arrays.
    """
    return 1.0 + data_transferred(fine_tuning, parameters, k, alpha, beta) / fine_tuning


def transfer_share(breadth, share, steepness):
    """Share of capability on trained tasks that carries over to tasks not trained on. [share]

    A sigmoid in log breadth, s b^k / (1 - s + s b^k): `share` (s) at breadth one, `steepness` (k) logits per e-fold.
    Breadth counts kinds of tasks, not volume: at equal volume the narrower set transfers less. A stated form
    (systems.md S03), not a measured one. Arguments may be arrays.
    """
    return jax.nn.sigmoid(jax.scipy.special.logit(share) + steepness * jnp.log(breadth))


def stage_transfer(breadths, share, steepness):
    """Transfer at the stages of RL_STAGES, from the breadth of each. [share]

    `breadths` has the stages along its last axis, as any relative measure of the kinds of tasks; the last stage,
    today's practice, has breadth one and transfers `share`.
    """
    breadths = jnp.asarray(breadths, float)
    return transfer_share(breadths / breadths[..., -1:], share, steepness)


class Breadth(Mechanism):
    """Training environments broaden year by year, and what is learnt on checkable tasks carries further.

    Breadth is relative to the practice of 2025.
    """

    rate: Rate = param("Log growth of the breadth of training environments")
    share: Share = param("Share that carries over from checkable tasks to others at the breadth of 2025")
    steepness: Positive = param("Logits of transfer per e-fold of breadth")

    class Out(Signals):
        breadth: Positive = signal("Breadth of training environments relative to the practice of 2025", start=1.0)
        transfer: Share = signal("Share of capability on checkable tasks that carries over to others (tau)")

    begins = ("transfer",)

    def begin(self) -> dict:
        return {"transfer": self.share}

    def __call__(self, *, prev_breadth: Positive, dt: Years) -> Out:
        breadth = prev_breadth * jnp.exp(self.rate * dt)
        return self.Out(breadth=breadth, transfer=transfer_share(breadth, self.share, self.steepness))
