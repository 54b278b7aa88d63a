pragma circom 2.2.3;

include "circomlib/circuits/poseidon.circom";
include "tags.circom";

// @title CIPHER_ELEMENTS
// @notice How many field elements hold a state: three balances each, the last one a balance and quote.
function CIPHER_ELEMENTS(N) {
    return (N + 2) \ 3;
}

// @title Keystream
// @notice The salt of a new state and the stream that hides it, from one permutation of Poseidon (spec ZS-51).
// @param N  assets of the book: 13, 28 or 43
// @input viewKey  P(TAG_ECDH, shared point)
// @input rho  fresh for every state that viewKey encrypts
// @output salt  first element of the permuted state
// @output stream[K]  the next K = CIPHER_ELEMENTS(N) elements; the last one stays unrevealed, or who knows a plaintext
//                    could undo the permutation and have viewKey
// @enforces (1) both come from the permutation of (0, TAG_STREAM, viewKey, rho, 0, ..., 0), K + 2 elements
template Keystream(N) {
    assert(N % 15 == 13);
    assert(N <= 43); // the widest permutation of circomlib has 17 elements
    var K = CIPHER_ELEMENTS(N);
    signal input viewKey;
    signal input rho;
    signal output salt;
    signal output stream[K];

    component permutation = PoseidonEx(K + 1, K + 1); // (1)
    permutation.initialState <== 0;
    permutation.inputs[0] <== TAG_STREAM();
    permutation.inputs[1] <== viewKey;
    permutation.inputs[2] <== rho;
    for (var j = 3; j <= K; j++) {
        permutation.inputs[j] <== 0;
    }
    salt <== permutation.out[0];
    for (var k = 0; k < K; k++) {
        stream[k] <== permutation.out[k + 1];
    }
}

// @title PackedState
// @notice Balances and quote as few field elements: each offset to be non-negative, three balances of 81 bits in each
//         element but the last, which holds the last balance and above it quote (spec ZS-52).
// @param N  assets of the book: 13, 28 or 43
// @input balance[N]  [1e-9 token] |balance| < 2^80
// @input quote  [1e-18 USD] |quote| < 2^144
// @output packed[K]  K = CIPHER_ELEMENTS(N), each below 2^243
// @enforces (1) packed is those sums
// @assumes the ranges: in them no two states have the same packing
template PackedState(N) {
    assert(N % 3 == 1);
    var K = CIPHER_ELEMENTS(N);
    signal input balance[N];
    signal input quote;
    signal output packed[K];

    for (var k = 0; k < K - 1; k++) { // (1)
        packed[k] <== (balance[3 * k] + (1 << 80)) + (balance[3 * k + 1] + (1 << 80)) * (1 << 81)
            + (balance[3 * k + 2] + (1 << 80)) * (1 << 162);
    }
    packed[K - 1] <== (balance[N - 1] + (1 << 80)) + (quote + (1 << 144)) * (1 << 81);
}
