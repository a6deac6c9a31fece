"""Misuse: attackers, defences that fail together, offence against defence, and a society that adapts slowly (S37)."""

import jax.numpy as jnp
from jax.scipy.special import ndtr, ndtri

from gigawatt.core.maths import power
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import PerLab, Positive, Rate, Share, Years


def joint_failure(chance, layers, correlation):
    """Chance that all of `layers` like defences fail, when failures are correlated. [probability]

    r q + (1 - r) q^n: with chance r they share one fate, else each has its own; r is then the correlation of any two.
    To first order in q the beta-factor model of common-cause failure (Fleming 1975, GA-A13284; Mosleh et al. 1988,
    NUREG/CR-4780). Full correlation: n are no better than one. Arguments may be arrays.
    """
    return correlation * chance + (1.0 - correlation) * chance**layers


def harm_chance(chance, actors, correlation):
    """Chance of at least one harm by `actors`, each with the same chance, whose successes are correlated. [probability]

    r q + (1 - r) (1 - (1 - q)^N), systems.md S37. Arguments may be arrays.
    """
    apart = -jnp.expm1(actors * jnp.log1p(-chance))
    return correlation * chance + (1.0 - correlation) * apart


def attack_success(attack, defence, decisiveness):
    """Chance that an attack beats the defence. [probability]

    A^m / (A^m + D^m): the ratio form of the contest success function (Tullock 1980; Hirshleifer 1989, Public Choice
    63:101-112). Only A/D counts, so that whatever strengthens both alike changes nothing. Arguments may be arrays.
    """
    return 1.0 / (1.0 + power(defence / attack, decisiveness))


def compression(progress, years):
    """How many times faster than in its own time `progress` (in years at the old pace) passes in `years`. [multiple]"""
    return progress / years


def unadapted(years, adaptation):
    """Share of a change that society has not adapted to after `years`, if it adapts with time constant T. [share]

    exp(-t/T), systems.md S37. Arguments may be arrays.
    """
    return jnp.exp(-years / adaptation)


def change_ahead(gap, pace, adaptation, dt):
    """Change that society has yet to adapt to, after `dt` years of change at `pace` times the old one. [years]

    Exact solution of dG/dt = (v - 1) - G/T, in years at the old pace, at which society keeps up. Arguments may be
    arrays.
    """
    return gap - ((pace - 1.0) * adaptation - gap) * jnp.expm1(-dt / adaptation)


def detected(false_alarm, discriminability):
    """Share of attackers found by monitoring that wrongly flags a share of everybody else. [share]

    The receiver operating characteristic of equal normal distributions, Phi(d' + Phi^-1(f)) (Green & Swets 1966). The
    false alarms are what liberty pays. Arguments may be arrays.
    """
    return ndtr(discriminability + ndtri(false_alarm))


def flagged_rightly(attackers, false_alarm, discriminability):
    """Share of those flagged who are attackers, where a share `attackers` of people are. [share]

    Bayes' rule: where attackers are rare nearly all who are flagged are innocent. Arguments may be arrays.
    """
    found = attackers * detected(false_alarm, discriminability)
    return found / (found + (1.0 - attackers) * false_alarm)


def able(first, cheaper, index, most):
    """How many can make a model once it has become `cheaper` times as cheap. [count]

    M / (1 + (M/N - 1) x^-a): N x^a while few can, with Pareto budgets of tail index a (firm sizes: 1.06, Axtell 2001,
    Science 293:1818-1820), and never more than the M who might. Arguments may be arrays.
    """
    return most / (1.0 + (most / first - 1.0) * power(cheaper, -index))


class Misuse(Mechanism):
    """The hazard of catastrophic misuse: who can make dangerous models, what guards them, and who is ahead (S37).

    Models of guarded makers stand behind layers of checks that fail together, the less often the more safety practices
    labs keep; makers multiply as the cost of the
    models of the start falls, by algorithms, chips, and models that make models. What models can do strengthens the
    attack, and the defence by a part of it; defence is weakened by change that society has not adapted to.
    """

    first: Positive = param("Makers of dangerous models at the start")
    most: Positive = param("Makers of dangerous models once anybody who might can")
    spread: Share = param("Share of gains of algorithms, in logs, that become known to all")
    budget_index: Positive = param("Tail index of the budgets of those who might make one")
    hardware: Rate = param("Log fall of the price of computing a year")
    self_production: Rate = param("Further log fall of the cost of making models once models do all research")
    guarded: Share = param("Share of makers beyond the first ones whose models are guarded")
    layers: Positive = param("Layers of checks before a guarded model (classifiers, training, other labs)")
    layer_fails: Share = param("Chance that one layer of a lab without safety practices lets an attacker through")
    correlation: Share = param("Correlation of the failures of layers")
    attempts: Rate = param("Determined attempts at catastrophe a year")
    offence: Positive = param("Offence ratio: what models give to attack over what they give to defence")
    gain: Positive = param("Strength that models able to do all work add, relative to no models")
    shared: Share = param("Share of that gain, in logs, that defenders have too")
    resistance: Positive = param("Defence over attack without models")
    decisiveness: Positive = param("How steeply the chance of success rises with strength")
    compression: Positive = param("Pace of change once models can do all work, relative to the old pace")
    adaptation: Years = param("Time in which society adapts to change")
    false_alarm: Share = param("Share of people whom monitoring wrongly flags")
    discriminability: Positive = param("How far monitoring tells attackers apart, in standard deviations")

    class Out(Signals):
        cheaper: Positive = signal("How many times cheaper it is to make a model of the start's frontier", start=1.0)
        makers: Positive = signal("Makers able to train a model of the start's frontier")
        covered: Share = signal("Share of those makers whose models are guarded")
        pace_of_change: Positive = signal("Pace of change, relative to the old pace")
        change_ahead: Years = signal("Change to which society has yet to adapt, in years at the old pace", start=0.0)
        attack_success: Share = signal("Chance that an attempt with an unguarded model succeeds")
        wrongly_flagged: Share = signal("Share of people whom monitoring wrongly flags")
        misuse_hazard: Rate = signal("Chance per year of catastrophic misuse")
        misuse: Share = signal("Chance that catastrophic misuse has happened so far", start=0.0)

    def __call__(
        self,
        *,
        algorithms: PerLab[Positive],
        prev_algorithms: PerLab[Positive],
        coding: Share,
        automatable: Share,
        protection: Share,
        industry_safety: Share,
        prev_cheaper: Positive,
        prev_change_ahead: Years,
        prev_misuse: Share,
        dt: Years,
    ) -> Out:
        fall = self.spread * jnp.log(jnp.max(algorithms) / jnp.max(prev_algorithms))
        cheaper = prev_cheaper * jnp.exp(fall + (self.hardware + self.self_production * coding) * dt)
        makers = able(self.first, cheaper, self.budget_index, self.most)
        covered = (self.first + self.guarded * (makers - self.first)) / makers
        found = detected(self.false_alarm, self.discriminability)
        fails = self.layer_fails * (1.0 - industry_safety)
        through = covered * joint_failure(fails, self.layers, self.correlation) * (1.0 - protection)
        through = (through + 1.0 - covered) * (1.0 - found)
        pace = 1.0 + (self.compression - 1.0) * automatable
        ahead = change_ahead(prev_change_ahead, pace, self.adaptation, dt)
        strength = 1.0 + self.gain * automatable
        defence = self.resistance * power(strength, self.shared) * jnp.exp(-ahead / self.adaptation)
        success = attack_success(self.offence * strength, defence, self.decisiveness)
        hazard = self.attempts * through * success
        return self.Out(
            cheaper=cheaper,
            makers=makers,
            covered=covered,
            pace_of_change=pace,
            change_ahead=ahead,
            attack_success=success,
            wrongly_flagged=self.false_alarm,
            misuse_hazard=hazard,
            misuse=prev_misuse - (1.0 - prev_misuse) * jnp.expm1(-hazard * dt),
        )
