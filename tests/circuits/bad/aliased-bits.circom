pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";

// @title AliasedBits
// @notice MISTAKE: 254 bits hold numbers up to 2^254 > r, so most values have a second decomposition: value + r.
// @input value
// @output isOdd  the lowest bit of value
template AliasedBits() {
    signal input value;
    signal output isOdd;

    component bits = Num2Bits(254);
    bits.in <== value;
    isOdd <== bits.out[0];
}
