// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Vm} from "forge-std/Vm.sol";

import {Proof} from "../src/interfaces/IGroth16Verifier.sol";
import {MarginFractions} from "../src/interfaces/IRiskParameters.sol";

/// @notice A proof of `margin`, with what it claims.
struct ProvenMargin {
    /// The commitment that it is about.
    uint256 commitment;
    /// The round that it was made for: its place in the fixture, from 1.
    uint64 roundId;
    /// True for a proof of solvency, false for one that the account is below maintenance margin.
    bool healthy;
    /// The address that it is bound to; zero for none.
    address recipient;
    /// The proof.
    Proof proof;
}

/// @notice What an OwnerPriceRounds takes for one round.
struct PostedRound {
    /// Mark prices [1e-9 USD], one a slot.
    uint256[] prices;
    /// Cumulative funding per unit [1e-9 USD], one a slot.
    int256[] funding;
}

/// @notice What `zksolvency contract fixture` writes.
struct SolvencyFixture {
    /// Of each slot of the book.
    MarginFractions[] fractions;
    /// In the order of their ids.
    PostedRound[] rounds;
    /// Real proofs.
    ProvenMargin[] proofs;
}

/// @title SolvencyFixtures
/// @notice Reads what `zksolvency contract fixture` wrote: real proofs, and the rounds that they were made for.
library SolvencyFixtures {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    string private constant PROOF_TYPE =
        "FixtureProof(uint256 commitment,uint64 roundId,bool healthy,address recipient,uint256[8] words)";
    string private constant ROUND_TYPE = "FixtureRound(uint256[] prices,int256[] funding)";

    uint256 private constant FRACTION_FIELDS = 8;
    uint256 private constant WORD = 32;

    /// @param path Of the file, below the project; `fs_permissions` of foundry.toml must let it be read.
    function read(string memory path) internal view returns (SolvencyFixture memory fixture) {
        string memory json = VM.readFile(path);
        // as the compiler encodes an array of structs: each field takes a word
        uint256[] memory words = VM.parseJsonUintArray(json, ".fractions");
        bytes memory encoded = abi.encodePacked(WORD, words.length / FRACTION_FIELDS, words);
        fixture.fractions = abi.decode(encoded, (MarginFractions[]));
        fixture.rounds = abi.decode(VM.parseJsonTypeArray(json, ".rounds", ROUND_TYPE), (PostedRound[]));
        fixture.proofs = abi.decode(VM.parseJsonTypeArray(json, ".proofs", PROOF_TYPE), (ProvenMargin[]));
    }
}
