pragma circom 2.2.3;

include "lib/health.circom";
include "lib/state.circom";

// @title Margin
// @notice The account in `commitment` meets margin (healthy = 1) or does not (healthy = 0), at the prices and margins
//         of one round. The round's margins say which kind: maintenance, initial or overdraft.
// @param N  assets of the book: 13, 28, 43 or 58
// @param VALIDATE_STATE  1: `margin`, safe for a commitment from anywhere.
//                        0: `margin-lean`, only for a commitment that a validating statement created.
// @input commitment  (public) commitment to the account
// @input healthy  (public) 1 or 0
// @input recipient  (public) who earns the reward for this proof, below 2^160 as the verifier checks; 0 for none
// @input effectivePrice[N]  (public) e [1e-9 USD] |e| < 2^64, negative values as r - |e|
// @input marginPerUnit[N]  (public) d, margin of a long unit [1e-9 USD] 0 <= d
// @input shortExtra[N]  (public) x, what a short unit needs more [1e-9 USD] 0 <= x, d + x < 2^64
// @input balance[N]  [1e-9 token] |balance| < 2^80
// @input quote  [1e-18 USD] |quote| < 2^144
// @input shorts  bitmap: bit i is 1 when balance[i] < 0
// @input blind  hides the rest
// @enforces (1) the private inputs open commitment  (2) shorts is a bitmap of N bits
//           (3) the state is valid, when VALIDATE_STATE = 1
//           (4) healthy = 1 when health >= 0, healthy = 0 when health < 0
//           (5) recipient belongs to this proof and no other
// @assumes e, d and x in their ranges: they are public, and the source of the round checks them
template Margin(N, VALIDATE_STATE) {
    signal input commitment;
    signal input healthy;
    signal input recipient;
    signal input effectivePrice[N];
    signal input marginPerUnit[N];
    signal input shortExtra[N];
    signal input balance[N];
    signal input quote;
    signal input shorts;
    signal input blind;

    signal opened <== StateCommitment(N)(balance, quote, shorts, blind);
    commitment === opened; // (1)

    signal isShort[N];
    if (VALIDATE_STATE == 1) {
        isShort <== ValidState(N)(balance, quote, shorts); // (2) (3)
    } else {
        isShort <== ShortBits(N)(shorts); // (2)
    }

    signal health <== Health(N)(balance, quote, isShort, effectivePrice, marginPerUnit, shortExtra);
    signal isHealthy <== IsHealthy()(health);
    healthy === isHealthy; // (4)

    // (5) A public input that no constraint uses can be replaced in a Groth16 proof; a square uses it.
    signal recipientSquare;
    recipientSquare <== recipient * recipient;
}
