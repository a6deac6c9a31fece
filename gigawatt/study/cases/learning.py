"""Acceptance cases: Learning, context and perception (S04, S11-S13)."""

import jax.numpy as jnp

from gigawatt.core.entry import entries
from gigawatt.core.facts import fact
from gigawatt.core.observed import number, table
from gigawatt.mechanisms import context, learning, perception
from gigawatt.study.cases.case import case, exactly, holds, inside, printed


@case("A06", "stated", "Training and in-context learning lie between the levels of human learning")
def a06():
    tokens = {row["name"]: number(row, "tokens") for row in table("learning_hierarchy")}
    levels = [tokens[name] for name in learning.LEVELS]
    yield exactly("levels", fact("learning-hierarchy-levels").value, len(learning.LEVELS), "count")
    places = {name: learning.level(n, levels) for name, n in tokens.items()}
    for phase in ("pre-training", "reinforcement learning"):
        yield holds(f"evolution < {phase}", places["evolution"] < places[phase])
        yield holds(f"{phase} < long-term learning", places[phase] < places["long-term learning"])
    yield holds("long-term < in-context learning", places["long-term learning"] < places["in-context learning"])
    yield holds("in-context < short-term learning", places["in-context learning"] < places["short-term learning"])
    least = fact("pretraining-token-scale").low
    yield inside("tokens of pre-training", least, jnp.inf, tokens["pre-training"], "token")


def _read_now():
    """Share of the onboarding that today's context stands for, as the mechanism has it."""
    now, jobs = entries()["start.context"].value, learning.OnTheJob()
    return jobs.strength * learning.share_read(now, jobs.onboarding * jobs.intake, jobs.spread)


@case("A23", "stated", "Trillions without continual learning for Amodei; jobs outside code cut for Patel")
def a23():
    book = entries()
    written, barrier = book["on_the_job.written"].value, book["on_the_job.barrier"]
    amodei = learning.job_context(written, barrier.low, _read_now(), 0.0)
    patel = learning.job_context(written, 1.0, _read_now(), 0.0)
    wages = book["start.output"].value * book["spending.labour_share"].value * book["tasks.cognitive"].value
    least = 1000.0 * fact("cl-trillions-threshold").low
    note = "wages of cognitive work x context taken in x share that sellers keep, all tasks within reach"
    for share in (book["spending.capture"].low, book["spending.capture"].value):
        ceiling = wages * learning.job_coverage(1.0, amodei) * share
        yield inside(f"revenue ceiling, sellers keep {share:.0%}", least, jnp.inf, ceiling, "bn USD/year", note)
    yield holds("Amodei: more than nine tenths of coverage outside code stays", amodei > 0.9)
    yield inside("Patel: coverage outside code", 0.0, amodei - 0.3, patel, "share", "cut by three tenths or more")
    yield exactly("Patel: coverage of code", 1.0, learning.job_context(1.0, 1.0, _read_now(), 0.0), "share")


@case("A24", "stated", "Where all context is written down, missing continual learning costs nothing")
def a24():
    share = jnp.linspace(0.0, 1.0, 11)
    barrier, read = share[:, None], share[None, :]
    code = learning.job_context(1.0, barrier, read, 0.0)
    yield holds("coverage of code is one whatever the barrier and the context", code == 1.0)
    other = learning.job_context(0.9, 1.0, 0.0, 0.0)
    yield holds("unwritten context does cost something", other < 1.0)


@case("A25", "stated", "Six months of onboarding are matched by reading; the editor test falls in one to three years")
def a25():
    months, intake = fact("onboarding-human-months").value, entries()["on_the_job.intake"].value
    needed = months / 12.0 * intake
    stated = fact("context-six-months-need")
    yield inside("tokens of six months on the job", stated.low, stated.high, needed, "token")
    growth = jnp.log(fact("context-growth-derived").value)
    years = context.years_until(fact("context-million").value, needed, growth)
    window = fact("editor-test-window")
    note = "if length grows as in 2020-23; a reading of the editor test"
    yield inside("a context holds them after", window.low, window.high, years, "years", note)
    jobs, short = learning.OnTheJob(), fact("context-million").value
    longer = jobs.taken_in(jnp.asarray(stated.high), jnp.zeros(()))
    yield holds("a context that long takes in more of a job", longer > jobs.taken_in(short, jnp.zeros(())))


@case("A26", "derived", "Context length grew four-fold a year from 2020 to 2023")
def a26():
    growth = context.growth_between(fact("context-2020").value, fact("context-2023").value, 2023 - 2020)
    yield exactly("multiple a year", fact("context-growth-derived").value, jnp.exp(growth), "multiple/year")


@case("A27", "reading", "A million words are days to weeks of reading")
def a27():
    hours = context.reading_hours(fact("context-million").value, 250.0)
    yield printed("reading time", 66.7, hours, 0.1, "hours")
    yield printed("in days of eight hours", 8.3, hours / 8.0, 0.1, "days")
    yield printed("the same to three figures", fact("context-million-reading-check").value, hours / 8.0, 0.01, "days")
    span = fact("context-million-human-time")
    yield inside("inside days to weeks", span.low, span.high, hours / 8.0, "days")


@case("A28", "derived", "Ten and a hundred million tokens at four-fold a year; cache memory rises as much")
def a28():
    now, need = fact("context-million").value, fact("context-six-months-need")
    growth = jnp.log(fact("context-growth-derived").value)
    for target, years, times in ((need.low, 1.66, 10.0), (need.high, 3.32, 100.0)):
        yield printed(f"{target:.0e} tokens", years, context.years_until(now, target, growth), 0.01, "years")
        reached = context.longer(now, growth, jnp.inf, context.years_until(now, target, growth))
        for name in ("Llama-3.1-405B", "DeepSeek-V3"):
            model = context.architecture(name)
            rise = model.cache(reached) / model.cache(now)
            yield exactly(f"cache memory of {name}", times, rise, "multiple")


@case("A29", "stated", "Served beyond the trained length quality falls; within it it does not")
def a29():
    trained = fact("context-2023").value
    within, beyond = jnp.linspace(0.01, 1.0, 50) * trained, jnp.linspace(1.01, 100.0, 50) * trained
    for fall in (0.1, 0.4, 1.4):
        yield holds(f"no loss within, elasticity {fall}", context.quality(within, trained, fall) == 1.0)
        worse = context.quality(beyond, trained, fall)
        yield holds(f"loss beyond, elasticity {fall}", (worse < 1.0) & (worse > 0.0))
        yield holds(f"the longer the worse, elasticity {fall}", jnp.diff(worse) < 0.0)


def awareness_before(doubling, years=12.0, steps=12):
    """(leads, visible shares, awareness) of months up to an arrival that a doubling horizon reaches."""
    public, belief = perception.Awareness(), jnp.zeros(())
    leads = jnp.arange(years * steps, -1.0, -1.0) / steps
    visible = perception.visible_share(leads, doubling)
    genius, path = jnp.ones(()), []
    for before, share in zip([visible[0], *visible], visible, strict=False):
        seen = {"prev_horizon": before, "horizon": share, "genius_horizon": genius}
        belief = public(**seen, prev_awareness=belief, dt=1.0 / steps).awareness
        path.append(belief)
    return leads, visible, jnp.stack(path)


@case("A31", "stated", "The public lags the state and is all but unaware one to two years before arrival")
def a31():
    window = fact("insularity")
    leads, visible, awareness = awareness_before(fact("doubling-six-months").value)
    note = "near zero is read as at most one tenth; horizon doubles every six months"
    for lead in (window.high, window.low):
        at = jnp.argmin(jnp.abs(leads - lead))
        yield inside(f"awareness {lead} years before", 0.0, 0.1, awareness[at], "share", note)
    yield holds("awareness never ahead of what shows", awareness <= visible)
    yield holds("awareness still below what shows at arrival", awareness[-1] < visible[-1])
    after = perception.follow(awareness[-1], 1.0, perception.Awareness().lag, 10.0)
    yield holds("afterwards it looks plain", after > 0.99)
