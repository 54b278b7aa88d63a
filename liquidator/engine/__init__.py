"""The loop: from a round of prices to transactions, by roles."""
