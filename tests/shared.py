"""What several tests share."""

from gigawatt.core.entry import sources
from gigawatt.core.facts import facts
from gigawatt.core.scenario import Scenario

DRAWS = 256  # one chunk: fewer draws would compile and run the same


def check_sources(scenario: Scenario) -> None:
    """Every number that a scenario sets names a source that exists, and a place in it."""
    known = {*sources(), *(f"fact:{id}" for id in facts())}
    for entry in scenario.set.values():
        assert entry.source and set(entry.source) <= known, entry.path
        assert entry.place and not entry.place.startswith("set in"), entry.path
