"""Decisions: how much compute to order now, as plain functions and exact solvers; no world needed."""
