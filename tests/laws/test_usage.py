"""Usage: tokens times price is revenue, in laws and in every month of a world."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gigawatt as gw
from gigawatt.core.errors import InputError
from gigawatt.core.observed import read_table
from gigawatt.core.scenario import load
from gigawatt.mechanisms import usage
from gigawatt.study.fits import tokens


@given(st.floats(1e-6, 1e5), st.floats(1e-6, 1e3))
@settings(max_examples=60, deadline=None)
def test_price_times_tokens_is_revenue(revenue, price):
    assert usage.revenue_of_tokens(usage.tokens_bought(revenue, price), price) == pytest.approx(revenue)


def test_openai_sold_tokens_at_about_a_dollar_per_million_in_2025():
    # 3 bn USD of API revenue a year, 8.6e12 tokens a day
    assert tokens.implied_price(3.0, 8.6e12 * tokens.DAYS) == pytest.approx(0.955, abs=0.005)
    assert usage.tokens_bought(3.0, 0.955) == pytest.approx(8.6e12 * tokens.DAYS, rel=0.001)


def test_the_price_of_a_fixed_capability_falls_and_that_of_the_frontier_may_stand_still():
    years = np.linspace(0.0, 3.0, 4)
    assert (np.diff(usage.mix_price(1.0, 2.0, 30.0, years, 0.0)) < 0).all()
    assert usage.mix_price(1.0, np.log(10.0), 30.0, 1.0, 0.0) == pytest.approx(0.1)
    assert usage.mix_price(1.0, 2.0, 30.0, years, 30.0 * years) == pytest.approx(np.ones(4))
    assert usage.mix_price(1.0, 2.0, 30.0, 0.0, 5.0) > 1.0  # a better model costs more on the same day


def test_an_hour_of_work_costs_cents_in_tokens():
    # a reader takes in 238 words a minute (Brysbaert 2019), about 1.3 tokens a word
    hour = usage.tokens_per_hour(238.0, 1.3)
    assert hour == pytest.approx(18_564.0)
    assert usage.cost_of_hour(hour, 1.0) == pytest.approx(0.0186, abs=0.0001)
    assert usage.tokens_of_work(2_000.0, hour) == pytest.approx(3.7e7, rel=0.01)
    assert usage.tokens_per_hour(238.0, 1.3, passes=10.0) == pytest.approx(10.0 * hour)


def test_a_chip_that_serves_nothing_serves_no_tokens():
    served = usage.tokens_per_compute(np.array([0.0, usage.SECONDS * 1e6]), np.array([0.0, 1e3]))
    assert served == pytest.approx([0.0, 1e3])


def test_price_times_tokens_is_revenue_every_month_in_a_world(tmp_path):
    file = tmp_path / "tokens.toml"
    # the base world may hold the mechanism already: then it takes its own place
    how = "use = ['usage.Tokens']" if "usage.Tokens" in load("base").use else "add = [{ use = 'usage.Tokens' }]"
    file.write_text(f"title = 'Tokens'\nbase = 'base'\n{how}\n", encoding="utf-8")
    keep = ["tokens", "token_price", "tokens_per_compute", "revenue", "capability"]
    kept = gw.run(str(file), draws=2, keep=keep, until="2026-12")
    paid = usage.revenue_of_tokens(kept["tokens"].values, kept["token_price"].values)
    assert paid == pytest.approx(kept["revenue"].values, rel=1e-5, abs=1e-9)
    assert (kept["token_price"].values > 0).all() and np.isfinite(kept["tokens_per_compute"].values).all()


def test_tokens_alone_fall_in_price_by_the_entry_if_capability_stands_still():
    law, ones = usage.Tokens(), np.ones(6)
    out = law(
        revenue=ones, capability=ones, compute=ones, inference=ones, power=2.0 * ones,
        prev_capability=ones, prev_token_price=ones, dt=1.0,
    )  # fmt: skip
    assert out.token_price == pytest.approx(np.full(6, np.exp(-float(law.fall))))
    assert law.begin(revenue=ones)["token_price"] == pytest.approx(np.full(6, float(law.price)))


def shipped():
    from importlib import resources

    with resources.as_file(resources.files("gigawatt").joinpath("observed/token_volumes.csv")) as file:
        return read_table(file, tokens.COLUMNS)


def test_google_served_some_thirty_times_more_tokens_each_year():
    line = tokens.growth(shipped(), bootstraps=100)[("Google", "Google (all AI products)")]
    # 323e9 tokens a day in April 2024 and 43e12 in September 2025
    assert line.slope == pytest.approx(np.log(43e12 / 323e9) / (2025.75 - 2024.29), rel=0.05)
    assert 20 < np.exp(line.slope) < 40


def test_rows_that_the_source_leaves_out_are_left_out_and_bad_ones_told():
    assert ("OpenAI", "GPT-5-Codex") not in tokens.read(shipped())
    with pytest.raises(InputError, match="above zero"):
        tokens.read([{**shipped()[0], "daily_tokens": "0"}])
    with pytest.raises(InputError, match="widen"):
        tokens.growth(shipped()[:1])
