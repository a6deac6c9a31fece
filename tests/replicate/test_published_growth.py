"""Published results on automation and growth, from the plain laws."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from gigawatt.core.entry import entries
from gigawatt.core.observed import number, table
from gigawatt.mechanisms.production import (
    automation_growth,
    balanced_capital_share,
    capital_share,
    explosive,
    hulten_gain,
    ideas_growth,
    task_output,
    wage,
    wage_effects,
)


@pytest.mark.parametrize(("pace", "substitution"), [(0.02, 0.5), (0.01, 0.7)])
def test_automation_without_end_is_balanced_growth_with_a_constant_capital_share(pace, substitution):
    """Aghion, Jones & Jones (2019), section 9.3.2: each year a fraction of what is left is automated."""
    saving, lost, dt = 0.25, 0.05, 0.25

    def step(state, _):
        left, capital = state
        output = task_output(1.0 - left, capital, 1.0, substitution)
        share = capital_share(1.0 - left, capital, 1.0, substitution)
        return (left * jnp.exp(-pace * dt), capital * jnp.exp((saving * output / capital - lost) * dt)), (output, share)

    output, share = jax.lax.scan(step, (jnp.asarray(0.5), jnp.asarray(1.0)), length=4000)[1]
    growth = float(automation_growth(pace, substitution))
    assert np.diff(np.log(output))[-1] / dt == pytest.approx(growth, rel=1e-3)
    assert share[-1] == pytest.approx(float(balanced_capital_share(saving, growth, lost, substitution)), rel=5e-3)
    assert 0.0 < share[-1] < 1.0 and share[-1] == pytest.approx(float(share[-400]), rel=1e-3)


def test_without_further_automation_the_automated_share_withers():
    """Baumol's disease in eq. 15 of the same chapter: with tasks as complements, what grows fast shrinks in value."""
    capital = jnp.geomspace(1.0, 1e6, 7)
    share = capital_share(0.9, capital, 1.0, 0.5)
    assert jnp.all(jnp.diff(share) < 0.0) and share[-1] < 1e-4
    ratio = share / (1.0 - share)
    assert np.allclose(ratio, (0.9 / 0.1) ** 2 * capital**-1.0)
    assert task_output(0.9, capital[-1], 1.0, 0.5) == pytest.approx(100.0, rel=1e-2)  # (1 - b)^-2: people bind


def test_automation_displaces_labour_and_makes_it_more_productive():
    """Acemoglu & Restrepo (2018), Proposition 2: the two effects add up to the slope of the wage; either may win."""
    slope = jax.grad(lambda b, k: jnp.log(wage(b, k, 1.0, 0.5)))
    for capital in (0.8, 2.0, 50.0):
        gains, displaces = wage_effects(0.4, capital, 1.0, 0.5)
        assert gains + displaces == pytest.approx(float(slope(0.4, capital)))
        assert displaces < 0.0
    # so-so technology: machines only just cheaper than people lower the wage, much cheaper ones raise it
    assert slope(0.4, 0.8) < 0.0 < slope(0.4, 50.0)


def test_acemoglu_expects_two_thirds_of_a_per_cent_in_ten_years():
    """Acemoglu (2025): 19.9 % of tasks exposed, 23 % of them worth it, 27 % of labour cost saved, labour's 0.535."""
    assert round(100 * hulten_gain(0.199 * 0.23, 0.27 * 0.535), 2) == 0.66


def test_automating_ideas_is_explosive_only_beyond_the_condition():
    """Aghion, Jones & Jones (2019), section 9.4.1: a singularity if and only if the ratio passes one."""
    alpha, sigma, phi = 0.4, 1.0, 0.2

    def growth(beta, years=400.0, steps=40_000):
        """Growth of output along the path, not a number from the singularity on."""

        def step(state, _):
            k, a = state
            gk, ga = 0.05 * jnp.exp(sigma * a + (alpha - 1.0) * k), 0.05 * jnp.exp(beta * k + (phi - 1.0) * a)
            return (k + gk * years / steps, a + ga * years / steps), alpha * gk + sigma * ga

        return np.asarray(jax.lax.scan(step, (jnp.asarray(0.0), jnp.asarray(0.0)), length=steps)[1])

    assert explosive(alpha, sigma, 0.4, phi) == pytest.approx(5 / 6)
    settles, explodes = growth(0.4), growth(0.6)
    assert explosive(alpha, sigma, 0.6, phi) > 1.0 and not np.all(np.isfinite(explodes))
    assert np.all(np.isfinite(settles)) and settles[-1] < settles[20_000] < settles[10_000]


def test_a_constant_growth_of_ideas_needs_research_that_grows():
    """Bloom et al. (2020): at an exponent of 3.1 research effort must rise by 3.1 times the growth of productivity."""
    years = np.arange(50.0)
    ideas = np.exp(0.01 * years)
    assert np.allclose(ideas_growth(0.01, np.exp(3.1 * 0.01 * years), ideas, 3.1), 0.01)
    assert ideas_growth(0.01, 1.0, ideas[-1], 3.1) < 0.01 / 4.0


def test_the_world_of_the_entries_is_the_world_of_the_data():
    shares = {(r["code"], r["date"][:4]): r for r in table("factor_shares")}
    macro = {(r["series"], r["date"][:4]): number(r, "value") for r in table("world_macro")}
    at, last = entries(), shares["WLD", "2019"]
    assert at["task_economy.labour_share"].value == pytest.approx(number(last, "labour_share"), abs=5e-4)
    assert at["task_economy.depreciation"].value == pytest.approx(number(last, "depreciation"), abs=5e-4)
    assert at["start.output"].value == pytest.approx(macro["output_current", "2025"], rel=1e-4)
    assert at["task_economy.trend"].value == pytest.approx(macro["output_growth", "2025"], abs=5e-5)
    assert at["task_economy.investment"].value == pytest.approx(macro["investment_share", "2024"], abs=5e-4)
    force = macro["labour_force", "2025"] / macro["labour_force", "2024"]
    assert at["task_economy.labour_growth"].value == pytest.approx(force - 1.0, abs=5e-5)
    same = ("labour_share", "spending"), ("productivity", "output"), ("substitution", "output"), ("trend", "output")
    for name, owner in same:
        assert at[f"task_economy.{name}"].value == at[f"{owner}.{name}"].value
    # world wages of 50 tn, as said, are within a quarter of labour's share of output
    assert at["start.output"].value * number(last, "labour_share") == pytest.approx(50_000.0, rel=0.3)
