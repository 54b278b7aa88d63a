pragma circom 2.2.3;

include "circomlib/circuits/comparators.circom";

// @title UnrangedComparator
// @notice MISTAKE: the comparator is for numbers below 2^64 and nothing keeps equity and margin there.
// @input equity  in [0, 2^64)
// @input margin  in [0, 2^64)
// @output healthy  1 when equity >= margin
template UnrangedComparator() {
    signal input equity;
    signal input margin;
    signal output healthy;

    healthy <== GreaterEqThan(64)([equity, margin]);
}
