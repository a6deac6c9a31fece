"""Nothing moves unseen: each scenario against its stored quantiles. `make golden` writes them anew."""

import numpy as np
import pytest
from golden import FOLDER, here, measured, moves, stored

from gigawatt.core.scenario_file import scenario_names

pytestmark = pytest.mark.slow

AGAIN = "if the move is meant, run `make golden` and say why under 'Numbers that moved' in CHANGELOG.md"


@pytest.mark.parametrize("name", scenario_names())
def test_a_scenario_gives_its_golden_numbers(name):
    made_by, old = stored(name)
    new = measured(name)
    assert old.keys() == new.keys(), AGAIN
    limit = 1e-9 if made_by == here() else 1e-6  # another processor or compiler rounds otherwise
    assert {k: m for k, m in moves(old, new).items() if m > limit} == {}, AGAIN
    assert all(np.all(np.isfinite(x)) for x in new.values())


def test_every_golden_file_belongs_to_a_scenario():
    assert {f.stem for f in FOLDER.glob("*.json")} == set(scenario_names())


def test_a_move_is_measured_by_the_size_of_its_line():
    assert moves({"a": [1.0, 100.0], "b": [0.0]}, {"a": [2.0, 100.0], "c": [0.0]}) == {"a": 0.01}
