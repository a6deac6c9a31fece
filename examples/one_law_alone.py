"""One law alone: equations are plain functions, and a mechanism can be called without a world."""

import numpy as np

import gigawatt as gw

# How much compute to order, per unit of today's demand, when that grows e^1.4-fold in the median until it arrives?
print("Newsvendor's order, in multiples of today's demand (sd of log demand 0.5)")
for margin in (0.1, 0.3, 0.5, 0.7, 0.9):
    fractile = gw.mechanisms.orders.critical_fractile(revenue=1.0, cost=1.0 - margin, salvage=0.0)
    order = gw.mechanisms.orders.order_up_to_ratio(1.4, 0.5, fractile)
    print(f"  gross margin {margin:.0%}: order {order:5.2f}, and demand is covered with chance {fractile:.0%}")

# The same functions take arrays: what automating ever more of research does to its pace, a model being 30 times faster.
share = np.array([0.5, 0.8, 0.9, 0.95, 1.0])
speedup = gw.mechanisms.automation.amdahl_speedup(share, 30.0)
print("\nAmdahl:", ", ".join(f"{p:.0%} automated {s:.3g}x" for p, s in zip(share, speedup, strict=True)))

# A mechanism takes its parameters from the shipped entries; name one to change it.
price = gw.mechanisms.supply.Price(trend=-0.1)
after = price(prev_price=11.0, dt=1 / 12).price
print(f"\nPrice falling at 0.1 a year: 11 bn USD per GW and year today, {after:.2f} after a month")
