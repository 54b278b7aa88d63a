// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {RegistrarGate} from "../src/gate/RegistrarGate.sol";
import {IGroth16Verifier} from "../src/interfaces/IGroth16Verifier.sol";
import {VectorKind} from "../src/interfaces/IPriceRounds.sol";
import {MarginFractions} from "../src/interfaces/IRiskParameters.sol";
import {OwnerPriceRounds} from "../src/oracle/OwnerPriceRounds.sol";
import {MockVerifier} from "./MockVerifier.sol";
import {PostedRound} from "./SolvencyFixtures.sol";

/// @title SolvencyTest
/// @notice Base of tests of a contract that uses a gate: it deploys a gate in front of a verifier of yours or of a
///         MockVerifier. SolvencyFixtures reads real proofs and their rounds from a file.
abstract contract SolvencyTest is Test {
    uint256 private constant UNSCALED = 1e18;

    /// @notice How old the round of a proof may be.
    uint64 internal constant MAX_PROOF_AGE = 10 minutes;

    /// @notice The price source of the gate; the test posts its rounds.
    OwnerPriceRounds internal rounds;

    /// @notice The gate; the test is its owner and its registrar.
    RegistrarGate internal gate;

    /// @notice Deploys the price source and the gate.
    /// @param fractions Margin fractions of the book.
    /// @param verifier One that `zksolvency contract export` wrote, or a MockVerifier.
    function deployGate(MarginFractions[] memory fractions, IGroth16Verifier verifier) internal {
        rounds = new OwnerPriceRounds(address(this), fractions);
        gate = new RegistrarGate(address(this), address(this), rounds, verifier, MAX_PROOF_AGE, 0);
    }

    /// @notice A verifier that takes no proof seriously.
    /// @param slots Of the book.
    function newMockVerifier(uint256 slots) internal returns (MockVerifier) {
        return new MockVerifier(string.concat("margin-", vm.toString(slots)), 3, 3 * slots);
    }

    /// @notice Posts a round, a minute after the one before.
    /// @return Its id.
    function postRound(PostedRound memory item) internal returns (uint64) {
        skip(1 minutes);
        return rounds.postRound(item.prices, item.funding);
    }

    /// @notice Has a mock take any proof about a commitment at a round.
    /// @param healthy The side of maintenance margin.
    /// @param recipient The address that the proof is bound to.
    function allowMargin(MockVerifier mock, uint64 roundId, uint256 commitment, bool healthy, address recipient)
        internal
    {
        uint256[] memory inputs = new uint256[](3);
        (inputs[0], inputs[1], inputs[2]) = (commitment, healthy ? 1 : 0, uint160(recipient));
        VectorKind[] memory kinds = new VectorKind[](1);
        mock.allow(inputs, rounds.roundInputs(roundId, kinds, UNSCALED));
    }
}
