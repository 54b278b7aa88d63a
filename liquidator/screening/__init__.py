"""Which of many accounts may be below a line, in floating point with a proven bound."""
