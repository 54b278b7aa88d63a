pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "lib/covered-cash.circom";
include "lib/health.circom";
include "lib/keys.circom";
include "lib/new-state.circom";
include "lib/shrinking.circom";
include "lib/ticket.circom";
include "lib/transfer.circom";

// @title Update
// @notice The owner moves an account from one state to the next by a public transfer, a hidden trade, or both.
// @param N  assets of the book: 13, 28 or 43
// @input oldCommitment  (public) to the account's state, which a statement of the book created
// @input newCommitment  (public) to its next state
// @input ticket  (public) names the trade; 0 without one
// @input side  (public) 0: no trade, 1: buys, 2: sells
// @input transferAsset  (public) in [0, N]; N is the settlement currency
// @input transferAmount  (public) in [0, 2^144) [1e-9 token], or [1e-18 USD] of the settlement currency
// @input isWithdrawal  (public) 1: the amount leaves the account, 0: it comes in
// @input claim  (public) what is shown: 0: not said, 1: initial margin is met, 2: the account only shrinks,
//        3: a deposit that leaves it below maintenance margin
// @input recipient  (public) whom a withdrawal pays, below 2^160 as the verifier checks
// @input rho  (public) fresh
// @input ciphertext[K]  (public) the new state
// @input reduceOnly  (public) bitmap: bit i is 1 when the account may only shrink in slot i, and spot of it lends nothing
// @input effectivePrice[N]  (public) e [1e-9 USD] |e| < 2^64
// @input maintenancePerUnit[N]  (public) d at maintenance margin [1e-9 USD] 0 <= d
// @input maintenanceShortExtra[N]  (public) x at maintenance margin [1e-9 USD] 0 <= x, d + x < 2^64
// @input initialPerUnit[N]  (public) d at initial margin [1e-9 USD] 0 <= d
// @input initialShortExtra[N]  (public) x at initial margin [1e-9 USD] 0 <= x, d + x < 2^64
// @input longOnly  (public) bitmap: bit i is 1 when no account may be short of asset i
// @input lambdaInitial  (public) the part of spot that may back debt where an account grows or pays out [ppm] at most 10^6
// @input lambdaMaintenance  (public) the part where it only shrinks [ppm] at most 10^6
// @input ownerSecret  in [1, l)
// @input viewKey  P(TAG_ECDH, shared point)
// @input domain  P(TAG_DOMAIN, chain id, contract)
// @input oldBalance[N], oldQuote, oldShorts, oldSalt  the old state
// @input tradeAmount[N], tradeCost, ticketSalt  the terms of the ticket; any without a trade
// @input shrinks  1: the account only shrinks, so (7) and (8) compare with the old state
// @input keepsCash  1: covered cash does not fall, in place of staying at 0 or above; only where the account shrinks
// @enforces (1) the old state is this account's, and its owner's secret is known  (2) the trade is the ticket's
//           (3) the transfer is the public one  (4) the new state is the old one with both, and nothing else
//           (5) it is valid, encrypted, and the same account's
//           (6) it meets maintenance margin; with claim 3 it does not, and the step is a deposit of more than 0 and no more
//           (7) covered cash at lambdaInitial is >= 0; or the account shrinks, and covered cash at lambdaMaintenance is
//           >= 0 or does not fall  (8) it meets initial margin; or the account shrinks, and initial health does not fall
//           (9) every slot of reduceOnly shrinks, and every slot does where shrinks = 1, which no withdrawal may say
//           (10) claim is 0 to 3: 1 says shrinks = 0, 2 and 3 say shrinks = 1
//           (11) recipient belongs to this proof and no other
// @assumes the old state is valid; reduceOnly, e, d, x, longOnly and both lambdas are the contract's, in their ranges
template Update(N) {
    var K = CIPHER_ELEMENTS(N);
    signal input oldCommitment;
    signal input newCommitment;
    signal input ticket;
    signal input side;
    signal input transferAsset;
    signal input transferAmount;
    signal input isWithdrawal;
    signal input claim;
    signal input recipient;
    signal input rho;
    signal input ciphertext[K];
    signal input reduceOnly;
    signal input effectivePrice[N];
    signal input maintenancePerUnit[N];
    signal input maintenanceShortExtra[N];
    signal input initialPerUnit[N];
    signal input initialShortExtra[N];
    signal input longOnly;
    signal input lambdaInitial;
    signal input lambdaMaintenance;
    signal input ownerSecret;
    signal input viewKey;
    signal input domain;
    signal input oldBalance[N];
    signal input oldQuote;
    signal input oldShorts;
    signal input oldSalt;
    signal input tradeAmount[N];
    signal input tradeCost;
    signal input ticketSalt;
    signal input shrinks;
    signal input keepsCash;

    signal ownerTag <== OwnerTag()(ownerSecret);
    signal identity <== Identity()(ownerTag, viewKey, domain);
    signal oldBlind <== Blind()(identity, oldSalt);
    signal opened <== StateCommitment(N)(oldBalance, oldQuote, oldShorts, oldBlind);
    oldCommitment === opened; // (1)
    signal wasShort[N] <== ShortBits(N)(oldShorts);

    component trade = Trade(N); // (2)
    trade.ticket <== ticket;
    trade.side <== side;
    trade.domain <== domain;
    trade.amount <== tradeAmount;
    trade.cost <== tradeCost;
    trade.ticketSalt <== ticketSalt;
    component transfer = Transfer(N); // (3)
    transfer.asset <== transferAsset;
    transfer.amount <== transferAmount;
    transfer.isWithdrawal <== isWithdrawal;

    signal balance[N];
    for (var i = 0; i < N; i++) {
        balance[i] <== oldBalance[i] + trade.traded[i] + transfer.balanceChange[i]; // (4)
    }
    signal quote <== oldQuote + trade.quoteChange + transfer.quoteChange;

    component next = NewState(N); // (5)
    next.balance <== balance;
    next.quote <== quote;
    next.longOnly <== longOnly;
    next.identity <== identity;
    next.viewKey <== viewKey;
    next.rho <== rho;
    newCommitment === next.commitment;
    ciphertext === next.ciphertext;

    signal claims[2] <== Num2Bits(2)(claim); // (10)
    signal topsUp <== claims[0] * claims[1];
    shrinks * (shrinks - 1) === 0;
    (claims[0] - topsUp) * shrinks === 0;
    claims[1] * (1 - shrinks) === 0;

    signal isReduceOnly[N] <== Num2Bits(N)(reduceOnly);
    signal mustShrink[N];
    for (var i = 0; i < N; i++) {
        mustShrink[i] <== shrinks + isReduceOnly[i] - shrinks * isReduceOnly[i];
    }
    AssertShrinking(N)(mustShrink, wasShort, next.isShort, trade.traded, balance); // (9)
    shrinks * isWithdrawal === 0;

    // Each health is below 2^151 in size, so their difference is below 2^152: a number of 152 bits is not negative.
    component maintenance = Health(N);
    maintenance.balance <== balance;
    maintenance.quote <== quote;
    maintenance.isShort <== next.isShort;
    maintenance.effectivePrice <== effectivePrice;
    maintenance.marginPerUnit <== maintenancePerUnit;
    maintenance.shortExtra <== maintenanceShortExtra;
    // health, or -1 - health with claim 3
    signal maintenanceLine <== (1 - 2 * topsUp) * maintenance.health - topsUp;
    _ <== Num2Bits(152)(maintenanceLine); // (6)
    topsUp * (trade.trades + isWithdrawal) === 0; // both are bits
    signal amountOrOne <== topsUp * (transferAmount - 1) + 1; // transferAmount with claim 3, else 1
    signal inverse;
    inverse <-- 1 / amountOrOne; // pinned by the constraint below: an inverse is unique, and 0 has none
    inverse * amountOrOne === 1;

    // Covered cash is below 2^170 in size, so a difference of two is below 2^171.
    signal lambda <== lambdaInitial + shrinks * (lambdaMaintenance - lambdaInitial);
    signal isLongOnly[N] <== Num2Bits(N)(longOnly);
    signal coveringPrice[N] <== CoveringPrices(N)(effectivePrice, isLongOnly, isReduceOnly, lambda);
    signal oldCovered <== CoveredCash(N)(oldBalance, oldQuote, coveringPrice);
    signal covered <== CoveredCash(N)(balance, quote, coveringPrice);
    keepsCash * (keepsCash - 1) === 0;
    keepsCash * (1 - shrinks) === 0;
    signal cashFloor <== keepsCash * oldCovered;
    _ <== Num2Bits(171)(covered - cashFloor); // (7)

    component initial[2]; // before and after
    for (var i = 0; i < 2; i++) {
        initial[i] = Health(N);
        initial[i].effectivePrice <== effectivePrice;
        initial[i].marginPerUnit <== initialPerUnit;
        initial[i].shortExtra <== initialShortExtra;
    }
    initial[0].balance <== oldBalance;
    initial[0].quote <== oldQuote;
    initial[0].isShort <== wasShort;
    initial[1].balance <== balance;
    initial[1].quote <== quote;
    initial[1].isShort <== next.isShort;
    signal initialFloor <== shrinks * initial[0].health;
    _ <== Num2Bits(152)(initial[1].health - initialFloor); // (8)

    // (11) A public input that no constraint uses can be replaced in a Groth16 proof; a square uses it.
    signal recipientSquare;
    recipientSquare <== recipient * recipient;
}
