pragma circom 2.2.3;

include "circomlib/circuits/poseidon.circom";

// @title PoseidonChain
// @notice Knowledge of where a chain of hashes began. Every wire is a full-size field element, unlike in a statement
//         of the project, where most are bits: no prover can save work on small numbers.
// @param LENGTH  hashes in the chain
// @input start  where it begins
// @input salt  (public) goes into every hash
// @output end  where it ends
template PoseidonChain(LENGTH) {
    signal input start;
    signal input salt;
    signal output end;

    signal link[LENGTH + 1];
    link[0] <== start;
    for (var i = 0; i < LENGTH; i++) {
        link[i + 1] <== Poseidon(2)([link[i], salt]);
    }
    end <== link[LENGTH];
}
