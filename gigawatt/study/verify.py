"""Verify: the 107 acceptance cases of the catalogue of systems, computed from the laws, one by one."""

from collections.abc import Iterable

from gigawatt.core.errors import InputError, did_you_mean
from gigawatt.study.cases import (
    accounts,
    buildout,
    diffusion,
    economics,
    economy,
    institutions,
    learning,
    market,
    products,
    revenue,
    rules,
    scaled,
    speedup,
    timing,
    worlds,
)
from gigawatt.study.cases.case import BUILT, Case, Check, Result
from gigawatt.study.cases.planned import PLANNED

# importing a group registers its cases
GROUPS = (
    scaled,
    timing,
    speedup,
    learning,
    diffusion,
    revenue,
    products,
    buildout,
    economics,
    accounts,
    market,
    economy,
    rules,
    institutions,
    worlds,
)

__all__ = ["BUILT", "GROUPS", "PLANNED", "Check", "Result", "all_cases", "verify"]


def all_cases() -> dict[str, Case]:
    """All 107 acceptance cases in order, built or not. A case with a function replaces its planned line."""
    planned = {id: Case(id, grade, title) for id, (grade, title) in PLANNED.items()}
    return dict(sorted((planned | BUILT).items(), key=lambda item: int(item[0][1:])))


def verify(ids: Iterable[str] | None = None) -> list[Result]:
    """Compute the acceptance cases with these ids, or all of them.

    Raises InputError for an unknown id.
    """
    known = all_cases()
    wanted = list(known) if ids is None else [ids] if isinstance(ids, str) else list(ids)
    for id in wanted:
        if id not in known:
            raise InputError(f"No acceptance case '{id}'; they run from A01 to A107.{did_you_mean(id, known)}")
    return [judge(known[id]) for id in wanted]


def judge(case: Case) -> Result:
    """Compute a case's rows: it passes if there are any and all do."""
    if case.rows is None:
        return Result(case.id, case.grade, case.title, (), "not built")
    rows = tuple(case.rows())
    verdict = "pass" if rows and all(row.passed for row in rows) else "fail"
    return Result(case.id, case.grade, case.title, rows, verdict)
