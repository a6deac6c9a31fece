"""Acceptance cases: The lab as an institution (S40, S41)."""

import jax.numpy as jnp

from gigawatt.core.facts import fact
from gigawatt.core.scenario import load
from gigawatt.mechanisms import constitution, organisation
from gigawatt.study.cases.case import case, exactly, holds, inside, printed

SOLE = {"loop_1": (1.0, 0.0, 0.0), "loop_2": (0.0, 1.0, 0.0), "loop_3": (0.0, 0.0, 1.0)}


@case("A103", "stated", "Three loops of revision, and principles against lists")
def a103():
    yield exactly("loops", fact("three-loops").value, len(constitution.LOOPS), "count")
    for scenario in ("base", "loop_mix", *SOLE):
        table = load(scenario).table
        weights = jnp.array([table[f"constitution.{name}"].value for name in constitution.LOOPS])
        yield inside(f"{scenario}: sum of weights", 0.999, 1.001, jnp.sum(weights), "share", "made to add to one")
        if scenario in SOLE:
            yield holds(f"{scenario}: the others may be zero", weights == jnp.array(SOLE[scenario]))
    table = load("base").table
    times, standing = (
        jnp.array([table[f"constitution.{name}_{what}"].value for name in constitution.LOOPS])
        for what in ("time", "standing")
    )
    alone = jnp.eye(3)
    yield holds("each loop is slower than the one before", jnp.diff(constitution.revision_rate(alone, times)) < 0.0)
    yield holds("and more accepted", jnp.diff(constitution.legitimacy(alone, standing)) > 0.0)

    def number(name):
        return table[f"constitution.{name}"].value

    for count in (30.0, 100.0, number("sentences_of_text"), 500.0):
        rules = constitution.listed(count, number("kinds"), number("case_exponent"))
        given = (number("vocabulary"), number("examples"), number("doubt"), number("floor"), number("half"))
        apt = constitution.principled(count, *given)
        yield holds(f"{count:g} principles settle more unseen cases than {count:g} rules settle cases", apt > rules)


@case("A104", "stated", "Do the task by default; refuse above a harm threshold")
def a104():
    harm, threshold = jnp.linspace(0.0, 1.0, 101), 0.5
    yield holds("a harmless task is done", constitution.does_task(0.0, threshold, False))
    yield holds("all up to the threshold is done", constitution.does_task(harm[harm <= threshold], threshold, False))
    yield holds("nothing above it", ~constitution.does_task(harm[harm > threshold], threshold, False))
    yield holds("a hard limit refuses at any harm", ~constitution.does_task(harm, threshold, True))
    yield holds("and at any threshold", ~constitution.does_task(harm, jnp.inf, True))


@case("A105", "stated", "Staff, culture time and the fortnightly address")
def a105():
    staff, depth = fact("headcount").value, fact("hierarchy-depth").value
    yield exactly("staff", 2500, staff, "people")
    time = fact("culture-time")
    yield exactly("least time on culture", 0.33, time.low, "share")
    yield exactly("most time on culture", 0.40, time.high, "share")
    yield exactly("weeks between addresses", 2, fact("address-interval").value, "weeks")
    yield exactly("minutes of an address", 60, fact("address-length").value, "minutes")
    pages = fact("address-document")
    yield holds("three or four pages", (pages.low, pages.high) == (3, 4))
    yield exactly("levels", 6, depth, "levels")
    span = organisation.span_of(staff, depth)
    yield exactly("levels that this span makes of the staff", depth, organisation.levels(staff, span), "levels")
    yield printed("reports of each manager in the model", load("base").table["organisation.span"].value, span, 0.001)


@case("A106", "reading", "What six levels of hierarchy leave of a message")
def a106():
    depth, kept = fact("hierarchy-depth").value, 0.9
    yield printed("through six levels", 0.531, organisation.fidelity(kept, depth), 0.001, "share")
    yield exactly("direct", 0.9, organisation.fidelity(kept, 1.0), "share")
    either = organisation.cascade(kept, depth)
    note = "the other reading, levels that turn a yes into a no: two errors undo each other"
    yield inside("a yes or no through six levels", 0.5, 0.9, either, "probability", note)


@case("A107", "stated", "Thirty decisions a day and two minutes for the one that counts")
def a107():
    others, minutes = fact("decisions-per-day").value, fact("decision-two-minutes").value
    table = load("base").table
    day, clarity = table["organisation.deciding"].value, table["organisation.clarity"].value
    yield exactly("other decisions in the model", 30, table["organisation.decisions"].value, "count")
    yield exactly("and in the register", 30, others, "count")
    each = organisation.time_each(day, others)
    yield printed("minutes for the one that counts", minutes, 60.0 * each, 0.01, "minutes")
    blind, told = (organisation.decision_accuracy(t, clarity) for t in (each, day))
    yield holds("knowing which it is would help", told > blind)
    split = jnp.linspace(0.0, day, 201)
    two = organisation.decision_accuracy(split, clarity) + organisation.decision_accuracy(day - split, clarity)
    yield holds("not knowing it, equal parts are best", jnp.argmax(two) == 100)
