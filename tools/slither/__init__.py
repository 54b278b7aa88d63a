"""Slither over all contracts, held against the answers in docs/slither.md."""
