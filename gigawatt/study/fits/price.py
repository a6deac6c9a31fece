"""Price of a fixed capability: how fast the cheapest offer at or above a level of the capability index falls.

Two estimators. The envelope: ln of the cheapest price at or above a level against the date, in the first years after
the level was reached. The hedonic line: ln price = vendor + b ECI + c t over models when first listed (Griliches 1961;
here with Epoch's index for quality). The forecast is the law of mechanisms/prices.py, a decline to a floor.
"""

from dataclasses import replace

import numpy as np

from gigawatt.core.errors import InputError
from gigawatt.core.observed import Rows, number, table
from gigawatt.core.path import year_of
from gigawatt.study.fits.line import Fitted, least_squares
from gigawatt.study.fits.price_floor import DeclineToFloor, decline_to_floor
from gigawatt.study.fits.price_offers import Offers, offers
from gigawatt.study.fits.result import Estimate, Fit, Line, Panel, Points, Published
from gigawatt.study.score import central_interval

DATA = "llm_token_prices"
COLUMNS = ("date", "model", "input_usd_per_mtok", "output_usd_per_mtok", "last_seen")
VINTAGE = "epoch_2026-07"
LEVELS = {"GPT-3.5": 117.8, "GPT-4": 121.7, "ECI 130": 130.0, "ECI 135": 135.0, "o1": 140.0, "ECI 145": 145.0}
SPAN = 2.0  # years after a level is first on offer: about the length of the published fits
FEWEST = 6  # dates on which a level is on offer
OF_PRICES = "USD per million tokens"
NOTES = (
    "List prices, three tokens read to one written; discounts, caching and the tokens a model spends on thinking are "
    "not in them. A reasoning model needs many times the tokens for the same task.",
    "A level of the index is not one benchmark: the published falls are of single benchmarks, each over the 4 to 9 "
    "cheapest models at a score, and are steepest at the hardest scores and the shortest spans.",
    "a16z took MMLU 42 over three years, and a longer span holds the slow years too: over all dates the levels of "
    "GPT-3.5 and GPT-4 fall 5- and 8-fold a year here.",
    "Prices fall fastest in the first year of a level and then stop at 0.03 to 0.1 dollars, the price of the smallest "
    "useful models: one constant rate describes no level over four years. The hedonic line knows no floor.",
    "A hindcast takes the capability that today's vintage gives to old models. Offers are known at some 27 dates.",
    "The bootstrap resamples models; the lowest of few offers is not smooth in them, so its interval is rough.",
)


def fit(
    rows: Rows, *, until: str = "", bootstraps: int = 500, seed: int = 0, bayes: bool = False, level: float = 121.7
) -> Fit:
    """Yearly fall of the price at fixed capability, by level and by a hedonic line, and its forecast at one level.

    rows: COLUMNS, one price of one model a row. level: capability whose price is forecast [ECI point]; GPT-4's if not
    given. The forecast is in USD per million tokens at calendar years. `bayes` changes nothing: the posterior of the
    forecast is exact. Raises InputError for a price or date that is none, and a level on offer at fewer than FEWEST
    dates.
    """
    everything = offers(rows, [r for r in table("eci_scores") if r["vintage"] == VINTAGE])
    known = everything.until(year_of(until)) if until else everything
    year, price = on_offer(known, level)
    if len(year) < FEWEST:
        raise InputError(f"price: ECI {level:g} on offer at {len(year)} dates, {FEWEST} are needed: lower the level.")
    law = decline_to_floor(year, np.log(price))
    later, prices = on_offer(everything, level)
    held_out = later > year[-1]
    later, prices = later[held_out], prices[held_out]
    estimates = (*by_level(known, bootstraps, seed), *hedonic(known, bootstraps, seed), *law_estimates(law, level))
    x = np.linspace(year[0], max(*year, *later) + 1.0, 60)
    result = Fit(
        name="price",
        title="Price of a fixed capability",
        law="p(t) = f + (p0 - f) e^(-r t); ln price = vendor + b ECI + c t",
        method="lowest offers, models bootstrapped; hedonic least squares; forecast by posterior on a grid",
        data=f"{DATA}.csv joined with eci_scores.csv ({VINTAGE}): {len(known.model)} models at {len(known.year)} dates",
        estimates=tuple(replace(e, published=None, why="") if until else e for e in estimates),
        panels=(),
        residuals=residuals(year, np.log(price) - law.mean(year)),
        statistics={"n": float(len(known.model)), "dates": float(len(year)), **published_trends()},
        notes=NOTES,
        sources=("token-prices", "epoch-eci"),
        until=until,
        forecast=lambda x, n, seed: np.exp(law.draws(x, n, seed)),
        to_scale=np.log,
    )
    if until:
        constant = least_squares(year, np.log(price), bootstraps, seed)
        result = scored(result, constant, later, prices)
    return replace(result, panels=panels(result, known, level, x, Points("held out", later, prices, held_out=True)))


def scored(result: Fit, constant: Fitted, later: np.ndarray, prices: np.ndarray) -> Fit:
    """The fit with its score on later offers, and that of a constant rate of decline beside it."""
    if not len(later):
        return result
    held = result.score(later, prices)
    plain = replace(result, forecast=lambda x, n, seed: np.exp(constant.draws(x, n, seed))).score(later, prices)
    found = {
        "held_crps": float(held.crps.mean()),
        "held_coverage_90": held.coverage(),
        "held_crps_constant_rate": float(plain.crps.mean()),
    }
    return replace(result, held=held, statistics=dict(result.statistics) | found)


def on_offer(known: Offers, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Dates at which a level of capability is on offer, and the lowest price there. [USD per million tokens]"""
    price = known.cheapest(level)
    return known.year[np.isfinite(price)], price[np.isfinite(price)]


# ---------------------------------------------------------------- the envelope by level


def by_level(known: Offers, bootstraps: int, seed: int) -> tuple[Estimate, ...]:
    """Yearly fall of the cheapest price in the first SPAN years of each level."""
    published = {
        "GPT-4": Published(42.019, "epoch-price-trends", 4.3982, 401.44, "90 %"),
        "GPT-3.5": Published(10.0, "appenzeller2024"),
    }
    why = {
        "GPT-4": "GPQA at the score of GPT-4 of March 2023; here the index, and the GPT-4 of June that was on offer",
        "GPT-3.5": "MMLU 42 over three years from GPT-3 on; here two years from GPT-3.5 on",
    }
    found = []
    for name, level in LEVELS.items():
        if len(on_offer(known, level)[0]) < FEWEST:
            continue
        boot = resampled(known, level, bootstraps, np.random.default_rng(seed))
        low, high = np.exp(central_interval(boot, 0.9))
        meaning = f"yearly fall of the lowest price at ECI {level:g} or above, first {SPAN:g} years on offer"
        value = float(np.exp(fall(known.year, np.log(known.cheapest(level)))))
        key = f"fall at {name}"
        found.append(
            Estimate(key, meaning, "x/year", value, float(low), float(high), published.get(name), why.get(name, ""))
        )
    return tuple(found)


def fall(year: np.ndarray, log_price: np.ndarray) -> float:
    """Log fall a year of the lowest price, by least squares over the first SPAN years on offer. [1/year]"""
    some = np.isfinite(log_price)
    t, y = year[some], log_price[some]
    early = t <= t[0] + SPAN if len(t) else t > 0
    if early.sum() < 3:
        return np.nan
    return -float(np.polyfit(t[early] - t[0], y[early], 1)[0])


def resampled(known: Offers, level: float, bootstraps: int, rng: np.random.Generator) -> np.ndarray:
    """(b,): falls with the models at or above the level drawn anew, with replacement."""
    log_price = np.log(known.price[known.eci >= level])
    drawn = (log_price[rng.integers(len(log_price), size=len(log_price))].min(axis=0) for _ in range(bootstraps))
    falls = np.array([fall(known.year, y) for y in drawn])
    return falls[np.isfinite(falls)]


# ---------------------------------------------------------------- the hedonic line


def hedonic(known: Offers, bootstraps: int, seed: int) -> tuple[Estimate, ...]:
    """Price of a point of capability and yearly fall at given capability, over models when first listed."""
    t, first = listings(known)
    y = np.log(first)
    vendors = np.unique(known.vendor)
    design = np.column_stack([known.eci - known.eci.mean(), t - t.mean(), known.vendor[:, None] == vendors])
    slopes = np.linalg.lstsq(design, y, rcond=None)[0][:2]
    rng = np.random.default_rng(seed)
    picks = (rng.integers(len(y), size=len(y)) for _ in range(bootstraps))
    boot = np.array([np.linalg.lstsq(design[i], y[i], rcond=None)[0][:2] for i in picks])
    (low_b, low_c), (high_b, high_c) = central_interval(boot, 0.9)
    why = "list prices of all models when first listed, not the cheapest at a score; Epoch's median is of short spans"
    trends = published_trends()
    published = Published(
        trends["epoch_median"], "epoch-price-trends", trends["epoch_least"], trends["epoch_most"], "all 21 fits"
    )
    return (
        Estimate("premium", "log price of a point of capability", "1/ECI point", slopes[0], low_b, high_b),
        Estimate(
            "hedonic fall",
            "yearly fall of the list price at given capability and vendor",
            "x/year",
            float(np.exp(-slopes[1])),
            float(np.exp(-high_c)),
            float(np.exp(-low_c)),
            published,
            why,
        ),
    )


def listings(known: Offers) -> tuple[np.ndarray, np.ndarray]:
    """Date and price at which each model was first listed."""
    first = np.argmax(np.isfinite(known.price), axis=1)
    return known.year[first], known.price[np.arange(len(first)), first]


def published_trends() -> dict[str, float]:
    """Epoch's yearly falls, of single benchmarks at fixed scores: median, least and most."""
    falls = [number(r, "price_reduction_x_per_year") for r in table("llm_price_at_performance_trends")]
    return {"epoch_median": float(np.median(falls)), "epoch_least": min(falls), "epoch_most": max(falls)}


# ---------------------------------------------------------------- the law with a floor


def law_estimates(law: DeclineToFloor, level: float, draws: int = 4000) -> tuple[Estimate, ...]:
    """First rate of decline and floor of the law, at the level that is forecast."""
    pick = law.sample(draws, np.random.default_rng(0))
    rate, floor = np.exp(law.rate[pick]), np.exp(law.a[pick]) * law.share[pick]
    told = (
        ("first fall", f"yearly fall at ECI {level:g} before the floor is near", "x/year", rate),
        ("floor", f"price at which ECI {level:g} stops falling", OF_PRICES, floor),
    )
    return tuple(Estimate(name, meaning, unit, *_quantiles(x)) for name, meaning, unit, x in told)


def _quantiles(x: np.ndarray) -> tuple[float, float, float]:
    middle, low, high = np.quantile(x, [0.5, 0.05, 0.95])
    return float(middle), float(low), float(high)


# ---------------------------------------------------------------- pictures


def residuals(year: np.ndarray, left: np.ndarray) -> Panel:
    """Distance of the lowest offers from the posterior mean of the law."""
    return Panel("What is left", "Date", "ln price less the law's", (Points("lowest offer", year, left),), (), "date")


def panels(result: Fit, known: Offers, level: float, x: np.ndarray, later: Points) -> tuple[Panel, Panel]:
    """The forecast at one level, and the lowest price at every level."""
    low, middle, high = result.predict(x)
    shown = [Points("lowest offer", *on_offer(known, level))] + ([later] if len(later.x) else [])
    ahead = Line("decline to a floor", x, middle, low, high)
    levels = [(name, *on_offer(known, eci)) for name, eci in LEVELS.items()]
    lines = tuple(Line(name, t, p) for name, t, p in levels if len(t))
    unit = f"Price [{OF_PRICES}]"
    return (
        Panel(f"Price at ECI {level:g} or above", "Date", unit, tuple(shown), (ahead,), "date", "log"),
        Panel("Lowest price by level", "Date", unit, (Points("models", *listings(known)),), lines, "date", "log"),
    )
