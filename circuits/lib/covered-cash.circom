pragma circom 2.2.3;

// @title CoveringPrices
// @notice What a unit of each asset counts for covered cash: all of a derivative, the part lambda of spot that lends
//         (spec ZS-59).
// @param N  assets of the book, at most 58
// @input effectivePrice[N]  e [1e-9 USD] |e| < 2^64
// @input isLongOnly[N]  1: spot, 0: a derivative
// @input isReduceOnly[N]  1: spot of this slot lends nothing
// @input lambda  [ppm] at most 10^6
// @output coveringPrice[N]  [1e-15 USD] 10^6 e of a derivative, lambda e of spot, 0 of spot that lends nothing; below 2^84 in
//         size
// @enforces (1) coveringPrice is that
// @assumes isLongOnly[i] and isReduceOnly[i] are bits
template CoveringPrices(N) {
    signal input effectivePrice[N];
    signal input isLongOnly[N];
    signal input isReduceOnly[N];
    signal input lambda;
    signal output coveringPrice[N];

    signal spot[N];
    signal lending[N];
    signal lent[N];
    for (var i = 0; i < N; i++) {
        spot[i] <== isLongOnly[i] * effectivePrice[i];
        lending[i] <== (1 - isReduceOnly[i]) * spot[i];
        lent[i] <== lambda * lending[i];
        coveringPrice[i] <== 1000000 * (effectivePrice[i] - spot[i]) + lent[i]; // (1)
    }
}

// @title CoveredCash
// @notice What an account is worth in the settlement currency when its spot counts by a part only: where this is below 0, it
//         owes more money than its spot may back (spec ZS-59).
// @param N  assets of the book, at most 58
// @input balance[N]  [1e-9 token] |balance| < 2^80
// @input quote  [1e-18 USD] |quote| < 2^144
// @input coveringPrice[N]  [1e-15 USD] below 2^84 in size, of CoveringPrices
// @output covered  [1e-24 USD] |covered| < 2^170
// @enforces (1) covered = 10^6 quote + sum of balance * coveringPrice
// @assumes every input in its range. Then |covered| < 2^20 * 2^144 + 58 * 2^164 < 2^170: the sum cannot wrap the field.
template CoveredCash(N) {
    assert(N <= 58);
    signal input balance[N];
    signal input quote;
    signal input coveringPrice[N];
    signal output covered;

    signal term[N];
    var sum = 1000000 * quote;
    for (var i = 0; i < N; i++) {
        term[i] <== balance[i] * coveringPrice[i];
        sum += term[i];
    }
    covered <== sum; // (1)
}
