pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "lib/keys.circom";
include "lib/new-state.circom";

// @title Exit
// @notice The owner of an account without positions withdraws `amount` of the settlement currency. It takes no price: what
//         the account is worth is its quote.
// @param N  assets of the book: 13, 28 or 43
// @input oldCommitment  (public) to the account's state, which a statement of the book created
// @input newCommitment  (public) to its next state
// @input amount  (public) what leaves [1e-18 USD] in [1, 2^144)
// @input recipient  (public) whom it pays, below 2^160 as the verifier checks
// @input rho  (public) fresh
// @input ciphertext[K]  (public) the new state
// @input ownerSecret  in [1, l)
// @input viewKey  P(TAG_ECDH, shared point)
// @input domain  P(TAG_DOMAIN, chain id, contract)
// @input oldQuote, oldSalt  the old state
// @enforces (1) the old state is this account's, its owner's secret is known, and it has no balance
//           (2) amount lies in [1, 2^144]  (3) the new state has no balance and quote = oldQuote - amount
//           (4) that quote is >= 0  (5) the new state is valid, encrypted, and the same account's
//           (6) recipient belongs to this proof and no other
// @assumes the old state is valid, so that amount <= oldQuote < 2^144
template Exit(N) {
    var K = CIPHER_ELEMENTS(N);
    signal input oldCommitment;
    signal input newCommitment;
    signal input amount;
    signal input recipient;
    signal input rho;
    signal input ciphertext[K];
    signal input ownerSecret;
    signal input viewKey;
    signal input domain;
    signal input oldQuote;
    signal input oldSalt;

    signal ownerTag <== OwnerTag()(ownerSecret);
    signal identity <== Identity()(ownerTag, viewKey, domain);
    signal balance[N];
    for (var i = 0; i < N; i++) {
        balance[i] <== 0;
    }
    signal oldBlind <== Blind()(identity, oldSalt);
    signal opened <== StateCommitment(N)(balance, oldQuote, 0, oldBlind);
    oldCommitment === opened; // (1)

    _ <== Num2Bits(144)(amount - 1); // (2)
    signal quote <== oldQuote - amount; // (3)
    _ <== Num2Bits(144)(quote); // (4)

    component next = NewState(N); // (5)
    next.balance <== balance;
    next.quote <== quote;
    next.longOnly <== 0; // a state without balances has no short side
    next.identity <== identity;
    next.viewKey <== viewKey;
    next.rho <== rho;
    newCommitment === next.commitment;
    ciphertext === next.ciphertext;
    _ <== next.isShort; // all 0

    // (6) A public input that no constraint uses can be replaced in a Groth16 proof; a square uses it.
    signal recipientSquare;
    recipientSquare <== recipient * recipient;
}
