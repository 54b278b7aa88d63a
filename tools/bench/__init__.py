"""`make bench`: what each statement costs here and with other provers. Nothing is asserted about time."""
