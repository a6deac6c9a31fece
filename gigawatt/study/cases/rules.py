"""Acceptance cases: Rules and security (S35-S39)."""

import jax.numpy as jnp

from gigawatt.core.facts import fact
from gigawatt.core.mechanism import Mechanism
from gigawatt.core.path import year_of
from gigawatt.core.scenario import load
from gigawatt.mechanisms import deterrence, misuse, race, regulation, trade
from gigawatt.mechanisms.regulation import Regulation
from gigawatt.study.cases.case import ROUNDING, case, exactly, holds, inside

NEVER, ALWAYS = 1.0, 0.0  # luck of a chance: it strikes where a uniform number is below it


def law_of(scenario: str, law: type[Mechanism]):
    """The mechanism of a class in the world of a scenario, with that scenario's numbers."""
    return next(m for m in load(scenario).world().mechanisms if isinstance(m, law))


def _ruled(scenario: str, months: int, evidence: float = ALWAYS):
    """Signals of the rules of a scenario, month by month, with everybody aware; what can happen does, at once."""
    found = load(scenario)
    law = law_of(scenario, Regulation)
    laws = jnp.asarray(found.table["start.state_laws"].value)
    state = {"evidence": 0.0, "rule_rung": 1.0, "federal_rule": 0.0, "state_laws": laws} | law.begin(state_laws=laws)
    dt, path = 1.0 / 12.0, []
    for month in range(months):
        luck = {"uniform_evidence": evidence, "uniform_enactment": ALWAYS, "uniform_congress": ALWAYS}
        given = luck | {"awareness": 1.0, "dt": dt, "year": year_of(found.begin) + (month + 1) * dt}
        given |= {f"prev_{name}": value for name, value in state.items()}
        out = law(**{name: jnp.asarray(value) for name, value in given.items()})
        path.append(out)
        state = {name: getattr(out, name) for name in state}
    return path


@case("A94", "stated", "Transparency first, targeted rules on evidence, late 2026 at the earliest")
def a94():
    order = [regulation.LADDER.index(name) for name in ("transparency", "targeted")]
    yield exactly("transparency stands below targeted", 1, order[1] - order[0], "rung")
    path = [float(out.rule_rung) for out in _ruled("transparency_then_targeted", 24)]
    first = 2026.0 + (path.index(2.0) + 1) / 12.0
    # the fact names February to December; "later in the year" is read as its second half
    yield inside("targeted rules with evidence from the first day", 2026.5, 2027.0, first, "year")
    yield holds("never before transparency", all(rung >= 1.0 for rung in path))
    quiet = _ruled("transparency_then_targeted", 120, evidence=NEVER)
    yield holds("without evidence transparency stays", all(float(out.rule_rung) == 1.0 for out in quiet))
    from_none = regulation.next_rung(0.0, True, True, True, True)
    yield exactly("no rung is skipped", 1, from_none, "rung")
    phase = fact("transparency-phase").value / 12.0
    yield holds("the phase of transparency is past its stated half year", first - year_of("2025-08") >= phase)


@case("A95", "stated", "Four switches: moratorium, federal standard, patchwork, none")
def a95():
    years = fact("moratorium-length").value
    months = int(12 * years)
    ban = _ruled("moratorium_10y", months - 1)
    yield holds("moratorium: no rule stands for ten years", all(float(out.rule_rung) == 0.0 for out in ban))
    yield exactly("moratorium: state laws", 0.0, ban[-1].state_laws, "count")
    standard = _ruled("preemption_standard", months)
    yield exactly("standard: state laws", 0.0, standard[-1].state_laws, "count")
    yield exactly("standard: one rule for all", 1.0, standard[-1].federal_rule, "share")
    patchwork = _ruled("state_patchwork", months)
    apart = regulation.regimes(patchwork[-1].state_laws, 50.0)
    yield inside("patchwork: states with rules of their own", 40.0, 50.0, apart, "count")
    none = regulation.next_rung(1.0, False, True, True, True)
    yield exactly("none: where nobody acts no rule stands", 0.0, none, "rung")
    slow = float(patchwork[-1].friction) > float(standard[-1].friction) > float(ban[-1].friction)
    yield holds("waiting is longest under the patchwork, shortest without rules", slow)
    safe = float(standard[-1].protection) > float(patchwork[-1].protection) > float(ban[-1].protection)
    yield holds("protection is best under the standard, none without rules", safe)


@case("A97", "derived", "Four labs whose checks fail together are no safer than one")
def a97():
    fails, shared = jnp.linspace(0.01, 0.99, 99), jnp.linspace(0.0, 1.0, 101)
    one = misuse.joint_failure(fails, 1.0, 0.0)
    for labs in (3.0, 4.0):
        together = misuse.joint_failure(fails, labs, 1.0)
        yield holds(f"{labs:g} labs in the limit of full correlation", jnp.abs(together - one) <= ROUNDING)
        safer = misuse.joint_failure(fails, labs, 0.5) < one
        yield holds(f"{labs:g} labs that share half their failures are safer than one", safer)
    rises = jnp.diff(misuse.joint_failure(fails[:, None], 4.0, shared[None, :]), axis=1) > 0.0
    yield holds("every bit of correlation makes four labs less safe", rises)
    offence = jnp.diff(misuse.attack_success(jnp.linspace(0.1, 10.0, 50), 1.0, 1.0)) > 0.0
    yield holds("harm rises with the offence ratio", offence)


@case("A98", "derived", "A century in five to ten years")
def a98():
    span, pace, century = (
        fact("patel-compressed-century"),
        fact("compression-derived"),
        fact("hundred-years-adapt").value,
    )
    yield exactly("in ten years", pace.low, misuse.compression(century, span.high), "multiple")
    yield exactly("in five years", pace.high, misuse.compression(century, span.low), "multiple")
    own = misuse.unadapted(century, century)
    for years in (span.low, span.high):
        left = misuse.unadapted(years, century)
        yield inside(f"change not adapted to after {years:g} years", own, 1.0, left, "share", "own time leaves exp(-1)")


@case("A96", "stated", "Four voluntary practices raise the safety of all in a race to the top")
def a96():
    yield exactly("practices", fact("race-to-top-measures").value, len(race.PRACTICES), "count")
    levels = jnp.linspace(0.0, 1.0, len(race.PRACTICES) + 1)
    law = law_of("base", race.Race)
    yield holds("each practice adds to safety", jnp.diff(race.safety(levels, law.effect)) > 0.0)
    tip = race.tipping_point(law.example, law.reward, law.cost)
    yield inside(
        "tipping point", 0.0, 1.0, tip, "share", "share of practices that rivals must keep for the race to rise"
    )
    above, below = 0.5 * (1.0 + tip), 0.5 * tip
    for leader in range(3):
        start = jnp.full(3, above).at[leader].set(0.5 * (1.0 + above))
        others = (jnp.sum(start) - start) / 2.0
        after = race.spread_practice(start, others, law.example, law.reward, law.cost, 1.0)
        yield holds(f"direction up, lab {leader + 1} ahead: all rise", after > start)
    down = race.spread_practice(below, below, law.example, law.reward, law.cost, 1.0)
    yield holds("direction down: all fall", down < below)
    off = law_of("race_to_bottom", race.Race)
    after = race.spread_practice(above, above, off.example, off.reward, off.cost, 1.0)
    yield holds("voluntary measures off: all fall from any level", after < above)
    enmity = jnp.linspace(0.05, 1.0, 20)
    more = jnp.diff(race.risk_private(law.skill, 6.0, enmity)) > 0.0
    yield holds("racing harder raises the risk of all (Armstrong, Bostrom & Shulman)", more)


@case("A99", "stated", "Mutual optimism and the cost of conflict")
def a99():
    belief, excess = fact("mutual-optimism").value, fact("mutual-optimism-excess").value
    both = deterrence.excess_optimism(belief, belief)
    yield exactly("sum of beliefs", 1.8, 1.0 + both, "probability")
    yield exactly("excess over consistency", excess, both, "probability")
    for cost, war in ((0.5 * excess - 0.01, True), (0.5 * excess + 0.01, False)):
        name = "conflict" if war else "none"
        yield holds(f"{name} at joint costs of {2 * cost:.2f}", deterrence.fights(belief, belief, cost, cost) == war)
    p = jnp.linspace(0.0, 1.0, 101)
    yield holds("consistent beliefs never fight at positive cost", ~deterrence.fights(p, 1.0 - p, 1e-6, 1e-6))
    base, keen = law_of("base", deterrence.Balance), law_of("mutual_optimism", deterrence.Balance)
    chance = [deterrence.chance_of_war(x.optimism, x.error, x.cost, x.rival_cost) for x in (base, keen)]
    yield exactly("each side's belief in the scenario", belief, 0.5 + keen.optimism, "probability")
    yield holds("bargaining fails more often in the scenario than in base", chance[1] > chance[0])


@case("A100", "stated", "Assured retaliation is stable, offence dominance is not")
def a100():
    gain, damage, killed = 0.5, 1.0, jnp.linspace(0.0, 0.99, 100)
    steady = deterrence.deters(gain, deterrence.retaliation(100.0, killed, 1.0), damage)
    yield holds("assured retaliation deters", steady[0])
    disarmed = deterrence.retaliation(1.0, killed, 3.0)
    yield holds("a strike that leaves next to nothing is not deterred", ~deterrence.deters(gain, disarmed[-1], damage))
    note = "as the share that one weapon kills rises, deterrence is lost once and does not come back"
    falls = jnp.diff(1.0 * deterrence.deters(gain, disarmed, damage)) <= 0.0
    yield holds("stability is lost as attack gains", falls, note)
    even, first = deterrence.first_strike_index(1.0, 1.0, 1.0, 1.0), deterrence.first_strike_index(0.2, 1.0, 0.2, 1.0)
    yield exactly("index where going first saves nothing", 1.0, even, "ratio")
    yield inside("index where each saves four fifths by going first", 0.0, 0.1, first, "ratio")


@case("A101", "stated", "Trade switches by class of goods: cures yes, chips no")
def a101():
    yield exactly("classes with a switch of their own", 4, len(trade.GOODS), "count")
    for scenario in ("base", "cures_only"):
        law = law_of(scenario, trade.Trade)
        arrives = {name: trade.passes(getattr(law, name), 1.0) for name in trade.GOODS}
        for name, value in (("cures", 1.0), ("chips", 0.0), ("sites", 0.0)):
            yield exactly(f"{scenario}: {name} arrive, were a control to hold", value, arrives[name], "share")
    law = law_of("open_trade", trade.Trade)
    least = min(float(trade.passes(getattr(law, name), 1.0)) for name in trade.GOODS)
    yield holds("open_trade: everything arrives", least == 1.0)


@case("A102", "stated", "Enforcement falls as sales rise")
def a102():
    law = law_of("base", trade.Trade)
    sales = jnp.linspace(0.0, 2000.0, 201)
    held = trade.enforcement(sales, law.resolve)
    yield exactly("nothing at stake", 1.0, held[0], "share")
    yield holds("falls with every billion", jnp.diff(held) < 0.0)
    yield exactly("half at the resolve", 0.5, trade.enforcement(law.resolve, law.resolve), "share")
    firm = law_of("export_control", trade.Trade)
    yield holds("a firmer control holds more at any sales", trade.enforcement(sales[1:], firm.resolve) > held[1:])
