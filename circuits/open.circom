pragma circom 2.2.3;

include "lib/keys.circom";
include "lib/new-state.circom";

// @title Open
// @notice `commitment` is to the empty account of the holder of ownerSecret. The holder of guardianPoint's secret can
//         read the account from now on.
// @param N  assets of the book: 13, 28 or 43
// @input commitment  (public) to the empty state
// @input identity  (public) of the account
// @input domain  (public) P(TAG_DOMAIN, chain id, contract); the contract compares it with its own
// @input ownerTag  (public) P(TAG_OWNER, ownerSecret): with it the guardian can prove statements that create a state
// @input ownerPoint[2]  (public) ownerSecret * Base8: with it the guardian derives the viewing key
// @input guardianPoint[2]  (public) on Baby Jubjub, not of small order
// @input rho  (public) fresh
// @input ciphertext[K]  (public) the empty state
// @input ownerSecret  in [1, l)
// @enforces (1) 1 <= ownerSecret < l; guardianPoint is on the curve and 8 * guardianPoint is not neutral; ownerPoint is
//           the owner's  (2) ownerTag is the owner's  (3) identity is the owner's and the guardian's, in domain
//           (4) commitment and ciphertext are the empty state's, under identity and the agreed viewing key
// @assumes domain is the contract's, and the guardian holds the secret of guardianPoint: the contract checks both
template Open(N) {
    var K = CIPHER_ELEMENTS(N);
    signal input commitment;
    signal input identity;
    signal input domain;
    signal input ownerTag;
    signal input ownerPoint[2];
    signal input guardianPoint[2];
    signal input rho;
    signal input ciphertext[K];
    signal input ownerSecret;

    component keys = AccountKeys();
    keys.ownerSecret <== ownerSecret;
    keys.guardianPoint <== guardianPoint;
    keys.domain <== domain;
    ownerPoint === keys.ownerPoint; // (1)
    ownerTag === keys.ownerTag; // (2)
    identity === keys.identity; // (3)

    signal balance[N];
    for (var i = 0; i < N; i++) {
        balance[i] <== 0;
    }
    component empty = NewState(N); // (4)
    empty.balance <== balance;
    empty.quote <== 0;
    empty.longOnly <== 0; // a state without balances has no short side
    empty.identity <== identity;
    empty.viewKey <== keys.viewKey;
    empty.rho <== rho;
    commitment === empty.commitment;
    ciphertext === empty.ciphertext;
    _ <== empty.isShort; // all 0
}
