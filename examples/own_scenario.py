"""Own scenario: write down a view as differences from another one, and see what it changes."""

from pathlib import Path
from tempfile import TemporaryDirectory

import gigawatt as gw

VIEW = """
title  = "Contracts are short and power comes late"
base   = "base"
source = ["gigawatt-judgement"]
[set]
"contracts.term"   = { value = 3.0, range = [2.5, 3.5] }  # drawn: median, 5th and 95th percentile
"contracts.lead"   = "2.5 year"                           # certain; a wrong unit would be refused
"start.cash.xAI"   = 5.0                                  # one lab of a number that is given by lab
"""

with TemporaryDirectory() as folder:
    file = Path(folder) / "short_and_late.toml"
    file.write_text(VIEW)
    mine = gw.run(str(file), draws=64, seed=0)
base = gw.run("base", draws=64, seed=0)

print(f"{mine.title}\n\nChance that a lab is ruined by the end of 2035")
for lab in base["lab"].values:
    chances = (1 - ds["alive"].sel(lab=lab).isel(month=-1).mean().item() for ds in (base, mine))
    print("  {:<16} base {:4.0%}   this view {:4.0%}".format(lab, *chances))
