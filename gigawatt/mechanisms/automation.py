"""Automation: which tasks models do and how that speeds up research (S08, S09)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.maths import log_ces, normal_cdf, normal_quantile
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import ECI, Hours, Number, PerECI, PerLab, Positive, Share

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


def ces_speedup(share, local_speed, substitution):
    """How much faster the whole becomes when tasks can stand in for one another, or less so. [multiple]

    ((1 - p) + p k^rho)^(1/rho), rho = (s - 1)/s: Amdahl's law is s = 1/2, in which every task must be done in its
    fixed amount. Above it work moves to the tasks that became fast (s = 1: k^p); towards s = 0 the slow tasks decide.
    Jones (2025) and Aghion, Jones & Jones (2019) use this form for tasks of research. Arguments may be arrays.
    """
    return jnp.exp(log_ces(share, jnp.log(local_speed), substitution))


def measured_speedup(felt, drag):
    """Speed-up that is left of the one felt, after the time spent on prompting, waiting, checking, mending. [multiple]

    felt (1 - drag). People who watch the model work do not count that time: Becker et al. (2025), arXiv:2507.09089,
    where 1.20 was felt and about 0.81 measured. Arguments may be arrays.
    """
    return felt * (1.0 - drag)


def shared_speedup(own, best, shared):
    """Speed-up of a lab that may use the best lab's models for a part of its work. [multiple]

    Own + shared (best - own); with `shared` of one nobody gains on anybody (systems.md S10). Arguments may be arrays.
    """
    return own + shared * (best - own)


def automatable_share(horizon, median_length, spread):
    """Share of tasks no longer than the time horizon of a model. [share]

    Lengths of tasks are lognormal: Phi((ln horizon - ln median) / spread). `horizon` and `median_length` in
    the same unit; `spread` is the standard deviation of the log. Arguments may be arrays.
    """
    return normal_cdf(jnp.log(horizon / median_length) / spread)


def length_behind(share, horizon, spread):
    """Median task length at which a given share of tasks is no longer than the horizon. [unit of horizon]

    The inverse of `automatable_share` in the median. Arguments may be arrays.
    """
    return horizon * jnp.exp(-normal_quantile(share) * spread)


class Tasks(Mechanism):
    """The share of the world's work that models can do grows with the length of task they can complete.

    Tasks of cognitive work are lognormal in length; their median is what the observed share at the start implies,
    given what models can reach of unverifiable work and take in of a job's context.
    """

    share_at_start: Share = param("Share of cognitive work that models could do at the start")
    spread: Positive = param("Standard deviation of log task length")
    cognitive: Share = param("Share of the wage bill that is cognitive work")
    most_at_start: Share = param("Greatest share of the work within reach that models can have done at the start")

    class Out(Signals):
        automatable: Share = signal("Share of work that the best models can do", headline=True)
        task_length: Hours = signal("Median length of the tasks of cognitive work")

    begins = ("automatable", "task_length")

    def begin(self, *, horizon: Hours, reach: Share, coverage: Share) -> dict[str, Array]:
        share = jnp.minimum(self.share_at_start / (reach * coverage), self.most_at_start)
        length = length_behind(share, horizon, self.spread)
        return {"automatable": self.cognitive * reach * coverage * share, "task_length": length}

    def __call__(self, *, horizon: Hours, reach: Share, coverage: Share, prev_task_length: Hours) -> Out:
        done = reach * coverage * automatable_share(horizon, prev_task_length, self.spread)
        return self.Out(automatable=self.cognitive * done, task_length=prev_task_length)


class Coding(Mechanism):
    """Coding comes first: its tasks are checkable, its context is written down. What is not automated bounds the gain.

    Each lab's models do the tasks that their horizon reaches; rivals partly use the best lab's models (S08-S10).
    The share at the start is what the speed-up of researchers' work at the start implies by Amdahl's law.
    """

    drag: Share = param("Part of the felt speed-up that prompting, waiting and checking take back")
    spread: Positive = param("Standard deviation of log task length in research engineering")
    local_speed: Positive = param("How much faster a model does a task that it can do")
    used: Share = param("Greatest share of researchers' work that models can take over")
    most_at_start: Share = param("Greatest share of that which models can have taken over at the start")
    shared: Share = param("Part of the best lab's gain that rivals have by using its models")

    class Out(Signals):
        coding: Share = signal("Share of researchers' work that the best lab's models do", headline=True)
        lab_speedup: PerLab[Positive] = signal("Speed-up of the work of a lab's researchers by models")
        coding_length: Hours = signal("Median length of the tasks of research engineering")

    begins = ("lab_speedup", "coding_length")

    def begin(
        self,
        *,
        horizon: Hours,
        capability: PerLab[ECI],
        per_point: PerECI,
        reach_engineering: Share,
        labour_at_start: Positive,
    ) -> dict[str, Array]:
        # a stated speed-up beyond what `used` allows would need more than all tasks
        share = amdahl_share(labour_at_start, self.local_speed) / (self.used * reach_engineering)
        length = length_behind(jnp.minimum(share, self.most_at_start), horizon, self.spread)
        known = {"horizon": horizon, "capability": capability, "per_point": per_point}
        out = self(**known, reach_engineering=reach_engineering, prev_coding_length=length)
        return {"lab_speedup": out.lab_speedup, "coding_length": length}

    def __call__(
        self,
        *,
        horizon: Hours,
        capability: PerLab[ECI],
        per_point: PerECI,
        reach_engineering: Share,
        prev_coding_length: Hours,
    ) -> Out:
        behind = jnp.exp2(per_point * (capability - jnp.max(capability)))
        done = automatable_share(horizon * behind, prev_coding_length, self.spread)
        share = self.used * reach_engineering * done
        # checking falls away with the tasks that models still fail at
        own = measured_speedup(amdahl_speedup(share, self.local_speed), self.drag * (1.0 - done))
        best = jnp.max(own)
        return self.Out(
            coding=jnp.max(share),
            lab_speedup=shared_speedup(own, best, self.shared),
            coding_length=prev_coding_length,
        )


class Engineers(Mechanism):
    """The seven rungs of coding, and what is left for engineers: all of today's tasks done is not unemployment (S08).

    Lines come before tasks; automation makes new and longer tasks, which models take over in their turn.
    """

    lines_at_start: Share = param("Share of the lines of code that models wrote at the start")
    lines_spread: Positive = param("Standard deviation of log task length behind lines of code")
    spread: Positive = param("Standard deviation of log task length in software engineering")
    tasks_at_start: Share = param("Share of today's end-to-end engineering tasks that models did at the start")
    created: Positive = param("New work made by automation, per unit of work taken over")
    harder: Positive = param("Length of new tasks relative to today's")
    whole: Share = param("Share from which on all lines, or all tasks, are done")

    class Out(Signals):
        engineers: Positive = signal("Demand for software engineers relative to a world without models")
        coding_rung: Number = signal("Rung of coding automation, 1 (most lines) to 7 (engineers down nine tenths)")
        lines_length: Hours = signal("Median length of task behind a line of code")
        engineering_length: Hours = signal("Median length of software engineering tasks")

    begins = ("lines_length", "engineering_length")

    def begin(self, *, horizon: Hours, reach_engineering: Share) -> dict[str, Array]:
        tasks = jnp.minimum(self.tasks_at_start / reach_engineering, self.whole)
        shares, spreads = jnp.stack([self.lines_at_start, tasks]), jnp.stack([self.lines_spread, self.spread])
        lines_length, engineering_length = length_behind(shares, horizon, spreads)
        return {"lines_length": lines_length, "engineering_length": engineering_length}

    def __call__(
        self,
        *,
        horizon: Hours,
        reach_engineering: Share,
        prev_lines_length: Hours,
        prev_engineering_length: Hours,
    ) -> Out:
        lengths = jnp.stack([prev_lines_length, prev_engineering_length, self.harder * prev_engineering_length])
        spreads = jnp.stack([self.lines_spread, self.spread, self.spread])
        lines, tasks, new_done = automatable_share(horizon, lengths, spreads)
        tasks, new_done = reach_engineering * tasks, reach_engineering * new_done
        new = self.created * tasks
        demand = labour_demand(tasks, new, new_done)
        return self.Out(
            engineers=demand,
            coding_rung=coding_rung(lines, tasks, new, new_done, demand, whole=self.whole),
            lines_length=prev_lines_length,
            engineering_length=prev_engineering_length,
        )
