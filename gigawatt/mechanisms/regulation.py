"""Regulation: rules climb a ladder as evidence comes, in one law or in fifty (S35)."""

import jax.numpy as jnp
from jax.scipy.stats import norm

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Date, Positive, Rate, Share, Years

LADDER = ("none", "transparency", "targeted")  # a federal standard is either of the last two, once for all states


def next_rung(rung, may_act, evidence, enacted, open_now):
    """Rung after a step: 0 none, 1 transparency, 2 targeted rules. [rung]

    Transparency comes first wherever anybody may make rules; targeted rules need evidence, a legislature that acts on
    it (`enacted`), and a date from which they can be had (`open_now`); where nobody may act no rule stands. The order
    is stated (facts `transparency-first`, `targeted-later`, `targeted-earliest`). Arguments may be arrays.
    """
    targeted = (rung >= 2) | ((rung >= 1) & evidence & enacted & open_now)
    return jnp.where(may_act, jnp.where(targeted, 2.0, 1.0), 0.0)


def mean_wait(evidence, enactment):
    """Mean time from transparency to targeted rules: evidence must come, then a law. [years]

    1/h + 1/e: two exponential waits in series. Rates a year; arguments may be arrays.
    """
    return 1.0 / evidence + 1.0 / enactment


def regimes(laws, states):
    """Expected number of states with a rule of their own when laws fall on states at random. [count]

    S (1 - (1 - 1/S)^n): the classical occupancy problem (Feller 1968, volume 1, chapter IV.2). Arguments may be arrays.
    """
    return states * -jnp.expm1(laws * jnp.log1p(-1.0 / states))


def burden(rung, apart, transparency, targeted, patchwork):
    """How many times as long adoption waits under rules as under none. [multiple]

    Each rung adds its part; a patchwork adds `patchwork` times the share `apart` of states with rules of their own,
    for every one of them must be read and met. Arguments may be arrays.
    """
    return 1.0 + transparency * (rung >= 1.0) + targeted * (rung >= 2.0) + patchwork * apart


def reach(apart, federal, spill):
    """Share of use that rules bind. [share]

    All of it under a federal standard; else those states that have rules, and in the others the share `spill` of makers
    who build for the strictest large market (the California effect, Vogel 1995). Arguments may be arrays.
    """
    by_states = apart + (1.0 - apart) * spill * (apart > 0.0)
    return jnp.maximum(federal, by_states)


def fixed_value(mean, spread):
    """Worth of the better of two rules that must be chosen now: strict (net benefit N(mean, spread^2)) or none (0).

    max(m, 0), in the unit of the benefit. Arguments may be arrays.
    """
    return jnp.maximum(mean, 0.0) + 0.0 * spread


def adaptive_value(mean, spread, resolved):
    """Worth of deciding after evidence has resolved a share of the variance of the net benefit of a strict rule.

    E max(0, M) with M ~ N(m, r s^2): m Phi(m/sd) + sd phi(m/sd), the two-action problem with linear value and normal
    prior (Raiffa & Schlaifer 1961, chapter 5). Less `fixed_value` it is the option value of keeping rules adaptive,
    the quasi-option value of Arrow & Fisher (1974), QJE 88:312-319. Arguments may be arrays.
    """
    sd = jnp.sqrt(resolved) * spread
    some = sd > 0.0
    z = mean / jnp.where(some, sd, 1.0)
    return jnp.where(some, mean * norm.cdf(z) + sd * norm.pdf(z), jnp.maximum(mean, 0.0))


class Regulation(Mechanism):
    """Transparency first, targeted rules on evidence, and a federal standard, state laws, a ban on them, or nothing.

    Evidence is likelier the nearer the public sees the genius level. A federal standard ends state laws. `friction`
    is the wait that rules bring relative to the rules of the start: `diffusion.RegulatedSegments` reads it.
    """

    federal: Rate = param("Chance per year that Congress makes a federal standard, which ends state laws")
    states: Share = param("States may make rules (1) or not (0)")
    moratorium: Date = param("Date until which state rules are banned")
    quiet: Rate = param("Chance per year of evidence of harm while nobody is aware of the genius level")
    alarmed: Rate = param("Chance per year of evidence of harm once everybody is")
    enactment: Rate = param("Chance per year that targeted rules follow once there is evidence")
    earliest: Date = param("Date from which targeted rules can be had")
    bills: Rate = param("Bills on AI in state legislatures a year")
    passed: Share = param("Share of these bills that become law")
    binding: Share = param("Share of these laws that bind makers or users of models and are enforced")
    number_of_states: Positive = param("States that can differ")
    transparency_burden: Positive = param("Wait added by transparency rules, relative to no rules")
    targeted_burden: Positive = param("Further wait added by targeted rules")
    patchwork_burden: Positive = param("Wait added if every state has rules of its own")
    spill: Share = param("Share of makers elsewhere who build for the strictest large market")
    transparency_protects: Share = param("Share of misuse that transparency rules prevent where they reach")
    targeted_protects: Share = param("Share of misuse that targeted rules prevent where they reach")

    class Out(Signals):
        evidence: Share = signal("Evidence of harm has come (1) or not (0)", start=0.0)
        rule_rung: Positive = signal("Rules for models: 0 none, 1 transparency, 2 targeted", start=1.0)
        federal_rule: Share = signal("Rules are a federal standard (1) or left to states (0)", start=0.0)
        state_laws: Positive = signal("State laws on AI that bind and are enforced")
        friction: Positive = signal("Wait that rules bring to adoption, relative to the rules of the start", start=1.0)
        protection: Share = signal("Share of misuse that rules prevent", start=0.0)
        burden_at_start: Positive = signal("Wait under the rules of the start, relative to no rules")

    begins = ("burden_at_start",)

    def begin(self, *, state_laws: Positive) -> dict:
        return {"burden_at_start": self.burden(1.0, self.apart(state_laws))}

    def apart(self, laws):
        """Share of states with rules of their own."""
        return regimes(laws, self.number_of_states) / self.number_of_states

    def burden(self, rung, apart):
        return burden(rung, apart, self.transparency_burden, self.targeted_burden, self.patchwork_burden)

    def __call__(
        self,
        *,
        awareness: Share,
        prev_evidence: Share,
        prev_rule_rung: Positive,
        prev_federal_rule: Share,
        prev_state_laws: Positive,
        prev_burden_at_start: Positive,
        uniform_evidence: Share,
        uniform_enactment: Share,
        uniform_congress: Share,
        dt: Years,
        year: Date,
    ) -> Out:
        def strikes(uniform, rate):
            return uniform < -jnp.expm1(-rate * dt)

        hazard = self.quiet + (self.alarmed - self.quiet) * awareness
        evidence = (prev_evidence > 0.5) | strikes(uniform_evidence, hazard)
        federal = (prev_federal_rule > 0.5) | strikes(uniform_congress, self.federal)
        by_states = (self.states > 0.5) & (year > self.moratorium) & ~federal
        rung = next_rung(
            prev_rule_rung,
            federal | by_states,
            prev_evidence > 0.5,
            strikes(uniform_enactment, self.enactment),
            year >= self.earliest,
        )
        laws = jnp.where(by_states, prev_state_laws + self.bills * self.passed * self.binding * dt, 0.0)
        apart = self.apart(laws)
        prevents = jnp.where(rung >= 2.0, self.targeted_protects, self.transparency_protects * (rung >= 1.0))
        return self.Out(
            evidence=1.0 * evidence,
            rule_rung=rung,
            federal_rule=1.0 * federal,
            state_laws=laws,
            friction=self.burden(rung, apart) / prev_burden_at_start,
            protection=prevents * reach(apart, 1.0 * federal, self.spill),
            burden_at_start=prev_burden_at_start,
        )
