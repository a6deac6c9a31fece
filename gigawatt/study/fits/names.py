"""Which rows of two tables are the same model: by the words of its name and the date of its release."""

import re
from collections.abc import Sequence

import numpy as np

SAME_RELEASE = 31 / 365.25  # years: one table may date a release by its announcement, the other by its opening
HOW_TESTED = {"inspect", "elicited"}  # words for the test harness and the effort of the testers, not for the model
STAMP = 6  # digits that make a number a date


def words(model: str) -> tuple[str, ...]:
    """Words and numbers of a name in any order: lower case, without parentheses, dates and how it was tested.

    'claude_4_1_opus_inspect' and 'Claude Opus 4.1' are the same words, 'gpt2' and 'GPT-2' too.
    """
    bare = re.sub(r"\([^)]*\)", "", model.lower())
    found = re.findall(r"[a-z]+|[0-9]+", bare)
    return tuple(sorted(w for w in found if w not in HOW_TESTED and not (w.isdigit() and len(w) >= STAMP)))


def same(name: str, year: float, others: Sequence[str], years: Sequence[float] | np.ndarray) -> int | None:
    """Index of the model among the others: same words, released at most SAME_RELEASE apart, the nearest if several."""
    apart = {
        i: abs(years[i] - year)
        for i, other in enumerate(others)
        if words(other) == words(name) and abs(years[i] - year) <= SAME_RELEASE
    }
    return min(apart, key=lambda i: apart[i]) if apart else None
