"""Automation: which tasks models do, how that speeds up research, and how little of it shows (S08, S09, S13)."""

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import ndtr, ndtri

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Hours, Positive, Share

# The rungs of the coding spectrum, in the order in which they are crossed (systems.md S08).
RUNGS = (
    "most lines",
    "all lines",
    "most tasks",
    "all tasks of today",
    "new tasks appear",
    "new tasks automated",
    "demand for engineers down",
)


def coding_rung(lines, tasks, new_tasks, new_tasks_automated, demand, *, most=0.9, whole=1.0):
    """Rungs of the coding spectrum reached so far, 0 to 7, in the order of `RUNGS`. [count]

    Shares of lines and of today's end-to-end tasks done by models; new kinds of task relative to today's
    work, and the share of those that models do; demand for engineers relative to the start. A rung counts
    only when all below it do. `most` (nine tenths) is part of the meaning of rungs 1, 3, 6 and 7; `whole`
    may be set a little below one where a share comes near to one but never touches it.
    Arguments may be arrays.
    """
    reached = (
        lines >= most,
        lines >= whole,
        tasks >= most,
        tasks >= whole,
        new_tasks > 0.0,
        new_tasks_automated >= most,
        demand <= (1.0 - most) * (1.0 + 1e-12),  # 1 - 0.9 is not 0.1 to the last bit
    )
    count, so_far = jnp.zeros(()), jnp.ones(())
    for rung in reached:
        so_far = so_far * jnp.where(rung, 1.0, 0.0)
        count = count + so_far
    return count


def labour_demand(tasks, new_tasks, new_tasks_automated):
    """Human work wanted, relative to the start: what is left of the old tasks plus what the new ones need.

    (1 - a) + n (1 - b): all of today's tasks done by models is not unemployment while n is above zero and b
    below one (systems.md S08; the reinstatement effect of Acemoglu & Restrepo 2019, Journal of Economic
    Perspectives 33(2):3-30). Arguments may be arrays.
    """
    return (1.0 - tasks) + new_tasks * (1.0 - new_tasks_automated)


def amdahl_speedup(share, local_speed):
    """How much faster the whole becomes when a share of it runs faster. [multiple]

    Amdahl (1967): S = 1 / ((1 - p) + p / k). Never above 1 / (1 - p), however large k is.
    Arguments may be arrays.
    """
    return 1.0 / ((1.0 - share) + share / local_speed)


def amdahl_share(speedup, local_speed=jnp.inf):
    """Automated share that lies behind an observed total speed-up: the inverse of `amdahl_speedup`. [share]

    p = (1 - 1/S) / (1 - 1/k). With unlimited local speed this is the least share that would do.
    Arguments may be arrays.
    """
    return (1.0 - 1.0 / speedup) / (1.0 - 1.0 / local_speed)


def automatable_share(horizon, median_length, spread):
    """Share of tasks no longer than the time horizon of a model. [share]

    Lengths of tasks are lognormal: Phi((ln horizon - ln median) / spread). `horizon` and `median_length` in
    the same unit; `spread` is the standard deviation of the log. Arguments may be arrays.
    """
    return ndtr(jnp.log(horizon / median_length) / spread)


def visible_share(lead, doubling):
    """Share of the final level that can be seen a time `lead` before the end. [share]

    2^(-lead / doubling), systems.md S13; both in years. Arguments may be arrays.
    """
    return jnp.exp2(-lead / doubling)


def length_behind(share, horizon, spread):
    """Median task length at which a given share of tasks is no longer than the horizon. [unit of horizon]

    The inverse of `automatable_share` in the median. Arguments may be arrays.
    """
    return horizon * jnp.exp(-ndtri(share) * spread)


class Tasks(Mechanism):
    """The share of the world's work that models can do grows with the length of task they can complete.

    Tasks of cognitive work are lognormal in length; their median is what the observed share at the start implies.
    """

    share_at_start: Share = param("Share of cognitive work that models could do at the start")
    spread: Positive = param("Standard deviation of log task length")
    cognitive: Share = param("Share of the wage bill that is cognitive work")

    class Out(Signals):
        automatable: Share = signal("Share of work that the best models can do", headline=True)
        task_length: Hours = signal("Median length of the tasks of cognitive work")

    begins = ("automatable", "task_length")

    def begin(self, *, horizon: Hours) -> dict[str, Array]:
        length = length_behind(self.share_at_start, horizon, self.spread)
        return {"automatable": self.cognitive * self.share_at_start, "task_length": length}

    def __call__(self, *, horizon: Hours, prev_task_length: Hours) -> Out:
        share = self.cognitive * automatable_share(horizon, prev_task_length, self.spread)
        return self.Out(automatable=share, task_length=prev_task_length)


class Coding(Mechanism):
    """Coding comes first: its tasks are checkable. What is not automated bounds the speed-up of research (S09).

    The share at the start is what the stated speed-up implies by Amdahl's law.
    """

    gain_at_start: Positive = param("Speed-up of research by the labs' own models at the start, beyond one")
    spread: Positive = param("Standard deviation of log task length in research engineering")
    local_speed: Positive = param("How much faster a model does a task that it can do")
    used: Share = param("Greatest share of research that models can take over")
    most_at_start: Share = param("Greatest share of that which models can have taken over at the start")

    class Out(Signals):
        coding: Share = signal("Share of the labs' research work that models do", headline=True)
        speedup: Positive = signal("Speed-up of research by the labs' own models", headline=True)
        coding_length: Hours = signal("Median length of the tasks of research engineering")

    begins = ("speedup", "coding_length")

    def begin(self, *, horizon: Hours) -> dict[str, Array]:
        speedup = 1.0 + self.gain_at_start
        # a stated speed-up beyond what `used` allows would need more than all tasks
        share = jnp.minimum(amdahl_share(speedup, self.local_speed) / self.used, self.most_at_start)
        return {
            "speedup": amdahl_speedup(share * self.used, self.local_speed),
            "coding_length": length_behind(share, horizon, self.spread),
        }

    def __call__(self, *, horizon: Hours, prev_coding_length: Hours) -> Out:
        share = self.used * automatable_share(horizon, prev_coding_length, self.spread)
        return self.Out(coding=share, speedup=amdahl_speedup(share, self.local_speed), coding_length=prev_coding_length)
