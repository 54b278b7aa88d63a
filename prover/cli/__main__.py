"""`python -m prover.cli`: the program without the installed script."""

from prover.cli import main

main()
