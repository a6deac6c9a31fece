"""Worlds: wired by names, checked when built, changed by set, swap, add and wrapping."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from toys import AXES, LIST, TABLE, Buyer, Constant, Doubler, Pipeline, Stock, Tail, entry, world

from gigawatt.core.errors import InputError
from gigawatt.core.mechanism import Mechanism, Signals, param, signal
from gigawatt.core.month import simulate
from gigawatt.core.queue import Delay
from gigawatt.core.units import FLOP, GW, Annotated, Axis, GW_per_year, Number, PerLab, PerYear, Share, Years
from gigawatt.core.world import World

PerBloc = Annotated[GW, Axis("bloc")]


def simulated(some_world, steps=24, **other):
    options = {"levers": {}, "holds": {}, "keep": tuple(some_world.signals)} | other
    return simulate(some_world, steps, 12, jnp.asarray(2026.0), jax.random.key(0), **options)


def reader(name, kind):
    """A mechanism called Reader that reads one signal as `name` in units of `kind`."""

    class Reader(Mechanism):
        """Reads."""

        class Out(Signals):
            read: kind = signal("What was read")

    code = f"def call(self, *, {name}): return self.Out(read={name})"
    space: dict = {}
    exec(code, space)
    Reader.__call__ = space["call"]
    Reader.__call__.__annotations__ = {name: kind}
    return Reader


# --- what a world knows of itself -------------------------------------------------------------------


def test_state_is_what_somebody_reads_as_last_months():
    assert set(world().remembers) == {"ordered", "stock", "waiting"}


def test_numbers_are_parameters_and_start_values_by_dotted_path():
    assert {p: str(k) for p, k in world().numbers().items()} == {
        "pipeline.lead": "year",
        "buyer.pace": "1/year",
        "buyer.scatter": "1/sqrt(year)",
        "start.ordered": "GW/year",
        "start.backlog": "GW",
    }


def test_the_giver_and_the_value_of_each_name_are_found():
    w = world()
    assert w.giver("stock") is Stock
    assert w.get("buyer.pace") == 0.3
    assert w.get("start.backlog") == 3.0
    assert list(w.signals) == ["arrived", "ordered", "stock", "waiting", "twice", "luck"]


# --- mistakes, each answered by place and cure --------------------------------------------------------


class Twin(Mechanism):
    """Gives what Stock gives too."""

    class Out(Signals):
        stock: GW = signal("Stock")

    def __call__(self, *, dt: Years) -> Out:
        return self.Out(stock=dt)


class Clockwork(Mechanism):
    """Gives a name of the clock."""

    class Out(Signals):
        year: GW = signal("A name that is taken")

    def __call__(self, *, dt: Years) -> Out:
        return self.Out(year=dt)


class Gambler(Mechanism):
    """Gives what every law may ask for as noise."""

    class Out(Signals):
        normal: GW = signal("A name that is taken")

    def __call__(self, *, dt: Years) -> Out:
        return self.Out(normal=dt)


class Twofold(Mechanism):
    """Asks for two kinds of noise that would be the same luck."""

    class Out(Signals):
        level: GW = signal("Level")

    def __call__(self, *, normal: Number, uniform: Share) -> Out:
        return self.Out(level=normal + uniform)


class Blocs(Mechanism):
    """Gives along an axis that nobody labelled."""

    class Out(Signals):
        share: PerBloc = signal("By bloc")

    def __call__(self, *, dt: Years) -> Out:
        return self.Out(share=dt)


class BlocSize(Mechanism):
    """Has a parameter along an axis that nobody labelled."""

    size: PerBloc = param("By bloc")

    class Out(Signals):
        whole: GW = signal("Whole")

    def __call__(self, *, dt: Years) -> Out:
        return self.Out(whole=jnp.sum(self.size))


class Lost(Delay):
    """Returns what nobody posts."""

    class Out(Signals):
        back: GW = signal("What comes back", posted="orderd")

    def after(self):
        return {"back": jnp.ones(())}


class Memory(Mechanism):
    """Remembers a level of which no start is known."""

    class Out(Signals):
        level: GW = signal("Level")

    def __call__(self, *, prev_level: GW) -> Out:
        return self.Out(level=prev_level)


class Early(Mechanism):
    """Begins from what is derived further down."""

    class Out(Signals):
        first: GW = signal("First")

    begins = ("first",)

    def begin(self, *, second: GW):
        return {"first": 2.0 * second}

    def __call__(self, *, prev_first: GW) -> Out:
        return self.Out(first=prev_first)


class Late(Mechanism):
    """Derives its own start."""

    class Out(Signals):
        second: GW = signal("Second")

    begins = ("second",)

    def begin(self):
        return {"second": 1.0}

    def __call__(self, *, prev_second: GW) -> Out:
        return self.Out(second=prev_second)


def namesake():
    class Stock(Mechanism):
        """Another mechanism of the same name: paths and noise would be shared."""

        class Out(Signals):
            other: GW = signal("Other")

        def __call__(self, *, dt: Years) -> Out:
            return self.Out(other=dt)

    return Stock


WRONG_UNIT = {**TABLE, "buyer.pace": entry("buyer.pace", 30.0, "%")}
NO_START = {p: e for p, e in TABLE.items() if p != "start.backlog"}

MISTAKES = {
    "Reader reads 'stok', which nothing gives. Did you mean 'stock'?": lambda: world(*LIST, reader("stok", GW)),
    "Reader reads 'stok', which nothing gives. Did you mean 'stock'? ": lambda: world(*LIST, reader("prev_stok", GW)),
    "Twin gives 'stock', which Stock gives too: remove one, or swap it.": lambda: world(*LIST, Twin),
    "Doubler reads this month's 'stock', which Stock gives later: move it up, or read 'prev_stock'.": lambda: world(
        Pipeline, Buyer, Doubler, Stock
    ),
    "Reader reads 'stock' in FLOP, but Stock gives it in GW: use one.": lambda: world(*LIST, reader("stock", FLOP)),
    "Reader reads 'stock' in GW per lab, but Stock gives it in GW": lambda: world(*LIST, reader("stock", PerLab[GW])),
    "Reader reads 'stock' in FLOP, but Stock gives": lambda: world(*LIST, reader("prev_stock", FLOP)),
    "Clockwork gives 'year': this name is taken by the clock": lambda: world(Clockwork),
    "Gambler gives 'normal': this name is taken by the clock, noise or a prefix": lambda: world(Gambler),
    "Twofold asks for 'normal' and 'uniform', which are the same luck: name one 'uniform_x'.": lambda: world(Twofold),
    "Blocs gives 'share' per bloc, an axis without labels: add it under [axes].": lambda: world(Blocs),
    "'bloc_size.size' runs per bloc, an axis without labels: add it under [axes].": lambda: world(BlocSize),
    "Lost returns 'orderd' as 'back', but nothing gives 'orderd'. Did you mean 'ordered'?": lambda: world(*LIST, Lost),
    "Memory needs a start value: 'start.level' has no entry: give value, unit, source and grade": lambda: world(Memory),
    "Pipeline needs a start value: 'start.backlog' has no entry": lambda: world(Pipeline, Buyer, table=NO_START),
    "Early begins from 'second', which Late derives later: move Early down.": lambda: world(Early, Late),
    "'buyer.pace' has no entry: give value, unit, source and grade in params": lambda: world(Buyer, table={}),
    "buyer.pace is in %, but the model takes 1/year: convert.": lambda: world(table=WRONG_UNIT),
    "two mechanisms are called 'stock': rename one.": lambda: world(*LIST, namesake()),
    "Buyer has no parameter 'pase'. Did you mean 'pace'?": lambda: Buyer(AXES, TABLE, pase=0.1),
    "no parameter 'buyer.pase' in this world. Did you mean 'buyer.pace'?": lambda: world().set({"buyer.pase": 1.0}),
    "no mechanism 'byer' in this world. Did you mean 'buyer'?": lambda: world().add(Twin, before="byer"),
    "Late gives second, which no mechanism here gives: add it with a place": lambda: world().swap(Late),
}


@pytest.mark.parametrize("says", MISTAKES)
def test_a_mistake_is_answered_by_its_place_and_cure(says):
    with pytest.raises(InputError) as error:
        MISTAKES[says]()
    assert says.strip() in str(error.value)
    assert "\n" not in str(error.value)


def test_a_mistake_is_told_as_often_as_it_is_made():
    for _ in range(2):  # what is worked out once for a list of laws is not that it was wrong
        with pytest.raises(InputError, match="two mechanisms are called 'stock'"):
            world(*LIST, namesake())


def test_worlds_that_differ_in_numbers_share_their_wiring_and_nobody_can_change_it():
    one, other = world(), world().set({"buyer.pace": 0.5})
    assert one.signals is other.signals and one.numbers() is other.numbers()
    with pytest.raises(TypeError):
        one.signals["stock"] = None


# --- other numbers ------------------------------------------------------------------------------------


def test_set_changes_parameters_and_start_values_and_leaves_the_world_as_it_was():
    w = world()
    other = w.set({"buyer.pace": 0.5, "start.backlog": 1.0})
    assert (other.get("buyer.pace"), other.get("start.backlog"), other.get("start.ordered")) == (0.5, 1.0, 2.0)
    assert (w.get("buyer.pace"), w.get("start.backlog")) == (0.3, 3.0)


def test_set_keeps_structure_and_types_so_that_nothing_is_compiled_anew():
    w = world()
    other = w.set({"buyer.pace": 1, "start.backlog": np.float32(2.0)})
    assert jax.tree.structure(w) == jax.tree.structure(other)
    assert [jax.typeof(x) for x in jax.tree.leaves(w)] == [jax.typeof(x) for x in jax.tree.leaves(other)]


def test_a_hold_prescribes_a_signal_and_those_below_read_it():
    held = jnp.where(jnp.arange(24) < 6, 7.0, jnp.nan)
    free, got = simulated(world()), simulated(world(), holds={"stock": held})
    assert got["stock"][:6].tolist() == [7.0] * 6
    assert got["twice"][:6].tolist() == [14.0] * 6
    # afterwards it is computed again, from the level that was held
    np.testing.assert_allclose(got["stock"][6:], 7.0 + free["stock"][6:] - free["stock"][5])


def test_a_lever_is_in_force_from_its_month_on():
    pace = jnp.where(jnp.arange(24) < 6, jnp.nan, 0.0)
    got = simulated(world().set({"buyer.scatter": 0.0}), levers={"buyer.pace": pace})["ordered"]
    np.testing.assert_allclose(got[:6], 2.0 * np.exp(0.3 * np.arange(1, 7) / 12))
    np.testing.assert_allclose(got[6:], got[5])


# --- other laws ---------------------------------------------------------------------------------------


class Wrapped(Mechanism):
    """Another mechanism's orders, cut by a share: the way to adjust a law without copying it."""

    cut: Share = param("Share that is cut")
    inner: Buyer

    Out = Buyer.Out

    def __init__(self, axes=None, table=None, **values):
        super().__init__(axes, table, **values)
        self.inner = Buyer(axes, table)

    def __call__(self, *, prev_ordered: GW_per_year, normal: Number, dt: Years):
        out = self.inner(prev_ordered=prev_ordered, normal=normal, dt=dt)
        return self.Out(ordered=(1.0 - self.cut) * out.ordered)


MINE = {
    **TABLE,
    "constant.level": entry("constant.level", 5.0, "GW/year"),
    "wrapped.cut": entry("wrapped.cut", 0.25, "share"),
}


def test_a_users_own_law_takes_the_place_of_the_one_that_gave_the_same_signals():
    other = world().swap(Constant, table=MINE)
    assert [type(m).__name__ for m in other.mechanisms] == ["Pipeline", "Constant", "Stock", "Doubler"]
    assert np.all(simulated(other)["ordered"] == 5.0)


def test_one_law_can_replace_several():
    class Whole(Mechanism):
        """Gives what two mechanisms gave."""

        class Out(Signals):
            ordered: GW_per_year = signal("Orders")
            stock: GW = signal("Stock", start=0.0)
            waiting: GW = signal("Waiting", start=0.0)

        def __call__(self, *, arrived: GW_per_year) -> Out:
            return self.Out(ordered=arrived, stock=arrived, waiting=arrived)

    other = world().swap(Whole, table=TABLE)
    assert [type(m).__name__ for m in other.mechanisms] == ["Pipeline", "Whole", "Doubler"]


def test_a_new_signal_is_added_at_its_place_or_at_the_end():
    assert [type(m) for m in world().add(Tail, table=TABLE).mechanisms][-1] is Tail
    other = world().add(Tail, "buyer", TABLE)
    assert [type(m).__name__ for m in other.mechanisms] == ["Pipeline", "Tail", "Buyer", "Stock", "Doubler"]
    np.testing.assert_array_equal(simulated(other)["half"][1:], 0.5 * simulated(other)["stock"][:-1])


def test_a_wrapper_changes_the_outcome_of_the_law_it_wraps():
    plain = simulated(world().set({"buyer.scatter": 0.0}))
    other = World(
        (Pipeline, Wrapped, Stock), AXES, {**MINE, "buyer.scatter": entry("buyer.scatter", 0.0, "1/sqrt(year)")}
    )
    np.testing.assert_allclose(simulated(other)["ordered"], plain["ordered"] * 0.75 ** np.arange(1, 25))


def test_numbers_that_were_set_survive_a_swap_and_an_addition():
    w = world().set({"buyer.pace": 0.5, "start.backlog": 1.0, "start.ordered": 9.0})
    for other in (w.add(Tail, table=TABLE), w.swap(Doubler, table=TABLE)):
        assert other.get("buyer.pace") == 0.5
        assert (other.get("start.backlog"), other.get("start.ordered")) == (1.0, 9.0)


def test_what_nobody_asked_for_is_not_run_and_changes_nothing():
    whole = world().add(Tail, table=TABLE)
    everything = simulated(whole, keep=tuple(whole.signals))
    for name in whole.signals:
        np.testing.assert_array_equal(simulated(whole, keep=(name,))[name], everything[name], err_msg=name)
    part = whole.needed(["stock"])
    assert [type(m).__name__ for m in part.mechanisms] == ["Pipeline", "Buyer", "Stock"]
    assert set(part.start) == {"backlog", "ordered"} == set(part.needed(part.signals).start)
    assert [type(m).__name__ for m in whole.needed(["ordered"]).mechanisms] == ["Buyer"]


def test_a_mechanism_works_alone_with_plain_numbers():
    out = Buyer(AXES, TABLE, scatter=0.0)(prev_ordered=2.0, normal=1.0, dt=1.0)
    assert out.ordered == pytest.approx(2.0 * np.exp(0.3))


def test_a_users_module_may_postpone_its_annotations(tmp_path, monkeypatch):
    (tmp_path / "postponed.py").write_text(
        "from __future__ import annotations\n"
        "from gigawatt.core.mechanism import Mechanism, Signals, param, signal\n"
        "from gigawatt.core.units import GW\n"
        "class Halver(Mechanism):\n"
        "    '''Half the stock.'''\n"
        "    class Out(Signals):\n"
        "        half: GW = signal('Half')\n"
        "    def __call__(self, *, stock: GW) -> Out:\n"
        "        return self.Out(half=0.5 * stock)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from postponed import Halver

    got = simulated(world().add(Halver, table=TABLE))
    np.testing.assert_array_equal(got["half"], 0.5 * got["stock"])


def test_the_pace_of_growth_reads_as_a_rate_per_year():
    assert world().numbers()["buyer.pace"].unit == PerYear.__metadata__[0]
