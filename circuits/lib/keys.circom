pragma circom 2.2.3;

include "circomlib/circuits/babyjub.circom";
include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/escalarmulany.circom";
include "circomlib/circuits/escalarmulfix.circom";
include "circomlib/circuits/poseidon.circom";
include "tags.circom";

// @title OwnerTag
// @notice Replaces the owner's secret in statements that a guardian proves too.
// @input ownerSecret  scalar in [1, l)
// @output tag  P(TAG_OWNER, ownerSecret)
// @enforces (1) tag is that hash
// @assumes nothing: KeyAgreement bounded the secret when the account was opened
template OwnerTag() {
    signal input ownerSecret;
    signal output tag;

    tag <== Poseidon(2)([TAG_OWNER(), ownerSecret]); // (1)
}

// @title Identity
// @notice Who may move an account, who may read it, and where it lives: constant over the life of the account.
// @input ownerTag  P(TAG_OWNER, ownerSecret)
// @input viewKey  P(TAG_ECDH, shared point)
// @input domain  P(TAG_DOMAIN, chain id, contract)
// @output identity  P(TAG_ID, ownerTag, P(TAG_VIEW, viewKey), domain)
// @enforces (1) identity is that hash
template Identity() {
    signal input ownerTag;
    signal input viewKey;
    signal input domain;
    signal output identity;

    signal viewTag <== Poseidon(2)([TAG_VIEW(), viewKey]);
    identity <== Poseidon(4)([TAG_ID(), ownerTag, viewTag, domain]); // (1)
}

// @title Scalar
// @notice The bits of a scalar of Baby Jubjub's subgroup, whose order l lies between 2^250 and 2^251.
// @input in  integer in [1, l)
// @output bits[251]  of in, the lowest first
// @enforces (1) 1 <= in < l  (2) bits are those of in
template Scalar() {
    var L = 2736030358979909402780800718157159386076813972158567259200215660948447373041;
    signal input in;
    signal output bits[251];

    // (1) Both in and l - 1 - in have 251 bits, far from wrapping around r; and in has an inverse.
    bits <== Num2Bits(251)(in); // (2)
    _ <== Num2Bits(251)(L - 1 - in);
    signal inverse;
    inverse <-- 1 / in; // pinned by the constraint below: an inverse is unique
    inverse * in === 1;
}

// @title ClearedPoint
// @notice 8 * point: in the subgroup of prime order l, whatever point on the curve it came from.
// @input point[2]  on Baby Jubjub
// @output cleared[2]
// @enforces (1) point is on the curve  (2) cleared = 8 * point  (3) cleared is not the neutral element
template ClearedPoint() {
    signal input point[2];
    signal output cleared[2];

    BabyCheck()(point[0], point[1]); // (1)

    // (2) The addition law is complete on the curve: no denominator is 0.
    signal double[2];
    signal quadruple[2];
    (double[0], double[1]) <== BabyDbl()(point[0], point[1]);
    (quadruple[0], quadruple[1]) <== BabyDbl()(double[0], double[1]);
    (cleared[0], cleared[1]) <== BabyDbl()(quadruple[0], quadruple[1]);

    // (3) In a subgroup of odd order only the neutral element has x = 0.
    signal inverse;
    inverse <-- 1 / cleared[0]; // pinned by the constraint below: an inverse is unique
    inverse * cleared[0] === 1;
}

// @title KeyAgreement
// @notice What the owner of an account and its guardian can both compute, from the secret of one and the public point
//         of the other: the guardian has 8 * guardianSecret * ownerPoint (spec ZS-11).
// @input ownerSecret  in [1, l)
// @input guardianPoint[2]  on Baby Jubjub, not of small order
// @output ownerPoint[2]  ownerSecret * Base8
// @output viewKey  P(TAG_ECDH, ownerSecret * 8 * guardianPoint)
// @enforces (1) 1 <= ownerSecret < l  (2) guardianPoint is on the curve and 8 * guardianPoint is not neutral
//           (3) ownerPoint is that multiple  (4) viewKey is that hash
// @assumes nothing: circomlib's multiplications have no free choice for these inputs (docs/spec.md, ZS-50)
template KeyAgreement() {
    signal input ownerSecret;
    signal input guardianPoint[2];
    signal output ownerPoint[2];
    signal output viewKey;

    var BASE8[2] = [
        5299619240641551281634865583518297030282874472190772894086521144482721001553,
        16950150798460657717958625567821834550301663161624707787222815936182638968203
    ];

    signal bits[251] <== Scalar()(ownerSecret); // (1)
    signal cleared[2] <== ClearedPoint()(guardianPoint); // (2)
    ownerPoint <== EscalarMulFix(251, BASE8)(bits); // (3)
    signal shared[2] <== EscalarMulAny(251)(bits, cleared);
    viewKey <== Poseidon(3)([TAG_ECDH(), shared[0], shared[1]]); // (4)
}

// @title AccountKeys
// @notice The keys of an account under a new identity, and the identity: all that `open` and `rekey` say of keys.
// @input ownerSecret  in [1, l)
// @input guardianPoint[2]  on Baby Jubjub, not of small order
// @input domain  P(TAG_DOMAIN, chain id, contract)
// @output ownerTag  P(TAG_OWNER, ownerSecret)
// @output ownerPoint[2]  ownerSecret * Base8
// @output viewKey  P(TAG_ECDH, ownerSecret * 8 * guardianPoint)
// @output identity  P(TAG_ID, ownerTag, P(TAG_VIEW, viewKey), domain)
// @enforces (1) 1 <= ownerSecret < l; guardianPoint is on the curve and 8 * guardianPoint is not neutral; ownerPoint
//           and viewKey are of both  (2) ownerTag is the owner's  (3) identity is of ownerTag, viewKey and domain
template AccountKeys() {
    signal input ownerSecret;
    signal input guardianPoint[2];
    signal input domain;
    signal output ownerTag;
    signal output ownerPoint[2];
    signal output viewKey;
    signal output identity;

    (ownerPoint, viewKey) <== KeyAgreement()(ownerSecret, guardianPoint); // (1)
    ownerTag <== OwnerTag()(ownerSecret); // (2)
    identity <== Identity()(ownerTag, viewKey, domain); // (3)
}
