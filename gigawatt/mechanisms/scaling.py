"""Scaling: what goes into a training run, and what score comes out (S01, S02)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import ECI, FLOP, YFLOP, H100e, Number, PerLab, Positive, Share, Years

SEVEN_INGREDIENTS = (
    "compute",
    "data",
    "breadth",
    "duration",
    "objective",
    "conditioning",
    "stability",
)


def effective_compute(
    compute,
    data,
    breadth,
    duration,
    objective,
    conditioning,
    stability,
    *,
    method=1.0,
    method_elasticity,
):
    """Training compute that counts, after everything that can waste it. [FLOP, the unit of compute]

    The seven ingredients of the big-blob memo (systems.md S01): the first four enter with unit elasticity,
    the objective is a switch between 0 (does not scale) and 1 (keeps paying), and the last two are
    efficiencies in (0, 1]. Everything but compute is relative to a reference run. `method` is clever
    technique relative to that run; its elasticity is small, which is the memo's claim.
    Arguments may be arrays.
    """
    volume = compute * data * breadth * duration
    # Good conditioning and stability can prevent waste but add nothing: values above one count as one.
    kept = jnp.clip(conditioning, 0.0, 1.0) * jnp.clip(stability, 0.0, 1.0)
    return volume * jnp.clip(objective, 0.0, 1.0) * kept * method**method_elasticity


def log_score(intercept, per_log_pretraining, pretraining, per_log_rl, rl, rl_floor):
    """Score after pre-training and then reinforcement learning. [points]

    Two additive log terms (systems.md S02): a + b ln C + c ln(max(C_rl, floor) / floor). `rl_floor` is the
    compute at which reinforcement learning begins to matter [FLOP]. Below it, zero included, the
    pre-training score stands as it is; above it equal ratios of compute give exactly equal gains, which
    ln(1 + C_rl/floor) would give only in the limit. Coefficients are points per e-fold.
    Arguments may be arrays.
    """
    before = intercept + per_log_pretraining * jnp.log(pretraining)
    return before + per_log_rl * jnp.log(jnp.maximum(rl, rl_floor) / rl_floor)


def training_flop(accelerators_h100e, peak_flop_per_s, utilisation, seconds):
    """Operations done by a cluster in a span of time. [FLOP]

    Accelerators in H100 equivalents, peak operations per second of one of them, share of the peak that is
    reached, seconds. Arguments may be arrays.
    """
    return accelerators_h100e * peak_flop_per_s * utilisation * seconds


SECONDS_PER_YEAR = 365.25 * 24 * 3600
YOTTA = 1e24
PEAK = 1.979e15  # dense 8-bit operations per second of one H100 (SXM): the definition of the H100e unit


class Training(Mechanism):
    """A lab's largest run grows towards what its research compute allows; while progress stalls no larger run pays."""

    run_share: PerLab[Share] = param("Share of research compute that the largest run gets")
    utilisation: Share = param("Share of peak operations that a run reaches")
    run_length: Years = param("Length of the largest run")
    generation: Years = param("Time in which the largest run approaches what compute allows")

    class Out(Signals):
        training_run: PerLab[FLOP] = signal("Largest training run to date")
        frontier_run: FLOP = signal("Largest training run of any lab to date", headline=True)

    def __call__(
        self,
        *,
        research_compute: PerLab[H100e],
        prev_research_compute: PerLab[H100e],
        progress: Share,
        prev_training_run: PerLab[FLOP],
        dt: Years,
    ) -> Out:
        seconds = self.run_length * SECONDS_PER_YEAR
        over_month = 0.5 * (research_compute + prev_research_compute)
        possible = training_flop(over_month * self.run_share, PEAK, self.utilisation, seconds)
        gap = jnp.log(jnp.maximum(possible / prev_training_run, 1.0))
        run = prev_training_run * jnp.exp(-gap * jnp.expm1(-dt / self.generation) * progress)
        return self.Out(training_run=run, frontier_run=jnp.max(run))


class Ingredients(Mechanism):
    """What a run counts for: compute, algorithms and the other ingredients, relative to the practice of 2025 (S01).

    Data count as far as the stock of text reaches; the length of the run is in its operations already.
    """

    breadth: Positive = param("Breadth of the corpus relative to the practice of 2025")
    objective: Share = param("Whether the objective keeps paying with scale")
    conditioning: Share = param("Efficiency kept by normalisation and conditioning, relative to the practice of 2025")
    stability: Share = param("Efficiency kept by numerical stability, relative to the practice of 2025")
    method: Positive = param("Cleverness of method relative to the practice of 2025")
    method_elasticity: Number = param("Elasticity of effective compute in method")

    class Out(Signals):
        effective_training: PerLab[YFLOP] = signal("Effective compute of the largest run, in today's algorithms")

    begins = ("effective_training",)

    def begin(self, *, training_run: PerLab[FLOP], algorithms: PerLab[Positive], data: PerLab[Positive]) -> dict:
        return vars(self(training_run=training_run, algorithms=algorithms, data=data))

    def __call__(self, *, training_run: PerLab[FLOP], algorithms: PerLab[Positive], data: PerLab[Positive]) -> Out:
        effective = effective_compute(
            training_run / YOTTA * algorithms,
            data,
            self.breadth,
            1.0,
            self.objective,
            self.conditioning,
            self.stability,
            method=self.method,
            method_elasticity=self.method_elasticity,
        )
        return self.Out(effective_training=effective)


class Score(Mechanism):
    """Capability rises by equal steps for equal ratios of effective compute, in pre-training and in RL (S02).

    Measured on the Epoch Capabilities Index from each lab's observed level.
    """

    per_log_pretraining: ECI = param("Points per e-fold of effective pre-training compute")
    per_log_rl: ECI = param("Points per e-fold of effective reinforcement-learning compute")
    rl_share: Share = param("Share of effective compute that goes into reinforcement learning")

    class Out(Signals):
        capability: PerLab[ECI] = signal("Capability of the lab's best model")
        frontier: ECI = signal("Capability of the best model", headline=True)

    begins = ("frontier",)

    def begin(self, *, capability: PerLab[ECI]) -> dict:
        return {"frontier": jnp.max(capability)}

    def __call__(
        self,
        *,
        effective_training: PerLab[YFLOP],
        prev_effective_training: PerLab[YFLOP],
        prev_capability: PerLab[ECI],
    ) -> Out:
        def score(total):
            pre, rl = (1.0 - self.rl_share) * total, self.rl_share * total
            return log_score(0.0, self.per_log_pretraining, pre, self.per_log_rl, rl, 1.0)

        capability = prev_capability + score(effective_training) - score(prev_effective_training)
        return self.Out(capability=capability, frontier=jnp.max(capability))
