// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {RegistrarGate} from "../../src/gate/RegistrarGate.sol";
import {SolvencyClaim} from "../../src/interfaces/ISolvencyGate.sol";
import {Deploy} from "./Deploy.sol";
import {ProvenClaim} from "./Fixture.sol";
import {VerifierFixture} from "./VerifierFixture.sol";

/// @title GateFixture
/// @notice A registrar's gate before its first round. Account k of the fixture is named `accountAt(k)`.
abstract contract GateFixture is VerifierFixture {
    uint64 internal constant MAX_PROOF_AGE = 10 minutes;
    uint256 internal constant TIP = 0.01 ether;
    uint256 internal constant START = 1_700_000_000;

    /// @dev Accounts that are healthy at every round.
    uint256 internal constant STRONG_COUNT = 32;

    /// @dev An account that is healthy at round 1 and liquidatable at rounds 2 and 3; its proofs have a recipient.
    uint256 internal constant WEAK = 33;

    /// @dev One that is liquidatable at round 2 and healthy at rounds 1 and 3; its proofs have a recipient.
    uint256 internal constant RECOVERING = 37;

    address internal owner = makeAddr("owner");
    address internal registrar = makeAddr("registrar");
    RegistrarGate internal gate;

    function setUp() public virtual override {
        super.setUp();
        vm.warp(START);
        rounds = deployRounds(margin);
        gate = Deploy.registrarGate(owner, registrar, rounds, verifier, MAX_PROOF_AGE, TIP);
    }

    /// @dev Posts rounds of the fixture, in order and a minute apart, up to one of them.
    function postUpTo(uint64 roundId) internal {
        for (uint64 next = rounds.latestRoundId() + 1; next <= roundId; ++next) {
            skip(1 minutes);
            postRound(rounds, margin, next);
        }
    }

    function accountAt(uint256 index) internal pure returns (uint256) {
        return 0xACC << 148 | index;
    }

    function register(uint256 index) internal {
        vm.prank(registrar);
        gate.register(accountAt(index), margin.commitments[index]);
    }

    function proveSolvent(uint256 index, uint64 roundId) internal {
        ProvenClaim memory claim = claimOf(index, roundId);
        gate.proveSolvent(accountAt(index), roundId, claim.recipient, claim.proof);
    }

    function flag(uint256 index, uint64 roundId) internal {
        ProvenClaim memory claim = claimOf(index, roundId);
        gate.flag(accountAt(index), roundId, claim.recipient, claim.proof);
    }

    function solvencyClaim(uint256 index, uint64 roundId) internal view returns (SolvencyClaim memory) {
        ProvenClaim memory claim = claimOf(index, roundId);
        return SolvencyClaim(accountAt(index), margin.commitments[index], claim.recipient, claim.proof);
    }

    /// @dev Claims of `size` <= 32 healthy accounts at round 2, in the order of `batchOf`.
    function solvencyClaims(uint256 size) internal view returns (SolvencyClaim[] memory claims) {
        claims = new SolvencyClaim[](size);
        for (uint256 k = 0; k < size; ++k) {
            claims[k] = solvencyClaim((k + 1) % STRONG_COUNT, 2);
        }
    }
}
