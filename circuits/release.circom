pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "lib/health.circom";
include "lib/keys.circom";
include "lib/new-state.circom";
include "lib/shrinking.circom";
include "lib/state.circom";

// @title Release
// @notice A part of an account that is below its margin leaves for a taker, at effective prices less a reward. Each
//         reader of the account can prove it: no owner has to agree. The margins say which kind: maintenance or
//         overdraft.
// @param N  assets of the book: 13, 28 or 43
// @input oldCommitment  (public) to the account's state, which a statement of the book created
// @input newCommitment  (public) to its next state
// @input ticket  (public) names what the taker buys, as in `update`
// @input taker  (public) identity of the one account that may take it; 0 for any
// @input rate  (public) reward where the account's equity pays it [1e-4 of the margin taken] at most 10^4
// @input uncoveredRate  (public) reward where it does not [1e-4 of the margin taken] at most 10^4
// @input cured  (public) 1 when the account meets its margin afterwards, else 0
// @input rho  (public) fresh
// @input ciphertext[K]  (public) the new state
// @input effectivePrice[N]  (public) e [1e-9 USD] |e| < 2^64
// @input marginPerUnit[N]  (public) d, margin of a long unit [1e-9 USD] 0 <= d
// @input shortExtra[N]  (public) x, what a short unit needs more [1e-9 USD] 0 <= x, d + x < 2^64
// @input sellable  (public) bitmap: bit i is 1 when slot i may be taken from
// @input floorRate  (public) the least rate of the auction [1e-4] at most 10^4
// @input bufferRate  (public) the most health that may be left [1e-4 of the margin left] at most 10^4
// @input leastShare  (public) the least part of the margin that is taken without a cure [1e-4] at most 10^4
// @input leastAmount  (public) a margin that is enough in its place [1e-18 USD] in (0, 2^150)
// @input dust  (public) an account of at most this margin may be taken whole [1e-18 USD] in [0, 2^150)
// @input ownerTag  P(TAG_OWNER, ownerSecret), public since the account was opened
// @input viewKey  P(TAG_ECDH, shared point)
// @input domain  P(TAG_DOMAIN, chain id, contract)
// @input oldBalance[N], oldQuote, oldShorts, oldSalt  the old state
// @input taken[N]  the part that is taken of each balance, with its sign [1e-9 token]
// @input ticketSalt  hides the terms of the ticket
// @input covered  1: the account's equity pays rate, 0: the taker gets uncoveredRate
// @input isSmall  1: the account is dust, so (7) does not count
// @input byAmount  1: enough is taken by leastAmount, 0: by leastShare
// @enforces (1) the old state is this account's
//           (2) what is taken of a balance is on its side and no larger, only of slots in sellable, and not nothing
//           (3) health is < 0 before
//           (4) reward = floor(used * margin taken / 10^4): used is rate, which the equity pays (10^4 equity >= rate *
//           margin), or uncoveredRate, where it does not pay floorRate (10^4 equity < floorRate * margin)
//           (5) the new state is the old one less taken, with quote + value taken - reward; it is valid, encrypted, and
//           the same account's  (6) cured = 1 when health is >= 0 afterwards, cured = 0 when it is < 0
//           (7) not too much: 10^4 health afterwards <= bufferRate * margin left, or the margin was <= dust
//           (8) enough: cured; or 10^4 margin taken >= leastShare * margin of the sellable slots; or margin taken >=
//           leastAmount  (9) ticket is of taken and cost = value taken - reward, in the same domain; taker belongs to
//           this proof and no other
// @assumes the old state is valid; what is public beside the proof's own is the contract's, in its range, and both rates
//          are at most 10^4. Then for N <= 43 value and margins are below 43 * 2^144 < 2^150 in size, equity too, and
//          health < 2^151. Times 10^4 they are below 2^165, so a difference of two is below 2^166: nothing wraps
template Release(N) {
    assert(N <= 43);
    var K = CIPHER_ELEMENTS(N);
    signal input oldCommitment;
    signal input newCommitment;
    signal input ticket;
    signal input taker;
    signal input rate;
    signal input uncoveredRate;
    signal input cured;
    signal input rho;
    signal input ciphertext[K];
    signal input effectivePrice[N];
    signal input marginPerUnit[N];
    signal input shortExtra[N];
    signal input sellable;
    signal input floorRate;
    signal input bufferRate;
    signal input leastShare;
    signal input leastAmount;
    signal input dust;
    signal input ownerTag;
    signal input viewKey;
    signal input domain;
    signal input oldBalance[N];
    signal input oldQuote;
    signal input oldShorts;
    signal input oldSalt;
    signal input taken[N];
    signal input ticketSalt;
    signal input covered;
    signal input isSmall;
    signal input byAmount;

    signal identity <== Identity()(ownerTag, viewKey, domain);
    signal oldBlind <== Blind()(identity, oldSalt);
    signal opened <== StateCommitment(N)(oldBalance, oldQuote, oldShorts, oldBlind);
    oldCommitment === opened; // (1)
    signal wasShort[N] <== ShortBits(N)(oldShorts);

    // A long balance b needs b d, a short one -b (d + x): both are b times sidedMargin.
    signal isSellable[N] <== Num2Bits(N)(sellable);
    signal sidedMargin[N];
    signal oldMargin[N];
    signal sellableMargin[N];
    signal takenMargin[N];
    signal oldValue[N]; // [1e-9 token] * [1e-9 USD] = [1e-18 USD]
    signal takenValue[N];
    signal takenSize[N];
    signal given[N];
    signal left[N];
    var equity = oldQuote;
    var value = 0;
    var wholeMargin = 0;
    var marginForSale = 0;
    var marginTaken = 0;
    var sizeTaken = 0;
    for (var i = 0; i < N; i++) {
        sidedMargin[i] <== marginPerUnit[i] - wasShort[i] * (2 * marginPerUnit[i] + shortExtra[i]);
        oldMargin[i] <== oldBalance[i] * sidedMargin[i];
        sellableMargin[i] <== isSellable[i] * oldMargin[i];
        takenMargin[i] <== taken[i] * sidedMargin[i];
        oldValue[i] <== oldBalance[i] * effectivePrice[i];
        takenValue[i] <== taken[i] * effectivePrice[i];
        takenSize[i] <== (1 - 2 * wasShort[i]) * taken[i];
        given[i] <== -taken[i];
        left[i] <== oldBalance[i] - taken[i];
        (1 - isSellable[i]) * taken[i] === 0; // (2)
        equity += oldValue[i];
        value += takenValue[i];
        wholeMargin += oldMargin[i];
        marginForSale += sellableMargin[i];
        marginTaken += takenMargin[i];
        sizeTaken += takenSize[i];
    }
    // By AssertShrinking below no size is negative, so their sum is 0 only where each of them is.
    signal inverse;
    inverse <-- 1 / sizeTaken; // pinned by the constraint below: an inverse is unique, and 0 has none
    inverse * sizeTaken === 1; // (2)

    _ <== Num2Bits(152)(wholeMargin - equity - 1); // (3)

    covered * (covered - 1) === 0; // (4)
    signal neededRate <== floorRate + covered * (rate - floorRate);
    signal needed <== neededRate * wholeMargin;
    signal line <== (2 * covered - 1) * (10000 * equity - needed); // 10^4 equity - needed, or its negative
    _ <== Num2Bits(166)(line + covered - 1);
    signal used <== uncoveredRate + covered * (rate - uncoveredRate);
    signal product <== used * marginTaken;
    signal reward;
    reward <-- product \ 10000; // pinned by the ranges of reward and of the remainder, which are below 10^4 * 2^150
    signal remainder <== product - 10000 * reward;
    _ <== Num2Bits(150)(reward);
    _ <== Num2Bits(14)(remainder);
    _ <== Num2Bits(14)(9999 - remainder);

    signal cost <== value - reward;
    component next = NewState(N); // (5)
    next.balance <== left;
    next.quote <== oldQuote + cost;
    next.longOnly <== 0; // no balance turns short: (2)
    next.identity <== identity;
    next.viewKey <== viewKey;
    next.rho <== rho;
    newCommitment === next.commitment;
    ciphertext === next.ciphertext;
    signal everySlot[N];
    for (var i = 0; i < N; i++) {
        everySlot[i] <== 1;
    }
    AssertShrinking(N)(everySlot, wasShort, next.isShort, given, left); // (2)

    signal health <== equity - wholeMargin + marginTaken - reward;
    signal isCured <== IsHealthy()(health);
    cured === isCured; // (6)

    isSmall * (isSmall - 1) === 0; // (7)
    signal smallness <== isSmall * (dust - wholeMargin);
    _ <== Num2Bits(150)(smallness);
    signal allowed <== bufferRate * (wholeMargin - marginTaken);
    signal buffer <== (1 - isSmall) * (allowed - 10000 * health);
    _ <== Num2Bits(166)(buffer);

    byAmount * (byAmount - 1) === 0; // (8)
    signal share <== leastShare * marginForSale;
    signal least <== share + byAmount * (10000 * leastAmount - share);
    signal excess <== (1 - cured) * (10000 * marginTaken - least);
    _ <== Num2Bits(166)(excess);

    signal terms <== StateCommitment(N)(taken, cost, domain, ticketSalt);
    ticket === terms; // (9)
    // A public input that no constraint uses can be replaced in a Groth16 proof; a square uses it.
    signal takerSquare;
    takerSquare <== taker * taker;
}
