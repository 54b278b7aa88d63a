pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/poseidon.circom";
include "ranges.circom";

// @title StateCommitment
// @notice The commitment to an account: Poseidon over blocks of 16, chained, the last block closing
//         with quote, shorts and blind (spec ZS-10).
// @param N  assets of the book: 13, 28, 43 or 58, the sizes that fill the blocks exactly
// @input balance[N]  [1e-9 token] signed
// @input quote  [1e-18 USD] signed
// @input shorts  bitmap: bit i is 1 when balance[i] < 0
// @input blind  Poseidon(TAG_BLIND, identity, salt)
// @output commitment
// @enforces (1) commitment is the chained hash of exactly these values
// @assumes nothing about the values: ValidState does that
template StateCommitment(N) {
    assert(N % 15 == 13);
    signal input balance[N];
    signal input quote;
    signal input shorts;
    signal input blind;
    signal output commitment;

    var BLOCKS = (N + 2) \ 15;
    component block[BLOCKS];

    // (1) The first block takes 16 values, each later one the hash so far and 15 more.
    signal item[N + 3];
    for (var i = 0; i < N; i++) {
        item[i] <== balance[i];
    }
    item[N] <== quote;
    item[N + 1] <== shorts;
    item[N + 2] <== blind;

    block[0] = Poseidon(16);
    for (var j = 0; j < 16; j++) {
        block[0].inputs[j] <== item[j];
    }
    for (var k = 1; k < BLOCKS; k++) {
        block[k] = Poseidon(16);
        block[k].inputs[0] <== block[k - 1].out;
        for (var j = 1; j < 16; j++) {
            block[k].inputs[j] <== item[15 * k + j];
        }
    }
    commitment <== block[BLOCKS - 1].out;
}

// @title ShortBits
// @notice Opens the bitmap of a state that is known to be valid.
// @param N  assets of the book, below 250
// @input shorts  bitmap
// @output isShort[N]  bit i of shorts
// @enforces (1) shorts = sum of isShort[i] * 2^i with every isShort[i] a bit, so shorts < 2^N
// @assumes a bit of shorts is the sign of its balance: ValidState enforced it when the state was created
template ShortBits(N) {
    assert(N < 250);
    signal input shorts;
    signal output isShort[N];

    component bits = Num2Bits(N); // (1)
    bits.in <== shorts;
    isShort <== bits.out;
}

// @title ValidState
// @notice Everything that makes the values of a state mean what they say; every statement that creates a
//         state, or meets one of unknown origin, uses this one template (spec ZS-12).
// @param N  assets of the book, below 250
// @input balance[N]  [1e-9 token] signed
// @input quote  [1e-18 USD] signed
// @input shorts  bitmap
// @output isShort[N]  1 when balance[i] < 0
// @enforces (1) |balance[i]| < 2^80  (2) isShort[i] = 1 exactly when balance[i] < 0
//           (3) shorts = sum of isShort[i] * 2^i  (4) |quote| < 2^144
template ValidState(N) {
    assert(N < 250);
    signal input balance[N];
    signal input quote;
    signal input shorts;
    signal output isShort[N];

    component balanceBits[N];
    var bitmap = 0;
    for (var i = 0; i < N; i++) {
        balanceBits[i] = SymmetricBits(80); // (1)
        balanceBits[i].in <== balance[i];
        isShort[i] <== 1 - balanceBits[i].isNonNegative; // (2)
        bitmap += isShort[i] * (1 << i);
    }
    shorts === bitmap; // (3)

    component quoteBits = SymmetricBits(144); // (4)
    quoteBits.in <== quote;
    _ <== quoteBits.isNonNegative; // quote may have either sign
}
