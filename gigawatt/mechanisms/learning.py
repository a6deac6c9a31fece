"""Learning: how fast minds and models learn, and how much of a job they can take in (S04, S11)."""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.maths import normal_cdf
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Date, Positive, Share, Tokens, Years

# Human adaptation from the slowest to the fastest (systems.md S04).
LEVELS = ("evolution", "long-term learning", "short-term learning", "reaction")


def level(tokens, levels):
    """Place on the hierarchy of learning: 0 evolution, 1 long-term, 2 short-term learning, 3 reaction. [number]

    Linear in the log of the tokens that one learning takes, between the four falling numbers `levels`; flat
    outside them. The fewer tokens, the higher the sample efficiency. `tokens` may be an array.
    """
    rising = -jnp.log(jnp.asarray(levels, dtype=float))
    return jnp.interp(-jnp.log(jnp.asarray(tokens, dtype=float)), rising, jnp.arange(rising.shape[0], dtype=float))


def tokens_per_skill(tokens, skills):
    """Experience that one skill costs where `tokens` of experience give so many skills. [token/skill]

    A model meets far more text than a person, but spreads it over more trades. Arguments may be arrays.
    """
    return tokens / skills


def tokens_taken_in(hours, words_per_minute, tokens_per_word):
    """Tokens that a person takes in by reading for so many hours. [token]"""
    return hours * 60.0 * words_per_minute * tokens_per_word


def share_read(context, onboarding, spread):
    """Share of jobs whose onboarding fits into one context. [share]

    Phi((ln context - ln onboarding) / spread): the context that a job needs is lognormal over jobs, with median
    `onboarding`, both in tokens; `spread` is the standard deviation of the log. Arguments may be arrays.
    """
    return normal_cdf(jnp.log(context / onboarding) / spread)


def share_learned(year, arrival, rollout):
    """Share of what must be learned on the job that models do learn, once continual learning has arrived. [share]

    0 before the arrival, then 1 - exp(-(year - arrival) / rollout). An arrival that is infinite never comes.
    Arguments may be arrays.
    """
    return -jnp.expm1(-jnp.maximum(year - arrival, 0.0) / rollout)


def job_context(written, barrier, read, learned):
    """Share of a job's context that models can take in. [share]

    1 - barrier (1 - written) (1 - read) (1 - learned), systems.md S11: context is missing only where it is not
    written down, no context window holds it and models do not learn on the job; any one of the three is enough.
    `barrier` is the share of such missing context without which the work cannot be handed over: near 0 in
    Amodei's reading, 1 in Patel's. Where all is written, as in code, the share is one. Arguments may be arrays.
    """
    return 1.0 - barrier * (1.0 - written) * (1.0 - read) * (1.0 - learned)


def job_coverage(able, context):
    """Share of a job that can be handed over: tasks that models are able to do and whose context they have. [share]

    The product, as for two conditions that are independent over tasks. Arguments may be arrays.
    """
    return able * context


class OnTheJob(Mechanism):
    """Models take in a job's context from what is written, from a long context, or by learning on the job (S11).

    Code is not meant here: its context is written down in the repository, so that its coverage is one.
    """

    written: Share = param("Share of a job's context that is written down, outside code")
    barrier: Share = param("Share of missing context without which work cannot be handed over")
    strength: Share = param("Strength of learning in context relative to learning on the job")
    onboarding: Years = param("Time that a person needs to learn a job")
    intake: Tokens = param("Tokens that a person takes in during a working year")
    spread: Positive = param("Standard deviation of log onboarding over jobs")
    arrival: Date = param("Date at which models learn on the job")
    rollout: Years = param("Time in which learning on the job spreads through products")

    class Out(Signals):
        coverage: Share = signal("Share of a job's context that models can take in")

    begins = ("coverage",)

    def begin(self, *, context: Tokens) -> dict[str, Array]:
        return {"coverage": self.taken_in(context, jnp.zeros(()))}

    def taken_in(self, context: Array, learned: Array) -> Array:
        read = self.strength * share_read(context, self.onboarding * self.intake, self.spread)
        return job_context(self.written, self.barrier, read, learned)

    def __call__(self, *, context: Tokens, year: Date) -> Out:
        return self.Out(coverage=self.taken_in(context, share_learned(year, self.arrival, self.rollout)))
