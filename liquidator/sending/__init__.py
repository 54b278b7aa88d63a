"""Transactions of one key: its nonces, private sending, inclusion."""
