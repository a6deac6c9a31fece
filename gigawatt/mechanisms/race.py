"""Race: what labs give to safety while they race, and how an example spreads, to the top or to the bottom (S36)."""

import jax.numpy as jnp

from gigawatt.core.maths import power
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.units import PerLab, PerYear, Positive, Rate, Share, Years

# What sets an example (fact `race-to-top-measures`).
PRACTICES = ("scaling policy", "open interpretability", "constitutional training", "published danger tests")


# ------------ Armstrong, Bostrom & Shulman (2016): teams differ in capability, uniform on [0, mu]; each picks its
# safety s in [0, 1] and scores capability less safety; the best score wins, and comes to grief with chance 1 - s.
# Winning safely is worth 1, another's safe win 1 - e (enmity e), a disaster 0.


def safety_unknown(capability, teams, enmity):
    """Safety of every team where none knows any capability, not even its own. [share]

    min(1, mu/(n e)), Armstrong, Bostrom & Shulman (2016), AI & Society 31:201-206, the case without information; mu is
    the range of capabilities, what skill counts against risk. Arguments may be arrays.
    """
    return jnp.minimum(capability / (teams * jnp.maximum(enmity, 1e-12)), 1.0)


def safety_private(own, teams, enmity):
    """Safety of a team that knows its own capability only. [share]

    min(1, c/(n e - e + 1)), same source, the case of private information. Arguments may be arrays.
    """
    return jnp.minimum(own / (enmity * (teams - 1.0) + 1.0), 1.0)


def safety_public(lead, enmity):
    """Safety of the leading team where all capabilities are known: as much as its lead allows. [share]

    min(1, D/e), same source, the case of public information; the second team then gains nothing by overtaking unsafely.
    Arguments may be arrays.
    """
    return jnp.minimum(lead / jnp.maximum(enmity, 1e-12), 1.0)


def risk_unknown(capability, teams, enmity):
    """Chance of a disaster without information. [probability] Arguments as for `safety_unknown`."""
    return 1.0 - safety_unknown(capability, teams, enmity)


def risk_private(capability, teams, enmity):
    """Chance of a disaster with private information. [probability]

    The mean of 1 - s over the best of n capabilities, uniform on [0, mu]: 1 - k mu n/(n + 1) up to k mu = 1, beyond it
    (k mu)^-n/(n + 1), with k = 1/(n e - e + 1). Arguments may be arrays.
    """
    range_ = capability / (enmity * (teams - 1.0) + 1.0)
    narrow = 1.0 - jnp.minimum(range_, 1.0) * teams / (teams + 1.0)
    return jnp.where(range_ <= 1.0, narrow, power(jnp.maximum(range_, 1.0), -teams) / (teams + 1.0))


def risk_public(capability, teams, enmity):
    """Chance of a disaster with public information. [probability]

    The mean of 1 - D/e over the lead D of the best of n, which exceeds d with chance (1 - d/mu)^n:
    1 - mu/(e (n + 1)) (1 - (1 - e/mu)^(n + 1)), with e/mu at most 1. Arguments may be arrays.
    """
    ratio = jnp.maximum(enmity, 1e-12) / capability
    covered = 1.0 - power(jnp.maximum(1.0 - ratio, 1e-30), teams + 1.0)
    return 1.0 - covered / (ratio * (teams + 1.0))


# ------------ An example that spreads


def spread_practice(practice, others, example, reward, cost, dt):
    """Share of safety practices that a lab keeps, after `dt` years in which rivals keep a share `others`. [share]

    Exact solution of the replicator equation ds/dt = s (1 - s) (x m + b - c) (Taylor & Jonker 1978; Weibull 1995): a
    practice spreads where what it brings, x m for keeping up with rivals and b in custom and staff, is more than what
    it costs in speed. A stag hunt: strategic complements (Cooper & John 1988, QJE 103:441-463). Rates a year; arguments
    may be arrays.
    """
    worth = jnp.exp(-(example * others + reward - cost) * dt)
    return practice / (practice + (1.0 - practice) * worth)


def tipping_point(example, reward, cost):
    """Share of practices kept by rivals above which the race goes to the top, below to the bottom. [share]

    (c - b)/x. Below 0 it always goes up, above 1 never. Arguments may be arrays.
    """
    return (cost - reward) / example


def safety(practice, effect):
    """Share of harm that a lab's practices prevent: four of them, each preventing `effect` of what is left. [share]

    1 - (1 - a)^(4 s). Arguments may be arrays.
    """
    return 1.0 - power(1.0 - effect, len(PRACTICES) * practice)


class Race(Mechanism):
    """Labs keep more or fewer of four safety practices as rivals do, and race as far as they mistrust each other (S36).

    Enmity falls with what practices the industry keeps; the chance that the winner of a race to the genius level comes
    to grief is that of Armstrong, Bostrom & Shulman with private information.
    """

    example: Rate = param("Pull of rivals' practices, if they keep all of them")
    reward: Rate = param("Pull of customers, staff and insurers")
    cost: Rate = param("Push of what practices cost in speed")
    effect: Share = param("Share of remaining harm that one practice prevents")
    enmity: Share = param("Enmity of labs that keep no practices: 1 if a rival's win is as bad as a disaster")
    skill: Positive = param("Range of capabilities of racing teams, over what giving up all safety gains")

    class Out(Signals):
        practice: PerLab[Share] = signal("Share of the four safety practices that the lab keeps")
        race_direction: PerYear = signal("Rate at which practices spread (above 0 to the top, below to the bottom)")
        industry_safety: Share = signal("Share of harm that labs' practices prevent, by what they sell")
        race_risk: Share = signal("Chance that the winner of a race to the genius level comes to grief")

    def __call__(self, *, prev_practice: PerLab[Share], alive: PerLab[Share], share: PerLab[Share], dt: Years) -> Out:
        labs = jnp.sum(alive)
        kept = jnp.sum(alive * prev_practice)
        others = (kept - alive * prev_practice) / jnp.maximum(labs - alive, 1.0)
        practice = spread_practice(prev_practice, others, self.example, self.reward, self.cost, dt)
        mean = jnp.sum(alive * practice) / jnp.maximum(labs, 1.0)
        enmity = self.enmity * (1.0 - mean)
        return self.Out(
            practice=practice,
            race_direction=self.example * mean + self.reward - self.cost,
            industry_safety=jnp.sum(share * safety(practice, self.effect)),
            race_risk=risk_private(self.skill, jnp.maximum(labs, 1.0), enmity),
        )
