"""Change a number: what if work moves to AI at three tenths of the speed?"""

import gigawatt as gw

print(*gw.explain("segments.speed"), sep="\n")  # what the number means, and why it has its value

base = gw.run("base", draws=64, seed=0)
slow = gw.run("base", draws=64, seed=0, set={"segments.speed": 0.3})  # compiles nothing: only a number changed

# Draw i has the same luck in both runs, so a difference within a draw is the work of the number.
print("\nIndustry revenue, slow over base: median and 5-95 % over draws")
ratio = slow["industry_revenue"] / base["industry_revenue"]
for year in (2026, 2028, 2030, 2035):
    low, median, high = ratio.sel(month=f"{year}-12").quantile([0.05, 0.5, 0.95]).values
    print(f"  end of {year}: {median:.2f}   {low:.2f} to {high:.2f}")
