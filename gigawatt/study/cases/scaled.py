"""Acceptance cases: What is scaled (S01-S04)."""

import inspect

import jax.numpy as jnp

from gigawatt.core.facts import fact
from gigawatt.mechanisms import scaling, transfer
from gigawatt.study.cases.case import case, exactly, holds


@case("A01", "stated", "Seven ingredients make effective compute, and two of them only lower it")
def a01():
    inputs = inspect.signature(scaling.effective_compute).parameters.values()
    named = tuple(p.name for p in inputs if p.kind is p.POSITIONAL_OR_KEYWORD)
    yield exactly("named inputs", fact("blob-ingredient-count").value, len(named), "count")
    yield holds("they are the seven ingredients, in order", named == scaling.SEVEN_INGREDIENTS)
    whole, any_value, below_one = _effective(), jnp.linspace(0.01, 2.0, 200), jnp.linspace(0.01, 0.99, 99)
    for name in ("conditioning", "stability"):
        yield holds(f"{name} never raises effective compute", _effective(**{name: any_value}) <= whole)
        yield holds(f"{name} below one lowers it", _effective(**{name: below_one}) < whole)


def _effective(method_elasticity=0.5, **changed):
    """Effective compute of the reference run, every ingredient at one, with some inputs changed."""
    inputs = dict.fromkeys(scaling.SEVEN_INGREDIENTS, 1.0) | changed
    return scaling.effective_compute(**inputs, method_elasticity=method_elasticity)


@case("A02", "stated", "Clever methods move effective compute less than any of the first five ingredients")
def a02():
    # The case says "less", not how much less: it must hold for each elasticity of method below one.
    elasticity, ratio = jnp.linspace(0.0, 0.99, 100), 0.5
    by_method = jnp.abs(jnp.log(_effective(elasticity, method=ratio)))
    for name in scaling.SEVEN_INGREDIENTS[:5]:
        by_input = jnp.abs(jnp.log(_effective(**{name: ratio})))
        note = "for every method elasticity from 0 to 0.99; at one they would tie"
        yield holds(f"halving {name} moves output more than halving method", by_input > by_method, note)


# Any coefficients do for the two cases below: they are about the form of the law, not its numbers.
_SCORE = {"intercept": 3.0, "per_log_pretraining": 1.5, "per_log_rl": 0.8, "rl_floor": 1e22}


@case("A03", "stated", "Equal ratios of RL compute give equal gains, as in pre-training")
def a03():
    def rl(compute):
        return scaling.log_score(**_SCORE, pretraining=1e25, rl=compute)

    def pretraining(compute):
        return scaling.log_score(**_SCORE, pretraining=compute, rl=0.0)

    for start in (1e22, 1e23, 1e24):
        for name, score in (("RL", rl), ("pre-training", pretraining)):
            first, second = score(10 * start) - score(start), score(100 * start) - score(10 * start)
            yield exactly(f"second tenfold of {name} from {start:.0e} FLOP gains as much", first, second, "points")
    gain_rl, gain_pre = rl(1e24) - rl(1e23), pretraining(1e24) - pretraining(1e23)
    same = gain_pre / _SCORE["per_log_pretraining"]
    yield exactly("same form: gain of a tenfold over its coefficient", same, gain_rl / _SCORE["per_log_rl"])


@case("A04", "stated", "RL comes on top: none of it leaves the pre-training score as it is")
def a04():
    pretraining = jnp.asarray(1e25)
    alone = _SCORE["intercept"] + _SCORE["per_log_pretraining"] * jnp.log(pretraining)
    none = scaling.log_score(**_SCORE, pretraining=pretraining, rl=0.0)
    some = scaling.log_score(**_SCORE, pretraining=pretraining, rl=1e23)
    yield exactly("score without RL is the pre-training score", alone, none, "points")
    yield holds("RL adds to it", some > none)
    more = scaling.log_score(**_SCORE, pretraining=10 * pretraining, rl=1e23)
    none_more = scaling.log_score(**_SCORE, pretraining=10 * pretraining, rl=0.0)
    yield exactly("the second phase adds the same on any base", some - none, more - none_more, "points")


@case("A05", "stated", "Narrow training carries less far than broad, and RL broadens in three stages")
def a05():
    # The case names no numbers: it must hold for each share that carries over today and each steepness above zero.
    share, steepness = jnp.linspace(0.05, 0.95, 19)[:, None], jnp.linspace(0.05, 3.0, 60)[None, :]
    broad = transfer.transfer_share(1.0, share, steepness)
    for ratio in (0.5, 0.1, 0.001):
        narrow = transfer.transfer_share(ratio, share, steepness)
        note = "breadth counts kinds of tasks, so the volume is the same"
        yield holds(f"a corpus {ratio:g} times as broad transfers less", narrow < broad, note)
    named = ("maths contests", "code", "many tasks")
    yield holds("stages are those told, in order", named == transfer.RL_STAGES)
    for breadths in ((1.0, 2.0, 4.0), (1.0, 3.0, 1000.0), (1.0, 900.0, 1000.0)):
        stages = transfer.stage_transfer(jnp.array(breadths)[None, None, :], share[:, :, None], steepness[:, :, None])
        yield holds(f"transfer rises over stages of breadth {breadths}", jnp.diff(stages, axis=-1) > 0.0)
