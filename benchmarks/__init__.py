"""Measure this client beside others: see README.md in this folder."""
