// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {G2Point, Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {MarginFractions} from "../../src/interfaces/IRiskParameters.sol";
import {OwnerPriceRounds} from "../../src/oracle/OwnerPriceRounds.sol";
import {Deploy} from "./Deploy.sol";

/// @dev One real proof of tools/contract_fixtures.py. `words` has the layout of `Proof`.
struct ProvenClaim {
    uint256 account;
    uint64 roundId;
    bool healthy;
    address recipient;
    Proof proof;
}

/// @dev What is posted, and the round inputs that `margin` and `update` take from it.
struct FixtureRound {
    uint256[] prices;
    int256[] funding;
    uint256[] marginInputs;
    uint256[] updateInputs;
}

/// @title Fixture
/// @notice Reads the real proofs that were made under the development keys of this machine.
abstract contract Fixture is Test {
    string private constant PROOF_TYPE =
        "FixtureProof(uint256 account,uint64 roundId,bool healthy,address recipient,uint256[8] words)";
    string private constant ROUND_TYPE =
        "FixtureRound(uint256[] prices,int256[] funding,uint256[] marginInputs,uint256[] updateInputs)";

    error NoSuchProof(uint256 account, uint64 roundId);

    struct Instance {
        /// The eight fields of MarginFractions, slot by slot.
        uint256[] fractions;
        uint256[] commitments;
        FixtureRound[] rounds;
        ProvenClaim[] proofs;
    }

    /// @param name Of a statement instance, such as "margin-13".
    function readFixture(string memory name) internal view returns (Instance memory instance) {
        string memory json = vm.readFile(string.concat("test/generated/", name, ".json"));
        instance.fractions = vm.parseJsonUintArray(json, ".fractions");
        instance.commitments = vm.parseJsonUintArray(json, ".commitments");
        instance.rounds = parseRounds(json);
        instance.proofs = abi.decode(vm.parseJsonTypeArray(json, ".proofs", PROOF_TYPE), (ProvenClaim[]));
    }

    function parseRounds(string memory json) internal pure returns (FixtureRound[] memory) {
        return abi.decode(vm.parseJsonTypeArray(json, ".rounds", ROUND_TYPE), (FixtureRound[]));
    }

    /// @dev Copies what the compiler does not copy by itself.
    function store(Instance memory from, Instance storage to) internal {
        to.fractions = from.fractions;
        to.commitments = from.commitments;
        for (uint256 i = 0; i < from.rounds.length; ++i) {
            to.rounds.push(from.rounds[i]);
        }
        for (uint256 i = 0; i < from.proofs.length; ++i) {
            to.proofs.push(from.proofs[i]);
        }
    }

    function deployRounds(Instance memory instance) internal returns (OwnerPriceRounds) {
        return Deploy.ownerPriceRounds(address(this), fractionsOf(instance.fractions));
    }

    function fractionsOf(uint256[] memory words) internal pure returns (MarginFractions[] memory fractions) {
        // As the compiler encodes them: each field takes a word.
        bytes memory encoded = abi.encodePacked(uint256(32), words.length / 8, words);
        return abi.decode(encoded, (MarginFractions[]));
    }

    function postRound(OwnerPriceRounds rounds, Instance memory instance, uint256 roundId) internal {
        FixtureRound memory item = instance.rounds[roundId - 1];
        rounds.postRound(item.prices, item.funding);
    }

    /// @dev The public inputs of a proof that are its own.
    function proofInputs(uint256[] memory commitments, ProvenClaim memory claim)
        internal
        pure
        returns (uint256[] memory inputs)
    {
        inputs = new uint256[](3);
        inputs[0] = commitments[claim.account];
        inputs[1] = claim.healthy ? 1 : 0;
        inputs[2] = uint160(claim.recipient);
    }

    /// @dev The proof of an account at a round.
    function find(Instance storage instance, uint256 account, uint64 roundId)
        internal
        view
        returns (ProvenClaim memory)
    {
        for (uint256 i = 0; i < instance.proofs.length; ++i) {
            ProvenClaim storage claim = instance.proofs[i];
            if (claim.account == account && claim.roundId == roundId) return claim;
        }
        revert NoSuchProof(account, roundId);
    }

    /// @dev x = 1 on the curve of G2. The precompile accepts only the subgroup of order r, which this is not in: py_ecc
    ///      says so too.
    function outsideTheSubgroup() internal pure returns (G2Point memory) {
        return G2Point({
            x1: 0,
            x0: 1,
            y1: 5912654199736721486680175016176231956195085055698687135131307249486702594212,
            y0: 18278151005453108793778860132295291098363647455926340152056652516292830556603
        });
    }
}
