"""One order, one period, one cash balance: how much to buy when too much can ruin and too little forgoes profit.

Terminal cash is W = W0 - F + r min(q, D) + s (q - D)+ - c q, take-or-pay; ruin is W < 0. A `Bet` holds the data;
every function takes it first, works elementwise over batches, and runs under jit, vmap and grad. Amounts are in
the unit of demand, prices in money per unit, cash in money.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from gigawatt.decisions import newsvendor
from gigawatt.decisions.distributions import Demand
from gigawatt.decisions.elementwise import real, require, root


class Bet(eqx.Module):
    """The data of one order. Raises InputError unless salvage < cost < revenue.

    `demand` is a distribution; `revenue` r, `cost` c and `salvage` s are per unit sold, bought and left idle;
    `cash` W0 is held at the start and `fixed` F is paid whatever happens.
    """

    demand: Demand
    revenue: jax.Array = eqx.field(converter=real)
    cost: jax.Array = eqx.field(converter=real)
    salvage: jax.Array = eqx.field(converter=real, default=0.0)
    cash: jax.Array = eqx.field(converter=real, default=0.0)
    fixed: jax.Array = eqx.field(converter=real, default=0.0)

    def __check_init__(self):
        newsvendor.over_and_under(self.revenue, self.cost, self.salvage)

    @property
    def over(self):
        """What an idle unit loses: c - s. [money per unit]"""
        return self.cost - self.salvage

    @property
    def under(self):
        """What a unit too few forgoes: r - c. [money per unit]"""
        return self.revenue - self.cost

    @property
    def swing(self):
        """What a unit sold earns beyond an idle one: r - s. [money per unit]"""
        return self.revenue - self.salvage

    @property
    def free(self):
        """Cash that is left when nothing is ordered: W0 - F. [money]"""
        return self.cash - self.fixed


def terminal_cash(bet: Bet, quantity, demand):
    """Cash when an order has met its demand: W0 - F + (r - c) q - (r - s) (q - D)+. [money]"""
    return bet.free + bet.under * quantity - bet.swing * jnp.maximum(quantity - demand, 0.0)


def expected_profit(bet: Bet, quantity):
    """E W - (W0 - F): (r - c) q - (r - s) E(q - D)+. [money]"""
    return bet.under * quantity - bet.swing * bet.demand.excess(quantity)


def neutral_order(bet: Bet):
    """Order that maximises expected profit: F^-1((r - c) / (r - s)), the newsvendor's. [unit of demand]"""
    return bet.demand.quantile(bet.under / bet.swing)


def evpi(bet: Bet):
    """Worth of knowing demand before ordering: (r - c) E D less the best expected profit. [money]

    It is the newsvendor's least cost of mismatch, so never negative (Raiffa & Schlaifer 1961).
    """
    return newsvendor.cost(bet.demand, neutral_order(bet), bet.over, bet.under)


# Ruin


def _breakeven_demand(bet, quantity):
    return (bet.over * quantity - bet.free) / bet.swing


def ruin_probability(bet: Bet, quantity):
    """Pr(W < 0). [probability]

    Pr(D < ((c - s) q - (W0 - F)) / (r - s)), and 1 where even full sales leave W0 - F + (r - c) q below 0.
    """
    doomed = bet.free + bet.under * quantity < -1e-12 * jnp.abs(bet.free)
    return jnp.where(doomed, 1.0, bet.demand.below(_breakeven_demand(bet, quantity)))


def ruin_cap(bet: Bet, ruin):
    """Greatest order with Pr(W < 0) <= ruin: (W0 - F + (r - s) F^-1(ruin)) / (c - s). [unit of demand]

    It holds where W0 - F + (r - c) q >= 0; below 0 no order qualifies. For discrete demand F^-1 is the greatest x
    with Pr(D < x) <= ruin. Raises InputError if ruin lies outside [0, 1).
    """
    require("ruin", ruin, (ruin >= 0.0) & (ruin < 1.0), "a limit on the probability of ruin lies in [0, 1)")
    return (bet.free + bet.swing * bet.demand.upper_quantile(ruin)) / bet.over


def cap_per_cash(bet: Bet):
    """Units by which one more unit of cash raises `ruin_cap`: d q / d W0 = 1 / (c - s). [unit per money]"""
    return 1.0 / bet.over


def cash_needed(bet: Bet, ruin):
    """Least cash W0 with which some order q >= 0 keeps Pr(W < 0) <= ruin. [money]

    F - (r - c) F^-1(ruin): with less than F a lab survives only by selling enough, so it must order something.
    Where that quantile is negative (Normal demand), F - (r - s) F^-1(ruin).
    """
    worst = bet.demand.upper_quantile(ruin)
    return bet.fixed - jnp.where(worst >= 0.0, bet.under, bet.swing) * worst


def capped_order(bet: Bet, ruin):
    """Order of greatest expected profit among those with Pr(W < 0) <= ruin. [unit of demand]

    The neutral order, brought within [(F - W0) / (r - c), ruin_cap]: profit is concave in q, so the nearest end
    is best. The lower end binds for a lab whose cash does not cover F. Raises InputError, saying which cash would
    do, where no order qualifies; traced code gives NaN there.
    """
    needed = cash_needed(bet, ruin)
    feasible = bet.cash >= needed - 1e-12 * jnp.abs(needed)
    if not isinstance(feasible, jax.core.Tracer) and not jnp.all(feasible):
        cure = np.broadcast_to(needed, feasible.shape)[~np.asarray(feasible)][0]
        require("cash", bet.cash, feasible, f"no order keeps ruin within its limit; cash of {cure!s} would")
    least = jnp.maximum(-bet.free / bet.under, 0.0)
    order = jnp.maximum(jnp.minimum(neutral_order(bet), ruin_cap(bet, ruin)), least)
    return jnp.where(feasible, order, jnp.nan)


def ruin_shadow_price(bet: Bet, ruin):
    """Expected profit gained per unit of probability by which the ruin limit is relaxed. [money]

    E'(q) / (d Pr(W < 0) / dq) at the cap, with E'(q) = r - c - (r - s) F(q) and dPr/dq = f(d) (c - s) / (r - s) at
    the demand d that just avoids ruin; 0 where the limit does not bind. For demand with a density.
    """
    cap = ruin_cap(bet, ruin)
    marginal = bet.under - bet.swing * bet.demand.cdf(cap)
    risk = bet.demand.density(_breakeven_demand(bet, cap)) * bet.over / bet.swing
    return jnp.where(cap < neutral_order(bet), marginal / risk, 0.0)


# Conditional value at risk


def cvar(bet: Bet, quantity, eta):
    """Mean profit in the worst share eta of cases, (W0 - F) not counted. [money]

    (r - c) q - (r - s) times the mean of (q - D)+ over the lowest share eta of demand. Raises InputError if eta
    lies outside (0, 1].
    """
    require("eta", eta, (eta > 0.0) & (eta <= 1.0), "a tail is a share in (0, 1]")
    edge = bet.demand.quantile(eta)
    idle = bet.demand.excess(jnp.minimum(quantity, edge)) / eta + jnp.maximum(quantity - edge, 0.0)
    return bet.under * quantity - bet.swing * idle


def cvar_order(bet: Bet, eta):
    """Order that maximises `cvar`: F^-1(eta (r - c) / (r - s)), never above the neutral one. [unit of demand]

    Gotoh & Takano (2007), European Journal of Operational Research 179:954. Raises InputError as `cvar` does.
    """
    require("eta", eta, (eta > 0.0) & (eta <= 1.0), "a tail is a share in (0, 1]")
    return bet.demand.quantile(eta * bet.under / bet.swing)


def mean_cvar(bet: Bet, quantity, weight, eta):
    """(1 - weight) expected profit + weight CVaR of profit. [money]"""
    return (1.0 - weight) * expected_profit(bet, quantity) + weight * cvar(bet, quantity, eta)


def mean_cvar_order(bet: Bet, weight, eta):
    """Order that maximises `mean_cvar`, with a weight in [0, 1]. [unit of demand]

    The objective is concave with a kink at F^-1(eta), so its first-order condition is solved on either side:
    F(q) = phi / (1 - w + w / eta) below it, F(q) = phi - w / (1 - w) (1 - phi) above it, and F(q) = eta between,
    with phi = (r - c) / (r - s). Raises InputError if weight or eta lies outside its range.
    """
    require("weight", weight, (weight >= 0.0) & (weight <= 1.0), "a weight lies in [0, 1]")
    require("eta", eta, (eta > 0.0) & (eta <= 1.0), "a tail is a share in (0, 1]")
    neutral = bet.under / bet.swing
    below = neutral / (1.0 - weight + weight / eta)
    rest = jnp.where(weight < 1.0, 1.0 - weight, 1.0)
    above = neutral - weight / rest * (1.0 - neutral)
    return bet.demand.quantile(jnp.where(below <= eta, below, jnp.maximum(above, eta)))


# Idle compute with a use of its own


class Research(eqx.Module):
    """Worth of compute x used for research: B ln(1 + x / x0), with `value` B in money and `scale` x0 in units.

    With B = s x0 and x0 without bound it tends to s x, a constant salvage value.
    """

    value: jax.Array = eqx.field(converter=real)
    scale: jax.Array = eqx.field(converter=real)

    def __check_init__(self):
        require("value", self.value, self.value > 0.0, "research is worth something; without it use salvage = 0")
        require("scale", self.scale, self.scale > 0.0, "returns fall off over an amount above 0")

    def worth(self, x):
        """Value of an amount x. [money]"""
        return self.value * jnp.log1p(x / self.scale)

    def marginal(self, x):
        """Value of one unit more at x: B / (x0 + x). [money per unit]"""
        return self.value / (self.scale + x)

    def kept(self, price):
        """Amount whose last unit is worth `price`, or 0: what research keeps when demand is high. [unit]"""
        return jnp.maximum(self.value / price - self.scale, 0.0)


def research_split(bet: Bet, quantity, demand, research: Research):
    """Compute that serves customers, and compute left for research. [unit of demand, twice]

    u = min(D, q - x) with V'(x) = r: research is squeezed to x when demand is high and gets the rest otherwise.
    """
    serves = jnp.clip(jnp.minimum(demand, quantity - research.kept(bet.revenue)), 0.0, None)
    return serves, quantity - serves


@jax.jit  # compiled once, not at every call
def research_order(bet: Bet, research: Research):
    """Order of greatest expected profit when idle compute does research (`salvage` is not used). [unit of demand]

    Solves r Pr(D >= q - x) + E[V'(q - D); D < q - x] = c with V'(x) = r. The left side falls in q; at
    q = F^-1(1 - c / 2r) + V'^-1(c / 2) it is below c, which bounds the search. Where V is linear with slope s this
    is the newsvendor. Demand is not negative; Poisson demand raises InputError.
    """
    kept = research.kept(bet.revenue)

    def dearer(q):
        share = bet.demand.cdf(q - kept)
        research_gain = bet.demand.mean_below(lambda d: research.marginal(q - d), q - kept)
        return bet.cost - bet.revenue * (1.0 - share) - research_gain

    high = bet.demand.quantile(1.0 - 0.5 * bet.cost / bet.revenue) + research.kept(0.5 * bet.cost)
    return root(dearer, kept, high)


# Attitudes to risk that follow from who bears the loss


@jax.jit  # compiled once, not at every call
def kelly_order(bet: Bet):
    """Order that maximises E ln W: an owner who must never be ruined. [unit of demand]

    Solves (r - c) Pr(D >= q) / (W0 - F + (r - c) q) = (c - s) E[1 / W; D < q] up to the order that can never ruin;
    never above the neutral order. NaN where W0 - F is not above 0 or demand has no floor. Kelly (1956), Bell
    System Technical Journal 35:917. Poisson demand raises InputError.
    """
    cap = ruin_cap(bet, 0.0)
    most = jnp.minimum(neutral_order(bet), cap)
    high = most * (1.0 - 1e-9)  # at the cap itself W may be 0

    def dearer(q):
        idle = bet.demand.mean_below(lambda d: 1.0 / terminal_cash(bet, q, jnp.minimum(d, q)), q)
        return bet.over * idle - bet.under * (1.0 - bet.demand.below(q)) / (bet.free + bet.under * q)

    inside = root(dearer, jnp.zeros_like(high), high)
    return jnp.where((bet.free > 0.0) & (cap > 0.0), jnp.where(dearer(high) < 0.0, most, inside), jnp.nan)


def expected_equity(bet: Bet, quantity):
    """E max(W, 0): what an order is worth to owners who do not pay for a loss beyond their cash. [money]

    E W + (r - s) E(d - D)+, with d the demand that just avoids ruin; 0 where ruin is certain.
    """
    saved = bet.swing * bet.demand.excess(_breakeven_demand(bet, quantity))
    doomed = bet.free + bet.under * quantity < 0.0
    return jnp.where(doomed, 0.0, bet.free + expected_profit(bet, quantity) + saved)


@jax.jit  # compiled once, not at every call
def limited_liability_order(bet: Bet):
    """Order that maximises `expected_equity`: never below the neutral order. [unit of demand]

    Solves (r - s) Pr(D > q) = (c - s) Pr(D > d(q)): a unit more is bought with money that is lost only where the
    owners survive. Caution changes sign: Brander & Lewis (1986), American Economic Review 76:956. For demand with
    a density; the two sides are taken to cross once.
    """

    def dearer(p):
        q = bet.demand.quantile(p)
        return bet.over * (1.0 - bet.demand.cdf(_breakeven_demand(bet, q))) - bet.swing * (1.0 - p)

    return bet.demand.quantile(root(dearer, bet.under / bet.swing, 1.0 - 1e-12))
