"""The acceptance cases hold because the laws do."""

import dataclasses
import math

import pytest

from gigawatt.core.errors import InputError
from gigawatt.core.facts import fact, facts
from gigawatt.mechanisms import arrival, automation, deterrence, misuse, organisation, regulation, split
from gigawatt.study import verify as v

MINE = (
    "A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A21 A22 A23 A24 A25 A26 "
    "A27 A28 A29 A30 A31 A32 A33 A34 A35 A36 A37 A38 A39 A40 A41 A43 A44 A45 A46 A47 A48 A49 A50 A51 A52 A53 "
    "A54 A55 A56 A57 A58 A59 A60 A61 A62 A63 A71 A72 A73 A74 A75 A76 A77 A78 A79 A80 A81 A82 A83 A86 A87 A88 "
    "A94 A95 A96 A97 A98 A99 A100 A101 A102 A103 A104 A105 A106 A107"
).split()


@pytest.mark.parametrize("id", MINE)
def test_case_passes(id):
    (result,) = v.verify([id])
    assert result.verdict == "pass", [row for row in result.rows if not row.passed]


def test_every_case_of_the_catalogue_is_listed_once():
    assert list(v.all_cases()) == [f"A{n:02d}" for n in range(1, 108)]
    assert not set(v.PLANNED) & set(v.BUILT), "a built case needs no line in PLANNED"
    assert {c.grade for c in v.all_cases().values()} == {"stated", "derived", "reading"}
    assert len({c.title for c in v.all_cases().values()}) == 107


def test_what_is_not_built_says_so(monkeypatch):
    monkeypatch.delitem(v.BUILT, "A86")
    monkeypatch.setitem(v.PLANNED, "A86", ("derived", "A law that is still to come"))
    (result,) = v.verify("A86")
    assert (result.verdict, result.rows) == ("not built", ())


@pytest.mark.parametrize(
    ("module", "law", "wrong", "breaks"),
    [
        (automation, "amdahl_share", lambda s, k=math.inf: 1.0 - 1.0 / s**2, ("A19", "A20")),
        (arrival, "capped_hazard", lambda t, h, w: w * (1.0 - 2.0 ** (-h * t)), ("A10", "A11", "A12")),
        (split, "revenue_of", lambda i, g: i / g, ("A49", "A55", "A56", "A63")),
        (regulation, "next_rung", lambda rung, may, *_: 2.0 * may + 0.0 * rung, ("A94",)),
        (misuse, "joint_failure", lambda q, n, r: q**n, ("A97",)),
        (deterrence, "fights", lambda p, q, c, d: p + q > c + d, ("A99",)),
        (organisation, "fidelity", lambda q, d: 1.0 - d * (1.0 - q), ("A106",)),
    ],
)
def test_a_broken_law_breaks_its_cases(monkeypatch, module, law, wrong, breaks):
    monkeypatch.setattr(module, law, wrong)
    assert [r.verdict for r in v.verify(breaks)] == ["fail"] * len(breaks)


def test_a_case_reads_the_register(monkeypatch):
    moved = dataclasses.replace(fact("ruin-at-800"), value=1000)
    monkeypatch.setitem(facts(), "ruin-at-800", moved)
    assert v.verify("A45")[0].verdict == "fail"


def test_check_compares_within_half_a_digit_and_refuses_not_a_number():
    assert v.Check("x", 3.70, 3.69897, 0.005).passed
    assert not v.Check("x", 3.70, 3.69, 0.005).passed
    assert not v.Check("x", 1.0, math.nan, 1e9).passed
    assert v.Check("x", (2.0, 4.0), 4.0).passed and not v.Check("x", (2.0, 4.0), 4.1).passed
    assert not v.Check("x", True, False).passed


def test_a_wrong_id_is_answered_with_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'osworld-start'"):
        fact("osworld-strat")
    with pytest.raises(InputError, match="A01 to A107"):
        v.verify(["A108"])
