pragma circom 2.2.3;

include "lib/keys.circom";
include "lib/new-state.circom";

// @title Rekey
// @notice The owner moves an account to another identity: a new guardian and a new owner's secret, the same balances
//         and quote. The holder of newGuardianPoint's secret can read the account from now on; the old guardian can not.
// @param N  assets of the book: 13, 28 or 43
// @input oldCommitment  (public) to the account's state, under its old identity
// @input newCommitment  (public) to the same state, under newIdentity
// @input newIdentity  (public) of the account from now on
// @input domain  (public) P(TAG_DOMAIN, chain id, contract) of both identities; the contract compares it with its own
// @input newOwnerTag  (public) P(TAG_OWNER, newOwnerSecret), for the new guardian as in `open`
// @input newOwnerPoint[2]  (public) newOwnerSecret * Base8, for the new guardian as in `open`
// @input newGuardianPoint[2]  (public) on Baby Jubjub, not of small order
// @input rho  (public) fresh
// @input ciphertext[K]  (public) the state, for the new guardian
// @input oldOwnerSecret  of the old identity, in [1, l)
// @input oldViewKey  of the old identity
// @input oldSalt  of the state under the old identity
// @input newOwnerSecret  in [1, l); drawn for newGuardianPoint alone
// @input balance[N], quote  the state
// @enforces (1) newOwnerSecret and newGuardianPoint are what `open` demands; newOwnerPoint, newOwnerTag and newIdentity
//           are theirs, in domain  (2) newCommitment and ciphertext are the state's, under newIdentity and its viewing key
//           (3) oldCommitment is to the same state, shorts included, under the identity of oldOwnerSecret and oldViewKey
//           in the same domain
// @assumes domain is the contract's, and the guardian holds the secret of newGuardianPoint; nothing about the old state,
//          which (2) and (3) prove valid. That newIdentity and newOwnerSecret are fresh is not said (spec ZS-75)
template Rekey(N) {
    var K = CIPHER_ELEMENTS(N);
    signal input oldCommitment;
    signal input newCommitment;
    signal input newIdentity;
    signal input domain;
    signal input newOwnerTag;
    signal input newOwnerPoint[2];
    signal input newGuardianPoint[2];
    signal input rho;
    signal input ciphertext[K];
    signal input oldOwnerSecret;
    signal input oldViewKey;
    signal input oldSalt;
    signal input newOwnerSecret;
    signal input balance[N];
    signal input quote;

    component keys = AccountKeys(); // (1)
    keys.ownerSecret <== newOwnerSecret;
    keys.guardianPoint <== newGuardianPoint;
    keys.domain <== domain;
    newOwnerPoint === keys.ownerPoint;
    newOwnerTag === keys.ownerTag;
    newIdentity === keys.identity;

    component next = NewState(N); // (2)
    next.balance <== balance;
    next.quote <== quote;
    next.longOnly <== 0; // balances are those of the old state, which met the rule when they changed
    next.identity <== newIdentity;
    next.viewKey <== keys.viewKey;
    next.rho <== rho;
    newCommitment === next.commitment;
    ciphertext === next.ciphertext;

    var shorts = 0;
    for (var i = 0; i < N; i++) {
        shorts += next.isShort[i] * (1 << i);
    }
    signal oldOwnerTag <== OwnerTag()(oldOwnerSecret);
    signal oldIdentity <== Identity()(oldOwnerTag, oldViewKey, domain);
    signal oldBlind <== Blind()(oldIdentity, oldSalt);
    signal opened <== StateCommitment(N)(balance, quote, shorts, oldBlind);
    oldCommitment === opened; // (3)
}
