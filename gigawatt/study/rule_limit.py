"""A limit on ruin, as it reads on the few draws on which rules for orders are tried.

Contracts of the past ruin a lab whatever it orders, with a chance that many draws tell; a rule adds to it, on the same
few draws (a control variate: Glasserman 2003, Monte Carlo Methods in Financial Engineering, 4.1). Chances of ruin move
in steps; for an ascent they are smoothed, and a floor under tail cash takes the form of Rockafellar & Uryasev (2000),
Journal of Risk 2(3):21-41.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from gigawatt.core.errors import InputError
from gigawatt.decisions.cvar import sample_cvar
from gigawatt.decisions.extensive import CashCVaR, Limit, NeverRuin, Ruin
from gigawatt.study.rule import Outcomes

SMOOTH = 2.0  # bn USD: width over which ruin is smoothed


@dataclass(frozen=True)
class LimitHere:
    """A limit as it was asked, and as it reads on these draws.

    error: standard error of a chance of ruin set against it. added: to a chance of ruin on these draws, to be that of
    many draws.
    """

    asked: Limit
    here: Limit
    error: float
    added: float

    @staticmethod
    def of(limit: Limit, timid: Outcomes, many: Outcomes) -> "LimitHere":
        """From what the rule that hardly orders brings on these draws, and on many others.

        Where these draws ruin it more often than the many do, they ruin every rule more often, and the limit moves.
        """
        past, added = many.ruin, many.ruin - timid.ruin
        if not isinstance(limit, Ruin):
            return LimitHere(limit, limit, 0.0, added)
        by_rule = abs(limit.probability - past)  # what a rule at the limit adds
        error = np.sqrt(by_rule / len(timid.low) + past * (1.0 - past) / len(many.low))
        return LimitHere(limit, Ruin(chance(limit.probability + timid.ruin - past)), float(error), added)

    def among_many(self, ruin: float) -> float:
        """A chance of ruin on these draws, as many draws would have it."""
        return chance(ruin + self.added)

    def refuse(self, safest: Outcomes) -> None:
        """Raise InputError where not even the safest rule keeps the limit within the error: which cash would do."""
        if excess(looser(self.here, self.error), safest) <= 0.0:
            return
        if isinstance(self.asked, CashCVaR):
            tail = float(sample_cvar(safest.final, self.asked.share))
            raise InputError(
                f"'{self.asked}' cannot be met: the best rule reaches {tail:.4g} bn USD; ask for less than that."
            )
        low = np.sort(safest.low)
        allowed = int(self.here.probability * len(low)) if isinstance(self.here, Ruin) else 0  # draws to be ruined
        lacking = max(-float(low[allowed]), 1e-3)
        digit = 10.0 ** (np.floor(np.log10(lacking)) - 1.0)  # the second that counts, rounded up
        more = np.ceil(lacking / digit) * digit
        raise InputError(
            f"'{self.asked}' cannot be met by ordering less: contracts that bind already ruin the lab in "
            f"{self.among_many(safest.ruin):.1%} of the draws under the safest rule; about {more:.6g} bn USD more "
            "--cash would do if investors then give no less, or a --ruin above that."
        )


def chance(x: float) -> float:
    return float(np.clip(x, 0.0, 1.0))


def looser(limit: Limit, error: float) -> Limit:
    """A limit on the chance of ruin with room for an error; others stay."""
    return Ruin(chance(limit.probability + error)) if isinstance(limit, Ruin) else limit


def smooth_ruin(out: Outcomes) -> float:
    """Chance of ruin with a soft line, which small changes of terms move too."""
    return float(expit(-out.low / SMOOTH).mean())


def excess(limit: Limit | None, out: Outcomes) -> float:
    """By how much the limit is broken on these draws, at most zero where it is kept."""
    match limit:
        case None:
            return 0.0
        case NeverRuin():
            return out.ruin
        case Ruin(probability):
            return out.ruin - probability
        case CashCVaR(share, floor):
            return floor - float(sample_cvar(out.final, share))


def room(limit: Limit | None, out: Outcomes) -> float:
    """Room left under the limit, in the form that an ascent takes: a chance, or a share of the floor."""
    if isinstance(limit, CashCVaR):
        line = np.quantile(out.final, limit.share)
        level = line - np.maximum(line - out.final, 0.0).mean() / limit.share - limit.floor
        return float(level / max(abs(limit.floor), 1.0))
    return -excess(limit, out)


def room_slopes(limit: Limit | None, out: Outcomes, slope: Outcomes) -> np.ndarray:
    """Derivative of `room` in the rule, (numbers,); that of the smoothed chance where the true one has none.

    slope: derivatives of the outcomes in the first draws, (some draws, numbers).
    """
    some = len(slope.low)
    if limit is None:
        return np.zeros(slope.low.shape[1])
    if isinstance(limit, CashCVaR):
        short = out.final < np.quantile(out.final, limit.share)  # that threshold is best, so its own slope drops out
        by_rule = (short[:some, None] * slope.final).mean(axis=0)
        return by_rule / limit.share / max(abs(limit.floor), 1.0)
    soft = expit(-out.low[:some] / SMOOTH)
    return ((soft * (1.0 - soft) / SMOOTH)[:, None] * slope.low).mean(axis=0)
