pragma circom 2.2.3;

include "circomlib/circuits/comparators.circom";

// @title FieldRatio
// @notice MISTAKE: equity / margin is divided in the field, where 3 / 7 is a huge number, and so at least 1.
// @input equity  in [0, 2^32)
// @input margin  in [1, 2^32)
// @output healthy  1 when equity >= margin
template FieldRatio() {
    signal input equity;
    signal input margin;
    signal output healthy;

    component equityBits = Num2Bits(32);
    equityBits.in <== equity;
    component marginBits = Num2Bits(32);
    marginBits.in <== margin;
    signal inverse;
    inverse <-- 1 / margin; // pinned by the constraint below: an inverse is unique
    inverse * margin === 1;

    signal ratio <== equity * inverse;
    healthy <== GreaterEqThan(252)([ratio, 1]);
}
