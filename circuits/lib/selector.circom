pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";

// @title BIT_LENGTH
// @notice How many bits the numbers below COUNT take.
function BIT_LENGTH(COUNT) {
    var bits = 0;
    while ((1 << bits) < COUNT) {
        bits++;
    }
    return bits;
}

// @title Selector
// @notice Turns an index into the vector that has a 1 in its place and 0 elsewhere.
// @param COUNT  at least 2
// @input index  in [0, COUNT)
// @output selected[COUNT]  1 at index, else 0
// @enforces (1) index < COUNT  (2) selected is that vector
template Selector(COUNT) {
    var BITS = BIT_LENGTH(COUNT);
    signal input index;
    signal output selected[COUNT];

    // (2) Node 2^k + v is 1 when the low k bits of index are those of v. Its children split it by the next bit.
    signal bits[BITS] <== Num2Bits(BITS)(index);
    signal node[2 << BITS];
    node[0] <== 0;
    node[1] <== 1;
    for (var k = 0; k < BITS; k++) {
        for (var v = 0; v < (1 << k); v++) {
            node[(3 << k) + v] <== node[(1 << k) + v] * bits[k];
            node[(2 << k) + v] <== node[(1 << k) + v] - node[(3 << k) + v];
        }
    }

    var inRange = 0;
    for (var v = 0; v < COUNT; v++) {
        selected[v] <== node[(1 << BITS) + v];
        inRange += selected[v];
    }
    inRange === 1; // (1)
}
