"""The acceptance cases, one file per group of systems."""
