"""An engine that watches the accounts of a margin book, and acts when one misses its margin."""
