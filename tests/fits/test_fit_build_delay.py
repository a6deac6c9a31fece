"""Build delays: censored laws against closed forms, a planted delay found again, and forecasts of sites still dark."""

import numpy as np
import pytest
from scipy import stats

from gigawatt.core.errors import InputError
from gigawatt.core.observed import table
from gigawatt.study.fits import build_delay
from gigawatt.study.fits.survival import LAWS, Durations, kaplan_meier, lasting, log_likelihood

ROWS = table(build_delay.DATA)


def planted(law, n=4000, seed=0, seen=2.5):
    """Delays of a law with a trend, seen for so many years only."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.uniform(-2, 2, n)])
    time = LAWS[law](x @ np.array([0.6, -0.15]), 0.4).rvs(random_state=rng)
    return Durations(np.minimum(time, seen), time <= seen, x)


@pytest.mark.parametrize("law", LAWS)
def test_a_planted_law_is_found_again_though_a_third_is_censored(law):
    data = planted(law)
    assert 0.1 < 1.0 - data.ended.mean() < 0.5
    found = lasting(data, law)
    assert found.b == pytest.approx([0.6, -0.15], abs=0.03)
    assert found.s == pytest.approx(0.4, abs=0.03)
    others = [lasting(data, other).aic for other in LAWS if other != law]
    assert found.aic < min(others)


def test_leaving_out_what_has_not_ended_makes_delays_too_short():
    data = planted("Weibull", seen=1.5)
    whole, ended = lasting(data, "Weibull"), lasting(data.pick(data.ended), "Weibull")
    assert ended.at(np.array([1.0, 0.0])).median() < 0.9 * whole.at(np.array([1.0, 0.0])).median()


def test_the_written_likelihood_is_scipys_and_an_exponential_has_its_closed_form():
    data = planted("Weibull", 50)
    known = LAWS["Weibull"](data.x @ np.array([0.5, 0.1]), 0.6)
    direct = np.where(data.ended, known.logpdf(data.time), known.logsf(data.time)).sum()
    assert log_likelihood("Weibull", data, np.array([0.5, 0.1]), 0.6) == pytest.approx(direct)
    alone = Durations(data.time, data.ended, np.ones((50, 1)))
    mean = data.time.sum() / data.ended.sum()  # total time over events: the exponential's greatest likelihood
    slopes = [log_likelihood("Weibull", alone, np.array([np.log(mean) + h]), 1.0) for h in (-1e-4, 0.0, 1e-4)]
    assert slopes[1] > max(slopes[0], slopes[2])


def test_what_ended_between_two_looks_counts_with_the_chance_of_ending_there():
    data = planted("Weibull", 2000)
    looks = np.floor(data.time / 0.25) * 0.25
    blurred = Durations(np.where(data.ended, looks + 0.25, data.time), data.ended, data.x, looks)
    assert lasting(blurred, "Weibull").b == pytest.approx(lasting(data, "Weibull").b, abs=0.02)


def test_kaplan_meier_by_hand_and_against_scipy():
    time, ended = np.array([1.0, 2.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False, True])
    at, share = kaplan_meier(time, ended)
    assert at.tolist() == [1.0, 2.0, 4.0]
    assert share == pytest.approx([1 - 4 / 5, 1 - 4 / 5 * 3 / 4, 1.0])
    theirs = stats.ecdf(stats.CensoredData.right_censored(time, ~ended)).cdf
    assert share == pytest.approx(theirs.evaluate(at))


@pytest.fixture(scope="module")
def found():
    return build_delay.fit(ROWS, bootstraps=24)


def test_sites_are_read_as_they_were_seen():
    sites = {s.name: s for s in build_delay.read(ROWS)}
    assert len(sites) == 51
    abilene = sites["OpenAI Stargate Abilene"]
    assert abilene.at[0] - abilene.begun == pytest.approx(1.32, abs=0.01)
    assert abilene.power.tolist() == [105.0, 211.0, 421.0]  # 843 MW is planned, not seen
    colossus = sites["Colossus 1"]
    assert np.all(np.diff(colossus.power) > 0.0)  # power taken out for a time is no new block
    early = {s.name: s for s in build_delay.read(ROWS, "2025-06-30")}
    assert not len(early["OpenAI Stargate Abilene"].at) and np.isnan(early["OpenAI Stargate Abilene"].plan)


def test_weibull_wins_larger_blocks_take_longer_and_recent_sites_are_quicker(found):
    aic = {law: found.statistics[f"aic_{law}"] for law in LAWS}
    assert min(aic, key=aic.get) == "Weibull" and "Weibull" in found.law
    assert found["size"].low > 0.0 and found["trend"].high < 0.0
    assert found["early"].value < found["lead"].value < found["late"].value
    assert found["next"].value < found["lead"].value
    stated = found["lead"].published
    assert stated.low <= found["lead"].value <= stated.high


def test_a_forecast_of_mid_2025_counts_the_sites_that_came_into_service():
    held = build_delay.fit(ROWS, until="2025-06-30", bootstraps=24).held
    assert held is not None and len(held.x) == 3
    assert np.all(np.diff(held.observed) >= 0) and np.all(np.diff(held.median) >= 0)
    assert held.coverage(0.9) == 1.0
    assert "of 23 dark sites" in held.label[0]


def test_a_forecast_beyond_the_data_or_with_no_site_dark_has_no_score():
    assert build_delay.fit(ROWS, until="2026-05-23", bootstraps=2).held is None


def test_too_few_in_service_are_told_in_one_line():
    with pytest.raises(InputError, match=r"have ended, 8 are needed"):
        build_delay.fit(ROWS, until="2023-06-30", bootstraps=2)
