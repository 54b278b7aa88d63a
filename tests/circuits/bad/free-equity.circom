pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/poseidon.circom";

// @title FreeEquity
// @notice MISTAKE: the commitment binds balances, the answer is about an equity that is bound to nothing.
// @input commitment  Poseidon(balance)
// @input balance[2]
// @input equity  the sum of balance, in [-256, 256)
// @output healthy  1 when equity >= 0
template FreeEquity() {
    signal input commitment;
    signal input balance[2];
    signal input equity;
    signal output healthy;

    signal opened <== Poseidon(2)(balance);
    commitment === opened;
    component bits = Num2Bits(9);
    bits.in <== equity + 256;
    healthy <== bits.out[8];
}
