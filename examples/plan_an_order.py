"""Plan an order: the closed form for one period first, then a bet over several years with what caution costs."""

import numpy as np

import gigawatt as gw
from gigawatt.decisions import one_period
from gigawatt.decisions.distributions import Lognormal

# One order, one period: a unit earns 3 if used and 0.2 if idle, costs 1 either way, and 40 is in the bank.
once = one_period.Bet(Lognormal(np.log(100), 0.8), revenue=3.0, cost=1.0, salvage=0.2, cash=40.0)
print("One period, median demand 100")
for name, order in (
    ("neutral", one_period.neutral_order(once)),
    ("ruin at most 5 %", one_period.capped_order(once, 0.05)),
    ("best mean of the worst 10 %", one_period.cvar_order(once, 0.1)),
):
    value, ruin = one_period.expected_profit(once, order), one_period.ruin_probability(once, order)
    print(f"  {name:<28} order {order:6.1f}, expected profit {value:6.1f}, chance of ruin {ruin:.1%}")

# Several years: the order serves in two years, later orders are planned too. Without a limit given: never ruined.
plan = gw.plan("three_worlds")
print(f"\n{plan.title} [order in {plan.unit}]")
for point in plan.frontier:
    given_up = 1.0 - point.value / plan.neutral.value
    print(f"  {point.name:<28} order {point.order:6.1f}, gives up {given_up:5.2%}, chance of ruin {point.ruin:.0%}")

print(f"\nOrder {plan.chosen.order:.0f} now ({plan.limit}). Later:")
for when, what in plan.rule.items():
    print(f"  {when}: {what}")

print("\nWhat would change the order")
for flip in plan.flips:
    print(f"  {flip.belief}: {flip.now:.4g} today, at {flip.at:.4g} order {flip.order:.4g}")
