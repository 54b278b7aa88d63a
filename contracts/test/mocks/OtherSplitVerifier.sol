// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @dev What a book or gate asks of a verifier at deployment: the name of a statement, with other numbers of signals.
contract OtherSplitVerifier {
    bytes32 public keyDigest = "another";
    string public statement;
    uint256 public proofInputCount;
    uint256 public roundInputCount;

    constructor(string memory statement_, uint256 proofInputCount_, uint256 roundInputCount_) {
        statement = statement_;
        proofInputCount = proofInputCount_;
        roundInputCount = roundInputCount_;
    }
}
