"""First run: the base scenario, read off by year and by lab."""

import gigawatt as gw

base = gw.run("base", draws=64, seed=0)  # an xarray.Dataset (draw, month, lab, ...); take 1000 draws for an answer

print(f"{base.title}: {base.sizes['draw']} draws, {base.sizes['month']} months")
for name in ("it_power", "automatable", "industry_revenue"):
    signal = base[name]
    print(f"\n{signal.long_name} [{signal.units}], given by {signal.given_by}")
    for year in (2026, 2028, 2030, 2035):
        low, median, high = signal.sel(month=f"{year}-12").quantile([0.05, 0.5, 0.95]).values
        print(f"  end of {year}: {median:10.4g}   5-95 %: {low:.4g} to {high:.4g}")

print(f"\nMedian revenue at the end of 2030 [{base['revenue'].units}]")
for lab, value in base["revenue"].sel(month="2030-12").squeeze("month").median("draw").to_series().items():
    print(f"  {lab:<16} {value:8.1f}")
