pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "lib/keys.circom";
include "lib/new-state.circom";

// @title Expire
// @notice The balances of expired slots become cash at their settlement prices, and nothing else changes. Each reader of
//         the account can prove it: an account that sleeps must be settled too.
// @param N  assets of the book: 13, 28 or 43
// @input oldCommitment  (public) to the account's state, which a statement of the book created
// @input newCommitment  (public) to its next state
// @input slots  (public) bitmap: bit i is 1 when slot i expired
// @input rho  (public) fresh
// @input ciphertext[K]  (public) the new state
// @input settlementPrice[N]  (public) e of each expired slot [1e-9 USD] |e| < 2^64; of another slot any, it counts nothing
// @input ownerTag  P(TAG_OWNER, ownerSecret), public since the account was opened
// @input viewKey  P(TAG_ECDH, shared point)
// @input domain  P(TAG_DOMAIN, chain id, contract)
// @input oldBalance[N], oldQuote, oldShorts, oldSalt  the old state
// @enforces (1) the old state is this account's  (2) slots is a bitmap of N bits
//           (3) a balance of slots becomes 0 and adds balance * settlementPrice to quote; every other one stays
//           (4) the new state is valid, encrypted, and the same account's
// @assumes the old state is valid; slots and settlementPrice are the contract's, the prices in their range. Then
//          |quote| < 2^144 + 43 * 2^80 * 2^64 < 2^150 before (4): the sum cannot wrap the field, so (4) refuses what
//          lies outside |quote| < 2^144
template Expire(N) {
    var K = CIPHER_ELEMENTS(N);
    signal input oldCommitment;
    signal input newCommitment;
    signal input slots;
    signal input rho;
    signal input ciphertext[K];
    signal input settlementPrice[N];
    signal input ownerTag;
    signal input viewKey;
    signal input domain;
    signal input oldBalance[N];
    signal input oldQuote;
    signal input oldShorts;
    signal input oldSalt;

    signal identity <== Identity()(ownerTag, viewKey, domain);
    signal oldBlind <== Blind()(identity, oldSalt);
    signal opened <== StateCommitment(N)(oldBalance, oldQuote, oldShorts, oldBlind);
    oldCommitment === opened; // (1)

    signal isExpired[N] <== Num2Bits(N)(slots); // (2)
    signal settled[N];
    signal cash[N]; // [1e-9 token] * [1e-9 USD] = [1e-18 USD]
    signal balance[N];
    var quote = oldQuote;
    for (var i = 0; i < N; i++) { // (3)
        settled[i] <== isExpired[i] * oldBalance[i];
        cash[i] <== settled[i] * settlementPrice[i];
        balance[i] <== oldBalance[i] - settled[i];
        quote += cash[i];
    }

    component next = NewState(N); // (4)
    next.balance <== balance;
    next.quote <== quote;
    next.longOnly <== 0; // a balance stays or becomes 0, so none turns short
    next.identity <== identity;
    next.viewKey <== viewKey;
    next.rho <== rho;
    newCommitment === next.commitment;
    ciphertext === next.ciphertext;
    _ <== next.isShort; // those of the old state that stay
}
