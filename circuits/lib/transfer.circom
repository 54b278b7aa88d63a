pragma circom 2.2.3;

include "circomlib/circuits/bitify.circom";
include "selector.circom";

// @title Transfer
// @notice A deposit or a withdrawal, or none when the amount is 0: what it adds to balances and quote (spec ZS-55).
// @param N  assets of the book
// @input asset  in [0, N]; N is the settlement currency
// @input amount  in [0, 2^144) [1e-9 token], or [1e-18 USD] of the settlement currency
// @input isWithdrawal  1: the account loses amount, 0: it gains it
// @output balanceChange[N]  [1e-9 token] what each balance gains
// @output quoteChange  [1e-18 USD] what quote gains
// @enforces (1) asset <= N  (2) 0 <= amount < 2^144  (3) isWithdrawal is a bit
//           (4) the asset gains or loses amount, and nothing else changes
template Transfer(N) {
    signal input asset;
    signal input amount;
    signal input isWithdrawal;
    signal output balanceChange[N];
    signal output quoteChange;

    signal selected[N + 1] <== Selector(N + 1)(asset); // (1)
    _ <== Num2Bits(144)(amount); // (2)
    isWithdrawal * (isWithdrawal - 1) === 0; // (3)
    signal gained <== (1 - 2 * isWithdrawal) * amount;
    for (var i = 0; i < N; i++) {
        balanceChange[i] <== selected[i] * gained; // (4)
    }
    quoteChange <== selected[N] * gained;
}
