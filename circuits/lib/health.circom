pragma circom 2.2.3;

include "ranges.circom";

// @title Health
// @notice health = quote + sum of balance * e - margin: equity less margin, in exact integers. The margin of a long
//         balance is balance * d, that of a short one |balance| * (d + x).
// @param N  assets of the book, at most 58
// @input balance[N]  [1e-9 token] |balance| < 2^80
// @input quote  [1e-18 USD] |quote| < 2^144
// @input isShort[N]  1 when the balance is negative
// @input effectivePrice[N]  e [1e-9 USD] |e| < 2^64
// @input marginPerUnit[N]  d [1e-9 USD] 0 <= d
// @input shortExtra[N]  x [1e-9 USD] 0 <= x, d + x < 2^64
// @output health  [1e-18 USD] |health| < 2^152
// @enforces (1) health is that sum; [1e-9 token] * [1e-9 USD] = [1e-18 USD]
// @assumes every input in its range. Then a term is below 2^80 * (2^64 + 2^64) = 2^145: a unit counts e - d when it is
//          long and e + d + x when it is short, and d and d + x are both below 2^64. So
//          |health| < 58 * 2^145 + 2^144 < 2^151: the sum cannot wrap the field.
template Health(N) {
    assert(N <= 58);
    signal input balance[N];
    signal input quote;
    signal input isShort[N];
    signal input effectivePrice[N];
    signal input marginPerUnit[N];
    signal input shortExtra[N];
    signal output health;

    // A long term is b (e - d), a short one b (e + d + x), so a term is b (e - d + s (2 d + x)): two multiplications.
    signal shortMargin[N];
    signal term[N];
    var sum = quote;
    for (var i = 0; i < N; i++) {
        shortMargin[i] <== isShort[i] * (2 * marginPerUnit[i] + shortExtra[i]);
        term[i] <== balance[i] * (effectivePrice[i] - marginPerUnit[i] + shortMargin[i]);
        sum += term[i];
    }
    health <== sum; // (1)
}

// @title IsHealthy
// @notice The side of the line on which an account is: a health of -1 is below it.
// @input health  [1e-18 USD] |health| < 2^152
// @output healthy  1 when health >= 0, else 0
// @enforces (1) health lies in [-2^152, 2^152)  (2) healthy is its side
template IsHealthy() {
    signal input health;
    signal output healthy;

    component bits = SignedBits(152); // (1)
    bits.in <== health;
    healthy <== bits.isNonNegative; // (2)
}
