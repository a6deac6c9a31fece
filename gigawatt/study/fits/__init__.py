"""Fits: laws estimated on the shipped data, one file each, with intervals and the published value beside them."""
