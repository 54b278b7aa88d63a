pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/poseidon.circom";
include "cipher.circom";
include "state.circom";
include "tags.circom";

// @title Blind
// @notice The last input of a commitment.
// @input identity  of the account
// @input salt  hidden
// @output blind  P(TAG_BLIND, identity, salt)
// @enforces (1) blind is that hash
template Blind() {
    signal input identity;
    signal input salt;
    signal output blind;

    blind <== Poseidon(3)([TAG_BLIND(), identity, salt]); // (1)
}

// @title AssertNoneShort
// @notice Collateral has no short side, nor has what bears no margin (spec ZS-56).
// @param N  assets of the book, below 250
// @input isShort[N]  1 when balance[i] < 0
// @input longOnly  bitmap: bit i is 1 when no account may be short of asset i
// @enforces (1) longOnly is a bitmap of N bits  (2) no asset in it is short
template AssertNoneShort(N) {
    assert(N < 250);
    signal input isShort[N];
    signal input longOnly;

    signal isLongOnly[N] <== Num2Bits(N)(longOnly); // (1)
    for (var i = 0; i < N; i++) {
        isLongOnly[i] * isShort[i] === 0; // (2)
    }
}

// @title NewState
// @notice All that a state must be to stand on chain. Every statement that creates a state does it here, whatever
//         came before (spec ZS-53).
// @param N  assets of the book: 13, 28 or 43
// @input balance[N]  [1e-9 token] signed
// @input quote  [1e-18 USD] signed
// @input longOnly  bitmap: bit i is 1 when no account may be short of asset i
// @input identity  of the account
// @input viewKey  to which identity binds the account
// @input rho  fresh
// @output commitment  to the state, under a salt that is derived, not chosen
// @output ciphertext[K]  the state, K = CIPHER_ELEMENTS(N); opens with viewKey and rho
// @output isShort[N]  1 when balance[i] < 0
// @enforces (1) the state is valid (spec ZS-12)  (2) no long-only asset is short
//           (3) salt and ciphertext come from viewKey and rho  (4) commitment is to this state, identity and salt
// @assumes identity contains viewKey
template NewState(N) {
    var K = CIPHER_ELEMENTS(N);
    signal input balance[N];
    signal input quote;
    signal input longOnly;
    signal input identity;
    signal input viewKey;
    signal input rho;
    signal output commitment;
    signal output ciphertext[K];
    signal output isShort[N];

    var bitmap = 0;
    for (var i = 0; i < N; i++) {
        bitmap += balance[i] < 0 ? 1 << i : 0;
    }
    signal shorts;
    shorts <-- bitmap; // pinned by ValidState (3)
    isShort <== ValidState(N)(balance, quote, shorts); // (1)
    AssertNoneShort(N)(isShort, longOnly); // (2)

    signal salt;
    signal stream[K];
    (salt, stream) <== Keystream(N)(viewKey, rho);
    signal packed[K] <== PackedState(N)(balance, quote);
    for (var k = 0; k < K; k++) {
        ciphertext[k] <== packed[k] + stream[k]; // (3)
    }

    signal blind <== Blind()(identity, salt);
    commitment <== StateCommitment(N)(balance, quote, shorts, blind); // (4)
}
