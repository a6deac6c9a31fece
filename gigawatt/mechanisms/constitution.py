"""Constitution: who revises the text by which models behave, how fast, and how far it reaches (S40)."""

import jax.numpy as jnp

from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import Positive, Rate, Share, Years

LOOPS = ("firm", "rivals", "society")  # revision inside the firm, between firms, and by society


def revision_rate(weights, times):
    """Revisions a year of a text that several loops revise. [1/year]

    sum w_k / T_k, loops along the last axis: weights add to one, each loop alone revises once in T_k years. The mean
    age of what the text takes in is its inverse. Arguments may be arrays.
    """
    return jnp.einsum("...k,...k->...", weights, jnp.divide(1.0, times))


def legitimacy(weights, standing):
    """Share of people who accept the text, by who revises it. [share]

    sum w_k a_k, with the share a_k that accepts a text of loop k alone. Loops along the last axis.
    """
    return jnp.einsum("...k,...k->...", weights, standing)


def text_behind(behind, pace, rate, dt):
    """Change that a text has not taken in after `dt` years. [years at the old pace]

    Exact solution of dG/dt = v - r G: the world moves at pace v, each revision takes in all so far. Arguments may be
    arrays.
    """
    return behind - (pace / rate - behind) * jnp.expm1(-rate * dt)


def listed(rules, kinds, exponent):
    """Share of cases that the best list of rules names, one kind of case for each rule. [share]

    H(n, a)/H(K, a): cases fall in K kinds with Zipf frequencies k^-a, and the list holds the n most frequent. Sums of
    powers by Euler and Maclaurin, right to 1e-3 for n of 1 and more. Arguments may be arrays.
    """

    def powers(n):
        near = jnp.abs(1.0 - exponent) < 1e-9
        gap = jnp.where(near, 1.0, 1.0 - exponent)
        whole = jnp.where(near, jnp.log(n), jnp.expm1(gap * jnp.log(n)) / gap)
        return whole + 0.5 * (1.0 + n**-exponent) + exponent / 12.0 * (1.0 - n ** (-exponent - 1.0))

    return jnp.where(rules >= 1.0, powers(jnp.maximum(rules, 1.0)) / powers(kinds), 0.0)


def sampling_error(principles, sentences, examples, doubt):
    """By how much conduct on unseen cases may be less apt than on the cases of training. [share]

    sqrt((k ln V + ln(1/d)) / (2 m)): Hoeffding (1963) over the V^k texts of k principles out of V sentences, holding
    with chance 1 - d for every text at once (Blumer, Ehrenfeucht, Haussler & Warmuth 1987 for the count of texts). It
    assumes that unseen cases are drawn as the m examples were, each on its own; adversaries who seek the gap break it.
    Arguments may be arrays.
    """
    return jnp.sqrt((principles * jnp.log(sentences) - jnp.log(doubt)) / (2.0 * examples))


def misfit(principles, floor, half):
    """Share of cases that the best text of so many principles gets wrong. [share]

    f + (1 - f) h/(h + k): all with none, f with ever more, half of the way at h. That the error of k terms falls as
    1/k is the rate of Barron (1993), IEEE Transactions on Information Theory 39:930-945; f and h are not. Arguments may
    be arrays.
    """
    return floor + (1.0 - floor) * half / (half + principles)


def principled(principles, sentences, examples, doubt, floor, half):
    """Share of unseen cases in which conduct by principles is apt, at least. [share]

    1 - misfit - sampling error, not below 0: too few principles fit little, too many cannot be learned from m cases.
    Arguments may be arrays.
    """
    wrong = misfit(principles, floor, half) + sampling_error(principles, sentences, examples, doubt)
    return jnp.maximum(1.0 - wrong, 0.0)


def consistency(listed_share, principled_share):
    """Share of cases in which conduct is settled: those that rules name, and by principles the others. [share]

    r + (1 - r) g. Arguments may be arrays.
    """
    return listed_share + (1.0 - listed_share) * principled_share


def does_task(harm, threshold, forbidden):
    """Whether a model does what it is asked: by default yes. [true or false]

    No if the expected harm is above the threshold, or if the task is behind a hard limit, whatever the harm (facts
    `default-do-task`, `mostly-corrigible`, `hard-guardrails`). Arguments may be arrays.
    """
    return (harm <= threshold) & ~jnp.asarray(forbidden, bool)


class Constitution(Mechanism):
    """Three loops revise the text; more of society makes it more accepted and slower (S40)."""

    firm: Share = param("Weight of revision inside the firm (weights are made to add to one)")
    rivals: Share = param("Weight of competition between published texts")
    society: Share = param("Weight of society")
    firm_time: Years = param("Time between revisions inside the firm")
    rivals_time: Years = param("Time between revisions between firms")
    society_time: Years = param("Time between revisions by society")
    firm_standing: Share = param("Share of people who accept a text that the firm alone revises")
    rivals_standing: Share = param("Share of people who accept a text chosen between firms")
    society_standing: Share = param("Share of people who accept a text made by society")
    sentences_of_text: Positive = param("Statements in the text, rules and principles together")
    principles_share: Share = param("Share of them that are principles")
    kinds: Positive = param("Kinds of cases that come up")
    case_exponent: Positive = param("Zipf exponent of the frequencies of kinds of cases")
    vocabulary: Positive = param("Sentences that a principle could be")
    examples: Positive = param("Cases on which the model was trained to follow the text")
    doubt: Share = param("Chance that the bound on unseen cases fails")
    floor: Share = param("Share of cases that the best text gets wrong however many principles it has")
    half: Positive = param("Principles that settle half of what principles can")

    class Out(Signals):
        text_revision: Rate = signal("Revisions of the constitution a year")
        text_behind: Years = signal(
            "Change that the constitution has not taken in, in years at the old pace", start=0.0
        )
        text_accepted: Share = signal("Share of people who accept the constitution")
        text_consistency: Share = signal("Share of cases in which the constitution settles conduct")

    def __call__(self, *, pace_of_change: Positive, prev_text_behind: Years, dt: Years) -> Out:
        weights = jnp.stack([self.firm, self.rivals, self.society])
        weights = weights / jnp.sum(weights)
        rate = revision_rate(weights, jnp.stack([self.firm_time, self.rivals_time, self.society_time]))
        standing = jnp.stack([self.firm_standing, self.rivals_standing, self.society_standing])
        principles = self.principles_share * self.sentences_of_text
        rules = listed(self.sentences_of_text - principles, self.kinds, self.case_exponent)
        apt = principled(principles, self.vocabulary, self.examples, self.doubt, self.floor, self.half)
        return self.Out(
            text_revision=rate,
            text_behind=text_behind(prev_text_behind, pace_of_change, rate, dt),
            text_accepted=legitimacy(weights, standing),
            text_consistency=consistency(rules, apt * (principles > 0.0)),
        )
