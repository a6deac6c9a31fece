"""Value of the work that models can do, by segment and occupation group, beneath the demand of a run.

The world runs on segments; here each segment's work is shared out among the occupation groups of the sectors that it
stands for, so that the parts add up to what the run has: wages, what models can do, what is handed over, what is paid.
"""

import numpy as np
import xarray as xr

from gigawatt.core.errors import InputError
from gigawatt.core.observed import number, table
from gigawatt.core.run import samples_of
from gigawatt.core.scenario import Scenario
from gigawatt.mechanisms.revenue import reached

NEEDED = ("done", "automatable", "spending", "spending_limit")
PAID_FOR_WORK = ("Spending", "SpendingByIncome")  # laws of demand
LIKE = {"startups": "digital"}  # segments that are no sectors: whose mix of occupations they have; all sectors' if none


def occupation_mix(segments: tuple[str, ...]) -> xr.DataArray:
    """(segment, occupation): shares of occupation groups in the pay of each segment's sectors; those of one add to one.

    US pay of May 2024 (sector_wages.csv). Start-ups have the mix of digital enterprises, individuals that of all.
    """
    groups = [r["soc"] for r in table("occupation_wages")]
    pay = {s: np.zeros(len(groups)) for s in ("all", *segments)}
    for row in table("sector_wages"):
        amount = number(row, "employment") * number(row, "mean_wage")
        for name in {"all", row["segment"]} & set(pay):
            pay[name][groups.index(row["soc"])] += amount
    for name in segments:
        if not pay[name].any():
            pay[name] = pay[LIKE.get(name, "all")]
    shares = np.array([pay[s] / pay[s].sum() for s in segments])
    names = [r["occupation"] for r in table("occupation_wages")]
    return xr.DataArray(shares, {"segment": list(segments), "occupation": names}, ("segment", "occupation"))


def exposure(column: str = "exposed_half") -> xr.DataArray:
    """(occupation,): share of tasks that people rated as open to language models: a column of occupation_wages.csv."""
    rows = table("occupation_wages")
    return xr.DataArray(
        [number(r, column) for r in rows], {"occupation": [r["occupation"] for r in rows]}, "occupation"
    )


def value_by_occupation(result: xr.Dataset, year: int | None = None) -> xr.Dataset:
    """Money by segment and occupation group at the end of a year, the last if None; dims (draw, segment, occupation).

    wages: pay of the group. can_do: the part that models can do, `reached` within each segment from the rated
    exposure. handed_over: the part of that which AI does. paid: what buyers spend on it. Over segments and groups they
    add up to `spending_limit / automatable`, `spending_limit`, wages times `work_by_ai`, and `spending` of the run, in
    each draw. [bn USD/year]

    result: a run that kept NEEDED. Raises InputError where it did not, or does not reach the year.
    """
    if not has_value(result):
        raise InputError(
            f"value by occupation: the result does not hold {', '.join(NEEDED)} of a world whose demand is paid for "
            "work (demand.Spending): run one that does."
        )
    ends = {int(y) - 1: i for i, y in enumerate(np.round(result["year"].values, 6)) if float(y).is_integer()}
    year = max(ends, default=0) if year is None else year
    if year not in ends:
        raise InputError(
            f"value by occupation: no end of {year} in the result: take one of {min(ends)} to {max(ends)}."
        )
    now = result[list(NEEDED)].isel(month=ends[year])
    mix = occupation_mix(tuple(str(s) for s in now["segment"].values))
    can = reached(now["automatable"].values[:, None], exposure().values, mix.values)
    able = xr.DataArray(np.asarray(can), {**mix.coords}, ("draw", "segment", "occupation"))
    world = now["spending_limit"] / now["automatable"]
    value = world * weights(result) * mix * able
    handed = value * now["done"] / now["automatable"]
    paid = handed * now["spending"] / handed.sum(("segment", "occupation"))
    parts = {"wages": world * weights(result) * mix, "can_do": value, "handed_over": handed, "paid": paid}
    found = xr.Dataset({n: x.transpose("draw", "segment", "occupation") for n, x in parts.items()})
    for name in parts:
        found[name].attrs["units"] = "bn USD/year"
    return found.drop_vars(("month", "year"), errors="ignore").assign_attrs(result.attrs, value_year=year)


def has_value(result: xr.Dataset) -> bool:
    """Whether a result holds NEEDED, with demand that is a share of the value of work."""
    return all(n in result for n in NEEDED) and result["spending"].attrs.get("given_by") in PAID_FOR_WORK


def weights(result: xr.Dataset) -> xr.DataArray:
    """(draw, segment): weights of the segments in the wage bill in each draw, as the run had them, adding to one."""
    scenario = Scenario.of(result.attrs["recipe"], "result")
    drawn = samples_of(scenario, scenario.world(), int(result.attrs["draws"]), int(result.attrs["seed"]))
    raw = drawn["segments.weight"]
    share = raw / raw.sum(axis=1, keepdims=True)
    return xr.DataArray(share, {"segment": result["segment"].values}, ("draw", "segment"))
