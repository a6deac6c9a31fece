"""tokens: how fast the tokens that companies serve grow, and what their revenue says of the price of one.

ln N = a + b t by company and product. Two have the three disclosures that a line needs, so this describes what was said
and is no law to forecast with.
"""

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number
from gigawatt.core.path import year_of
from gigawatt.mechanisms.usage import TOKENS_PER_BN
from gigawatt.study.fits.bend import Seller
from gigawatt.study.fits.line import Fitted, least_squares

DATA = "token_volumes"
COLUMNS = ("date", "company", "product", "daily_tokens", "excluded_by_source")
FEWEST = 3  # disclosures of one product
DAYS = 365.25


def read(rows: Rows) -> dict[tuple[str, str], Seller]:
    """{(company, product): calendar years and ln tokens a year}, without rows that the source leaves out.

    Raises InputError for a number of tokens that is not above zero.
    """
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row in rows:
        where = f"{DATA}, {row['company']} {row['date']}"
        daily = number(row, "daily_tokens", where)
        if not (daily > 0.0 and np.isfinite(daily)):
            raise InputError(f"{where}: daily_tokens {row['daily_tokens']} has no logarithm: give a number above zero.")
        if row["excluded_by_source"].strip() not in ("1", "1.0"):
            point = year_of(row["date"], where), np.log(DAYS * daily)
            found.setdefault((row["company"], row["product"]), []).append(point)
    return {key: Seller(*np.array(sorted(points)).T) for key, points in found.items()}


def growth(rows: Rows, bootstraps: int = 2000, seed: int = 0) -> dict[tuple[str, str], Fitted]:
    """{(company, product): line of ln tokens}, for those with FEWEST disclosures. Slopes are 1/year.

    Raises InputError where none has so many.
    """
    enough = {key: s for key, s in read(rows).items() if len(s.t) >= FEWEST and np.ptp(s.t) > 0.0}
    if not enough:
        raise InputError(f"tokens: no product has {FEWEST} disclosures at two dates or more: widen the data.")
    return {key: least_squares(s.t, s.y, bootstraps, seed) for key, s in enough.items()}


def implied_price(revenue: float, tokens: float) -> float:
    """Revenue per token sold. [USD/million tokens for bn USD/year and token/year]"""
    return TOKENS_PER_BN * revenue / tokens
