pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";

// @title AssertShrinking
// @notice Positions only become smaller, in the slots where they must (spec ZS-58).
// @param N  assets of the book
// @input mustShrink[N]  1: the slot may only shrink, 0: it may do anything
// @input wasShort[N]  1 when the old balance is negative
// @input isShort[N]  1 when the new balance is negative
// @input traded[N]  [1e-9 token] what the trade adds to each balance
// @input balance[N]  [1e-9 token] the new balance
// @enforces where mustShrink = 1: (1) the traded amount is 0, or below 2^80 with the sign opposite to the side of the old
//           balance  (2) the new balance is 0 or on the side of the old one
// @assumes mustShrink[i], wasShort[i] and isShort[i] are bits, the latter two the signs of valid balances; an old balance
//          of 0 counts as long
template AssertShrinking(N) {
    signal input mustShrink[N];
    signal input wasShort[N];
    signal input isShort[N];
    signal input traded[N];
    signal input balance[N];

    signal taken[N]; // from the side of the old balance
    signal checked[N];
    signal turned[N];
    for (var i = 0; i < N; i++) {
        taken[i] <== (2 * wasShort[i] - 1) * traded[i];
        checked[i] <== mustShrink[i] * taken[i];
        _ <== Num2Bits(80)(checked[i]); // (1)
        // A balance that changes its bit must be 0. One that turns short is below 0, so none does.
        turned[i] <== (wasShort[i] - isShort[i]) * balance[i];
        mustShrink[i] * turned[i] === 0; // (2)
    }
}
