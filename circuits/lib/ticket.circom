pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "state.circom";

// @title Trade
// @notice One side of an agreed basket of trades, or none: what it adds to balances and quote (spec ZS-54).
// @param N  assets of the book: 13, 28 or 43
// @input ticket  the commitment to a state of balances amount[N] and quote cost, with domain where a state has its bitmap
//        and ticketSalt where it has its blind; 0 without a trade
// @input side  0: no trade, 1: gains amount and pays cost, 2: gives amount and receives cost
// @input domain  P(TAG_DOMAIN, chain id, contract): a ticket is of one book, and no ticket is a commitment to a state
// @input amount[N]  [1e-9 token] signed: what the buyer gains
// @input cost  [1e-18 USD] signed: what the buyer pays
// @input ticketSalt  hides the rest
// @output traded[N]  [1e-9 token] what each balance gains
// @output quoteChange  [1e-18 USD] what quote gains
// @output trades  1 with a trade, else 0
// @enforces (1) side is 0, 1 or 2  (2) ticket is that hash, or 0 when side = 0
//           (3) buying adds amount and takes cost, selling the opposite, no trade changes nothing
// @assumes the states before and after are valid: then |amount[i]| < 2^145 and |cost| < 2^147 follow, and what one side
//          gains the other loses, in integers and not only modulo r
template Trade(N) {
    signal input ticket;
    signal input side;
    signal input domain;
    signal input amount[N];
    signal input cost;
    signal input ticketSalt;
    signal output traded[N];
    signal output quoteChange;
    signal output trades;

    signal sideBits[2] <== Num2Bits(2)(side);
    signal buys <== sideBits[0];
    signal sells <== sideBits[1];
    buys * sells === 0; // (1)
    trades <== buys + sells;

    signal terms <== StateCommitment(N)(amount, cost, domain, ticketSalt);
    ticket === trades * terms; // (2)

    for (var i = 0; i < N; i++) {
        traded[i] <== (buys - sells) * amount[i]; // (3)
    }
    quoteChange <== (sells - buys) * cost;
}
