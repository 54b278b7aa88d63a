pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";

// @title Square
// @notice A statement small enough to set up and prove in a test: the square root of `square` is known and has 8 bits.
// @input square  (public)
// @input root  in [0, 256)
// @enforces (1) root has 8 bits  (2) square = root^2
template Square() {
    signal input square;
    signal input root;

    component bits = Num2Bits(8); // (1)
    bits.in <== root;
    square === root * root; // (2)
}
