"""Cures: a pipeline from discovery to delivery, with published odds and times, and queues where capacity binds (S34).

Stages in the form of Paul et al. (2010), Nature Reviews Drug Discovery 9:203-214: a project leaves a stage after its
time, with its chance of success. Queues are fluid (Newell 1971): what exceeds capacity waits.
"""

import jax.numpy as jnp
from jax import Array

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import PerIncomeGroup, PerStage, Positive, Rate, Share, Years

# Stages in their order; the last is the regulator's.
STAGES = ("discovery", "preclinical", "phase1", "phase2", "phase3", "review")
TRIALS = 2  # place of phase I


def likelihood_of_approval(success):
    """Chance that a candidate passes all stages along the last axis. [share]

    Product of phase transition rates, as in BIO, Informa & QLS (2021).
    """
    return jnp.prod(success, axis=-1)


def needed_per_launch(success):
    """Projects that must enter each stage for one launch. [1, one for each stage]

    1 / product of the rates from there on: Paul et al. (2010), figure 2. Stages along the last axis.
    """
    return 1.0 / jnp.flip(jnp.cumprod(jnp.flip(success, -1), axis=-1), -1)


def screened_success(success, efficacy, foreseen):
    """Chance of success of what enters a trial once a share of failures for want of efficacy is foreseen. [share]

    p / (1 - (1-p) e q): of all that would have entered, (1-p) e fail for want of efficacy, and q of those stay out.
    Safety and the unforeseen remain, so that it is one only if e = q = 1. Arguments may be arrays.
    """
    return success / (1.0 - (1.0 - success) * efficacy * foreseen)


def trial_time(duration, fixed, effect):
    """Time of a trial when the effect to be shown is `effect` times what it was. [as duration]

    T (f + (1-f)/m^2): patients needed fall with the square of the effect (two-arm trial, n = 2 (z_a + z_b)^2 s^2 / D^2,
    Chow, Shao & Wang 2008, eq. 3.2.3), recruiting is in proportion to them, and the share f of the time, follow-up and
    set-up, stays. Never zero. Arguments may be arrays.
    """
    return duration * (fixed + (1.0 - fixed) / jnp.square(effect))


def patients_needed(effect, deviation, level_quantile, power_quantile):
    """Patients in each arm of a trial that is to show a difference of means. [people]

    2 (z_a + z_b)^2 s^2 / D^2 (Chow, Shao & Wang 2008, eq. 3.2.3), quantiles of the normal distribution given.
    Arguments may be arrays.
    """
    return 2.0 * jnp.square((level_quantile + power_quantile) * deviation / effect)


def reviews(capacity, clear, lighter):
    """Drugs reviewed a year when clear cases take a fraction of the work. [drugs/year]

    mu / (1 - c + c/k) for a share c of clear cases that take 1/k of the work; capacity is in reviews of the usual kind.
    Arguments may be arrays.
    """
    return capacity / (1.0 - clear + clear / lighter)


def backlog(arrivals, capacity, years, waiting=0.0):
    """Drugs that wait after some years. [drugs]

    max(0, B + (lambda - mu) t): the fluid queue (Newell 1971, chapter 2). Arguments may be arrays.
    """
    return jnp.maximum(waiting + (arrivals - capacity) * years, 0.0)


def stage_step(inside, arriving, duration, capacity, dt):
    """Projects in a stage and those that leave it within `dt` years. [projects, projects]

    Exact for dn/dt = arrivals/dt - n/T, and no more leave than `capacity` a year allows: the rest stay. What was there
    and what came is either there or has left. Arguments may be arrays.
    """
    settled = arriving / dt * duration
    later = settled + (inside - settled) * jnp.exp(-dt / duration)
    leaving = jnp.minimum(inside + arriving - later, capacity * dt)
    return inside + arriving - leaving, leaving


def amdahl(share, faster):
    """Speed-up of work of which a share is done so many times as fast: 1 / (1 - x + x/k), Amdahl (1967). [multiple]"""
    return 1.0 / (1.0 - share + share / faster)


def time_to_reach(share, lag, spread):
    """Years from first approval until a share of a group's patients is reached. [years]

    L + tau ln(1 / (1 - s)): nobody before the launch there, then a constant hazard for those left. The last
    patients take longest, and all are never reached. Arguments may be arrays.
    """
    return lag - spread * jnp.log1p(-jnp.asarray(share))


def value_of_delay(patients, gain, years):
    """Health lost by a delay: patients a year x quality-adjusted life years each gains x years. [QALY]"""
    return patients * gain * years


class Pipeline(Mechanism):
    """Drug candidates pass discovery, trials and review; AI finds more and better ones, capacity follows late (S34).

    AI speeds up the work of discovery as far as models can do it, foresees part of the failures for want of efficacy,
    and finds larger effects, which shortens trials. A candidate keeps the odds with which it entered a stage. As many
    enter as discovery brings; each stage handles what its capacity allows, which grows towards what arrives.
    Before the first month the pipeline is steady.
    """

    success: PerStage[Share] = param("Chance to pass the stage without further AI")
    duration: PerStage[Years] = param("Time in the stage without further AI")
    efficacy: PerStage[Share] = param("Share of failures in the stage that are for want of efficacy")
    fixed: PerStage[Share] = param("Share of the stage's time that larger effects do not shorten")
    slack: PerStage[Positive] = param("Capacity of the stage at the start, relative to what passed it")
    response: PerStage[Rate] = param("Rate at which the stage's capacity grows towards what arrives")
    approved_at_start: Rate = param("New drugs approved a year at the start")
    faster: Positive = param("How much faster AI does a task of discovery")
    foresight: Share = param("Share of failures for want of efficacy foreseen if models could do all work")
    stronger: Positive = param("Effect of drugs relative to today's if models could do all work")
    clear: Share = param("Share of submissions whose safety and effect are clear")
    lighter: Positive = param("How much less work a clear case takes the regulator")

    class Out(Signals):
        candidates: PerStage[Positive] = signal("Drug candidates in the stage")
        stage_capacity: PerStage[Rate] = signal("Candidates that a stage can handle a year, in usual cases")
        approvals: Rate = signal("New drugs approved a year")
        approved: Positive = signal("New drugs approved since the start", start=0.0)
        approval_chance: Share = signal("Chance of approval of what enters phase I")
        development: Years = signal("Time from phase I to approval at this month's pace, queues included")
        review_wait: Years = signal("Time in review at this month's pace")
        quality: PerStage[Share] = signal(
            "What models could do beyond the start when those in a stage entered", start=0.0
        )
        skill_at_start: Share = signal("Share of work that models could do at the start")

    begins = ("candidates", "stage_capacity", "skill_at_start")

    def begin(self, *, automatable: Share) -> dict[str, Array]:
        entering = self.approved_at_start * needed_per_launch(self.success)
        return {
            "candidates": entering * self.duration,
            "stage_capacity": entering * self.slack,
            "skill_at_start": automatable,
        }

    def __call__(
        self,
        *,
        automatable: Share,
        prev_candidates: PerStage[Positive],
        prev_stage_capacity: PerStage[Rate],
        prev_approved: Positive,
        prev_quality: PerStage[Share],
        prev_skill_at_start: Share,
        dt: Years,
    ) -> Out:
        skill = jnp.maximum(automatable - prev_skill_at_start, 0.0)
        speedup = amdahl(automatable, self.faster) / amdahl(prev_skill_at_start, self.faster)
        # projects begun a year: as many as keep the start's approvals at the start's odds, times the speed-up
        out = self.approved_at_start * needed_per_launch(self.success)[0] * speedup * dt
        lighter = jnp.ones(len(STAGES)).at[-1].set(reviews(1.0, self.clear, self.lighter))
        inside, capacity, left, quality = [], [], [], []
        for i in range(len(STAGES)):
            wanted = jnp.maximum(out / dt / lighter[i], prev_stage_capacity[i])
            capacity.append(wanted + (prev_stage_capacity[i] - wanted) * jnp.exp(-self.response[i] * dt))
            known = (prev_candidates[i] * prev_quality[i] + out * skill) / (prev_candidates[i] + out)
            success, duration = self.odds_and_time(i, known)
            duration = duration / speedup if i < TRIALS else duration  # work, where trials are patients
            stays, leaves = stage_step(prev_candidates[i], out, duration, capacity[i] * lighter[i], dt)
            inside.append(stays)
            left.append(leaves)
            quality.append(known)
            out = leaves * success
        candidates = jnp.stack(inside)
        times = candidates * dt / jnp.stack(left)  # Little's law
        entering = screened_success(self.success, self.efficacy, self.foresight * skill)
        return self.Out(
            candidates=candidates,
            stage_capacity=jnp.stack(capacity),
            approvals=out / dt,
            approved=prev_approved + out,
            approval_chance=likelihood_of_approval(entering[TRIALS:]),
            development=jnp.sum(times[TRIALS:]),
            review_wait=times[-1],
            quality=jnp.stack(quality),
            skill_at_start=prev_skill_at_start,
        )

    def odds_and_time(self, stage, skill):
        """Chance to pass a stage and time in it for candidates that entered when models had this skill."""
        success = screened_success(self.success[stage], self.efficacy[stage], self.foresight * skill)
        return success, trial_time(self.duration[stage], self.fixed[stage], 1.0 + (self.stronger - 1.0) * skill)


class Delivery(Mechanism):
    """Approved drugs are made, launched and brought to patients, in rich countries first (S34)."""

    manufacture: Years = param("Time to make enough of a new drug")
    lag: PerIncomeGroup[Years] = param("Median time from first launch in the world to launch in the group of countries")
    spread: PerIncomeGroup[Years] = param("Mean time from launch to a patient who is reached")

    class Out(Signals):
        drugs_launched: PerIncomeGroup[Positive] = signal("New drugs launched in countries", start=0.0)
        reaching: PerIncomeGroup[Positive] = signal(
            "New drugs at work, by the share of patients reached, in countries", start=0.0
        )
        to_patient: PerIncomeGroup[Years] = signal(
            "Time from phase I to half of the patients at this month's pace in countries"
        )

    def __call__(
        self,
        *,
        approved: Positive,
        development: Years,
        prev_drugs_launched: PerIncomeGroup[Positive],
        prev_reaching: PerIncomeGroup[Positive],
        dt: Years,
    ) -> Out:
        wait = self.manufacture + self.lag
        # a median wait of `lag` at a constant hazard is a mean of lag / ln 2
        launched = prev_drugs_launched - (approved - prev_drugs_launched) * jnp.expm1(
            -dt / (self.manufacture + self.lag / jnp.log(2.0))
        )
        reaching = prev_reaching - (launched - prev_reaching) * jnp.expm1(-dt / self.spread)
        return self.Out(
            drugs_launched=launched,
            reaching=reaching,
            to_patient=development + time_to_reach(0.5, wait, self.spread),
        )
