"""Armstrong, Bostrom & Shulman (2016), Racing to the precipice, AI & Society 31:201-206.

n teams with capabilities uniform on [0, mu] pick safety s in [0, 1]; the best c - s wins and is safe with chance s. A
safe win is worth 1, a rival's safe win 1 - e, a disaster 0. The closed forms must be equilibria of that game (no team
gains by another choice), the risks those of the game when it is played, and what the paper concludes must follow.
"""

import itertools

import numpy as np
import pytest

from gigawatt.mechanisms.race import (
    risk_private,
    risk_public,
    risk_unknown,
    safety_private,
    safety_public,
    safety_unknown,
)

RNG = np.random.default_rng(20160801)
GAMES = list(itertools.product((2, 3, 5), (0.4, 1.0), (0.5, 2.0, 4.0)))
TRIES = np.linspace(0.0, 1.0, 101)
DRAWS = 100_000


def worth(own_score, own_safety, best_score, best_safety, enmity):
    return np.where(own_score > best_score, own_safety, (1.0 - enmity) * best_safety)


@pytest.mark.parametrize(("teams", "enmity", "capability"), GAMES)
def test_no_team_gains_by_another_safety_without_information(teams, enmity, capability):
    s = float(safety_unknown(capability, teams, enmity))
    c = RNG.uniform(0.0, capability, (DRAWS, teams))
    best = c[:, 1:].max(1) - s
    gain = [worth(c[:, 0] - own, own, best, s, enmity).mean() for own in TRIES]
    kept = worth(c[:, 0] - s, s, best, s, enmity).mean()
    assert max(gain) <= kept + 4e-3  # noise of the draws


@pytest.mark.parametrize(("teams", "enmity", "capability"), GAMES)
def test_no_team_gains_by_another_safety_with_private_information(teams, enmity, capability):
    others = RNG.uniform(0.0, capability, (DRAWS, teams - 1)).max(1)  # scores rise with capability, so the best wins
    safety = np.asarray(safety_private(others, teams, enmity))
    for own_capability in np.array([0.2, 0.6, 0.95]) * capability:
        s = float(safety_private(own_capability, teams, enmity))
        gain = [worth(own_capability - own, own, others - safety, safety, enmity).mean() for own in TRIES]
        assert max(gain) <= worth(own_capability - s, s, others - safety, safety, enmity).mean() + 4e-3


@pytest.mark.parametrize(("lead", "enmity"), [(0.1, 0.5), (0.3, 1.0), (0.05, 0.2)])
def test_a_known_lead_deters_the_second_team_and_no_more_safety_would(lead, enmity):
    s = float(safety_public(lead, enmity))
    overtaking = s - lead  # the most safety with which the second team still wins
    assert overtaking <= (1.0 - enmity) * s + 1e-12
    more = s + 0.01
    assert more - lead > (1.0 - enmity) * more  # it would then gain by overtaking
    assert safety_public(2.0 * enmity, enmity) == 1.0


@pytest.mark.parametrize(("teams", "enmity", "capability"), GAMES)
def test_the_risks_are_those_of_the_game_when_it_is_played(teams, enmity, capability):
    c = np.sort(RNG.uniform(0.0, capability, (DRAWS, teams)), axis=1)
    private = 1.0 - np.asarray(safety_private(c[:, -1], teams, enmity)).mean()
    public = 1.0 - np.asarray(safety_public(c[:, -1] - c[:, -2], enmity)).mean()
    assert float(risk_private(capability, teams, enmity)) == pytest.approx(private, abs=5e-3)
    assert float(risk_public(capability, teams, enmity)) == pytest.approx(public, abs=5e-3)
    assert risk_unknown(capability, teams, enmity) == 1.0 - safety_unknown(capability, teams, enmity)


def test_what_the_paper_concludes():
    teams, enmity, capability = np.meshgrid(np.arange(2, 12), np.linspace(0.05, 1.0, 20), np.linspace(0.1, 5.0, 50))
    unknown, private, public = (
        np.asarray(risk(capability, teams, enmity)) for risk in (risk_unknown, risk_private, risk_public)
    )
    for risk in (unknown, private, public):
        assert np.all(np.diff(risk, axis=0) >= -1e-12)  # enmity raises the danger
        assert np.all(np.diff(risk, axis=2) <= 1e-12)  # and skill lowers it, where it counts more against recklessness
    assert np.all(unknown <= np.minimum(private, public) + 1e-12)  # nobody knowing anything is safest
    # More teams are more dangerous without information and with public information; with private information not
    # always, and public information is not always worse than private: the abstract's "the more teams know" holds there
    # only where skill counts.
    assert np.all(np.diff(unknown, axis=1) >= -1e-12) and np.all(np.diff(public, axis=1) >= -1e-12)
    assert np.any(np.diff(private, axis=1) < -1e-3)
    skilled = (teams >= 5) & (capability >= 1.2 * (enmity * (teams - 1.0) + 1.0))
    assert np.any(skilled) and np.all((public - private)[skilled] >= -1e-12)
    assert np.any(public < private - 0.1)
