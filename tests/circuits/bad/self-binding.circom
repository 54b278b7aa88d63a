pragma circom 2.2.3;

include "circomlib/circuits/poseidon.circom";

// @title SelfBinding
// @notice MISTAKE: the commitment is compared with itself and not with the hash.
// @input commitment  Poseidon(balance)
// @input balance
// @output grown  balance + balance^2
template SelfBinding() {
    signal input commitment;
    signal input balance;
    signal output grown;

    signal opened <== Poseidon(1)([balance]);
    commitment === commitment;
    grown <== balance + balance * balance;
}
