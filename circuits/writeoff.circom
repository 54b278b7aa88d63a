pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "lib/keys.circom";
include "lib/new-state.circom";

// @title Writeoff
// @notice An account without positions owes `amount`; the debt is taken off and the account is empty. An amount of 0
//         says that it was empty: then it can be closed. Each reader of the account can prove it: the owner of a lost
//         account has no reason to.
// @param N  assets of the book: 13, 28 or 43
// @input oldCommitment  (public) to the account's state, which a statement of the book created
// @input newCommitment  (public) to the empty state
// @input amount  (public) the debt [1e-18 USD] in [0, 2^144)
// @input rho  (public) fresh
// @input ciphertext[K]  (public) the empty state
// @input ownerTag  P(TAG_OWNER, ownerSecret), public since the account was opened
// @input viewKey  P(TAG_ECDH, shared point)
// @input domain  P(TAG_DOMAIN, chain id, contract)
// @input oldSalt  salt of the old state
// @enforces (1) the old state has no balance and quote = -amount  (2) amount lies in [0, 2^144)
//           (3) the new state is empty, encrypted, and the same account's
// @assumes whether the debt may be written off, or the account closed, is the contract's to decide
template Writeoff(N) {
    var K = CIPHER_ELEMENTS(N);
    signal input oldCommitment;
    signal input newCommitment;
    signal input amount;
    signal input rho;
    signal input ciphertext[K];
    signal input ownerTag;
    signal input viewKey;
    signal input domain;
    signal input oldSalt;

    signal identity <== Identity()(ownerTag, viewKey, domain);
    signal balance[N];
    for (var i = 0; i < N; i++) {
        balance[i] <== 0;
    }
    signal blind <== Blind()(identity, oldSalt);
    signal opened <== StateCommitment(N)(balance, -amount, 0, blind);
    oldCommitment === opened; // (1)
    _ <== Num2Bits(144)(amount); // (2)

    component empty = NewState(N); // (3)
    empty.balance <== balance;
    empty.quote <== 0;
    empty.longOnly <== 0; // a state without balances has no short side
    empty.identity <== identity;
    empty.viewKey <== viewKey;
    empty.rho <== rho;
    newCommitment === empty.commitment;
    ciphertext === empty.ciphertext;
    _ <== empty.isShort; // all 0
}
