"""What the engine keeps over a restart: work in flight, cooldowns, rounds of prices."""
