"""What annotations say: units, axes and their order."""

import jax.numpy as jnp
import pytest
from toys import AXES, entry, world

from gigawatt.core import units
from gigawatt.core.mechanism import Mechanism, Signals, param, shape_of, signal
from gigawatt.core.units import GW, Kind, PerLab, PerSegment, Share, Unit, Years, default_axes, kind_of, kinds


def test_an_alias_carries_its_unit_and_its_limits():
    kind = kind_of(Share)
    assert (kind.unit.text, kind.unit.least, kind.unit.greatest, kind.axes) == ("share", 0.0, 1.0, ())


def test_the_outermost_axis_comes_first():
    assert kind_of(PerLab[PerSegment[GW]]).axes == ("lab", "segment")
    assert kind_of(PerSegment[PerLab[GW]]).axes == ("segment", "lab")
    assert shape_of(kind_of(PerLab[PerSegment[GW]]), AXES) == (2, 3)


def test_a_kind_reads_as_a_person_would_say_it():
    assert str(kind_of(PerLab[GW])) == "GW per lab"
    assert str(kind_of(PerLab[PerSegment[GW]])) == "GW per lab x segment"


def test_an_annotation_without_unit_says_what_to_use():
    with pytest.raises(TypeError, match="carries no unit: use an alias"):
        kind_of(float)


def test_every_unit_alias_has_its_own_text_and_sane_limits():
    found = [
        kind_of(a) for a in vars(units).values() if isinstance(next(iter(getattr(a, "__metadata__", ())), 0), Unit)
    ]
    assert len(found) > 10
    assert all(k.unit.least < k.unit.greatest for k in found)
    assert len({k.unit for k in found}) == len(found)


def test_names_without_unit_are_no_kinds():
    class Loose:
        size: GW
        colour: str

    assert kinds(Loose) == {"size": Kind(Unit("GW", 0.0), ())}


def test_shipped_axes_have_distinct_labels():
    for labels in default_axes().values():
        assert len(set(labels)) == len(labels) > 1


class Grid(Mechanism):
    """A parameter with two axes, given by entries along the first."""

    size: PerLab[PerSegment[GW]] = param("Power by lab and segment")

    class Out(Signals):
        total: PerLab[GW] = signal("Power by lab")

    def __call__(self, *, dt: Years) -> Out:
        return self.Out(total=jnp.sum(self.size, axis=1))


def test_entries_by_label_run_along_the_first_of_two_axes():
    table = {e.path: e for e in (entry("grid.size.A", 1.0, "GW"), entry("grid.size.B", 2.0, "GW"))}
    grid = world(Grid, table=table).mechanisms[0]
    assert grid.size.tolist() == [[1.0] * 3, [2.0] * 3]
    assert Grid(AXES, table)(dt=1.0).total.tolist() == [3.0, 6.0]
