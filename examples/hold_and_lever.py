"""Hold and lever: prescribe a signal, or change a number on a date, and let the rest of the world answer."""

import gigawatt as gw

base = gw.run("base", draws=64, seed=0)
changed = gw.run(
    "base",
    draws=64,
    seed=0,
    hold={"output": {"2026-01": 118_000, "2035-12": 145_000}},  # bn USD a year, straight lines between the dates
    lever={"limits.site_fastest": {"2028-01": 0.0}},  # from then on no site with power is added
)

for name in ("output", "it_power"):
    print(f"Median: {base[name].long_name} [{base[name].units}]")
    for year in (2027, 2029, 2031, 2035):
        before, after = (ds[name].sel(month=f"{year}-12").median().item() for ds in (base, changed))
        print(f"  end of {year}: base {before:10.4g}   held and levered {after:10.4g}")
print("\nBoth stand in the recipe that the result carries:\n")
print(changed.recipe[changed.recipe.index("[lever") :])
