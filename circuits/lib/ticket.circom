pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "circomlib/circuits/poseidon.circom";
include "selector.circom";
include "tags.circom";

// @title Trade
// @notice One side of an agreed trade, or none: what it adds to balances and quote (spec ZS-54).
// @param N  assets of the book
// @input ticket  P(TAG_TICKET, domain, asset, size, cost, ticketSalt); 0 without a trade
// @input side  0: no trade, 1: buys size and pays cost, 2: sells size and receives cost
// @input domain  P(TAG_DOMAIN, chain id, contract): a ticket is of one book
// @input asset  in [0, N)
// @input size  [1e-9 token] in [0, 2^80)
// @input cost  [1e-18 USD] signed, since an effective price may be negative
// @input ticketSalt  hides the rest
// @output balanceChange[N]  [1e-9 token] what each balance gains
// @output quoteChange  [1e-18 USD] what quote gains
// @enforces (1) side is 0, 1 or 2  (2) ticket is that hash, or 0 when side = 0  (3) asset < N  (4) 0 <= size < 2^80
//           (5) buying adds size to the asset and takes cost, selling the opposite, no trade changes nothing
// @assumes the states before and after are valid: then |cost| < 2^147 follows, and what one side gains the other loses,
//          in integers and not only modulo r
template Trade(N) {
    signal input ticket;
    signal input side;
    signal input domain;
    signal input asset;
    signal input size;
    signal input cost;
    signal input ticketSalt;
    signal output balanceChange[N];
    signal output quoteChange;

    signal sideBits[2] <== Num2Bits(2)(side);
    signal buys <== sideBits[0];
    signal sells <== sideBits[1];
    buys * sells === 0; // (1)

    signal terms <== Poseidon(6)([TAG_TICKET(), domain, asset, size, cost, ticketSalt]);
    ticket === (buys + sells) * terms; // (2)

    signal selected[N] <== Selector(N)(asset); // (3)
    _ <== Num2Bits(80)(size); // (4)
    signal gained <== (buys - sells) * size;
    for (var i = 0; i < N; i++) {
        balanceChange[i] <== selected[i] * gained; // (5)
    }
    quoteChange <== (sells - buys) * cost;
}
