pragma circom 2.2.3;

// @title MissingBit
// @notice MISTAKE: digit[3] is not constrained to be a bit, so it makes up for any choice of the others.
// @input health  in [-256, 256)
// @output healthy  1 when health >= 0
template MissingBit() {
    signal input health;
    signal output healthy;

    signal digit[9];
    var sum = 0;
    for (var i = 0; i < 9; i++) {
        digit[i] <-- ((health + 256) >> i) & 1;
        sum += digit[i] * (1 << i);
        if (i != 3) {
            digit[i] * (digit[i] - 1) === 0;
        }
    }
    sum === health + 256;
    healthy <== digit[8];
}
