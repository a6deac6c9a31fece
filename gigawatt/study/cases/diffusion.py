"""Acceptance cases: Adoption by segment behind gates (S15)."""

import jax.numpy as jnp
import numpy as np
from scipy.special import logit

from gigawatt.core.entry import entries
from gigawatt.core.facts import fact
from gigawatt.core.observed import table
from gigawatt.core.units import default_axes
from gigawatt.mechanisms import gates
from gigawatt.study.cases.case import case, holds, inside
from gigawatt.study.fits import adoption
from gigawatt.study.fits.line import least_squares

MONTHS = 12.0
# Shares of EU enterprises that buy cloud services, at their years: Eurostat (source eurostat-cloud), as printed.
CLOUD_ALL, CLOUD_LARGE = ((2014, 0.19), (2018, 0.26)), ((2014, 0.35), (2018, 0.56))


def durations(segment: str):
    """Mean times of the gates of a segment. [years]"""
    return jnp.array([entries()[f"gated_segments.{gate}.{segment}"].value for gate in gates.GATES])


@case("A33", "stated", "Individuals and start-ups lead large firms by many months")
def a33():
    waits = {s: MONTHS * float(gates.wait_quantile(0.5, durations(s))) for s in default_axes()["segment"]}
    lead = fact("segment-order")
    yield holds(
        "individuals before start-ups before digital firms", waits["individuals"] < waits["startups"] < waits["digital"]
    )
    for large in ("traditional", "regulated"):
        yield holds(f"digital firms before {large} ones", waits["digital"] < waits[large])
        for first in ("individuals", "startups"):
            what = f"lead of {first} over {large} firms, half of each past their gates"
            yield inside(what, lead.low, lead.high, waits[large] - waits[first], "months")
    years = jnp.linspace(0.05, 6.0, 60)
    past = {s: gates.share_past(years, durations(s))[:, -1] for s in waits}
    for ahead, behind in (("individuals", "startups"), ("startups", "digital"), ("digital", "regulated")):
        yield holds(f"{ahead} ahead of {behind} at all times", past[ahead] >= past[behind])


@case("A35", "stated", "Firms adopt faster than before, and better products shorten the gates")
def a35():
    strata = adoption.read(table(adoption.DATA))
    for code, label, cloud in (("all", "firms", CLOUD_ALL), ("G", "firms of 250 and more", CLOUD_LARGE)):
        waves = strata[code].pick(~strata[code].new)
        slowest = least_squares(waves.year, waves.y).slope_interval()[0]
        (start, few), (end, many) = cloud
        before = float(logit(many) - logit(few)) / (end - start)
        note = f"odds of use grow by at least {slowest:.2f} a year (BTOS), those of cloud by {before:.2f} (Eurostat)"
        yield holds(f"{label} adopt AI faster than cloud services", slowest > before, note)
    table_of = entries()
    elasticity, compelling = (table_of[f"gated_segments.{name}"].value for name in ("elasticity", "compelling"))
    wait = gates.mean_wait(durations("regulated"))
    times = jnp.geomspace(1.0, compelling, 20)
    shorter = gates.mean_wait(gates.shortened(durations("regulated")[None, :], times[:, None], elasticity))
    yield holds("a more compelling product shortens the gates", jnp.diff(shorter) < 0.0)
    yield holds("no product opens them at once", np.asarray(shorter) > 0.0)
    yield inside("months for a bank, the most compelling product", 0.0, MONTHS * wait, MONTHS * shorter[-1], "months")
