pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";

// @title Ranges
// The only comparators of the project. Each turns an integer statement into bits, and each is far
// below the 254 bits of the field, so no decomposition has a second solution modulo r.

// @title SignedBits
// @notice Decomposes a signed integer into its two's complement, so that its sign is one of its bits.
// @param MAGNITUDE_BITS m: the integer lies in [-2^m, 2^m). At most 250.
// @input in  integer in [-2^m, 2^m), negative values as r - |in|
// @output isNonNegative  1 when in >= 0, else 0
// @enforces (1) in lies in [-2^m, 2^m)  (2) isNonNegative is the sign of in
template SignedBits(MAGNITUDE_BITS) {
    assert(MAGNITUDE_BITS <= 250);
    signal input in;
    signal output isNonNegative;

    // (1) in + 2^m has m + 1 bits: it lies in [0, 2^(m+1)).
    component bits = Num2Bits(MAGNITUDE_BITS + 1);
    bits.in <== in + (1 << MAGNITUDE_BITS);

    // (2) The top bit says whether in + 2^m >= 2^m.
    isNonNegative <== bits.out[MAGNITUDE_BITS];
}

// @title SymmetricBits
// @notice SignedBits without its one extra negative value, so that |in| has the same bound on both sides.
// @param MAGNITUDE_BITS m: the integer satisfies |in| < 2^m. At most 250.
// @input in  integer with |in| < 2^m, negative values as r - |in|
// @output isNonNegative  1 when in >= 0, else 0
// @enforces (1) |in| < 2^m  (2) isNonNegative is the sign of in
template SymmetricBits(MAGNITUDE_BITS) {
    signal input in;
    signal output isNonNegative;

    component bits = SignedBits(MAGNITUDE_BITS);
    bits.in <== in;
    isNonNegative <== bits.isNonNegative;

    // -2^m is the only value of SignedBits outside |in| < 2^m: in + 2^m must have an inverse.
    signal inverse;
    inverse <-- 1 / (in + (1 << MAGNITUDE_BITS)); // pinned by the constraint below: an inverse is unique
    inverse * (in + (1 << MAGNITUDE_BITS)) === 1;
}
