"""Fit laws to data: ours beside the published numbers, a forecast that is scored, numbers for a scenario."""

import numpy as np

import gigawatt as gw

# Growth of training compute, on the table that ships. Intervals are the 5th and 95th percentiles of resampled data.
found = gw.fit("compute-growth", bootstraps=200)
print(f"{found.title}: {found.law}\n{found.data}")
for name in ("frontier", "notable"):
    ours = found[name]
    theirs = ours.published
    print(f"  {name:<9} {ours.value:.2f} ({ours.low:.2f} to {ours.high:.2f}) {ours.unit}", end="")
    print(f", published {theirs.value:g} ({theirs.low:g} to {theirs.high:g})")

# The same on what was known at the end of 2024, scored on what came after.
past = gw.fit("compute-growth", until="2024-12-31", bootstraps=200)
print(f"\nFrontier at the end of 2024: {past['frontier'].value:.2f} {past['frontier'].unit}")
for at, observed, low, high in zip(past.held.x, past.held.observed, past.held.low, past.held.high, strict=True):
    print(f"  {at:.2f}: came {observed:.1e} FLOP, said {low:.1e} to {high:.1e}")
print(f"  {past.held.coverage(0.9):.0%} inside of the 90 % band, mean CRPS {np.mean(past.held.crps):.2f} of ln FLOP")

# A later observation of your own is scored by the same function.
later = found.score([2027.0], [3e27])
print(
    f"\nIf the largest run at the start of 2027 had 3e27 FLOP: CRPS {later.crps[0]:.2f}, median {later.median[0]:.1e}"
)

# What a fit knows of the model goes into a scenario; `gigawatt fit NAME --out DIR` writes it as entries.toml.
scaling = gw.fit("scaling", bootstraps=50)
print("\nScaling law: " + ", ".join(f"{e.name} {e.value:.4g}" for e in scaling.estimates))
for path, entry in scaling.entries().items():
    print(f"  {path} = {entry['value']:.4g} {entry['unit']}, {entry['range'][0]:.4g} to {entry['range'][1]:.4g}")
