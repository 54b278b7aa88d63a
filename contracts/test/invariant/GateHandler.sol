// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {SolvencyClaim} from "../../src/interfaces/ISolvencyGate.sol";
import {OwnerPriceRounds} from "../../src/OwnerPriceRounds.sol";
import {RegistrarGate} from "../../src/RegistrarGate.sol";
import {ProvenClaim} from "../utils/Fixture.sol";
import {GateFixture} from "../utils/GateFixture.sol";

/// @title GateHandler
/// @notice Does to a gate whatever anybody may do, with the real proofs of the fixture, and keeps its own record of what
///         must come of it. Rounds repeat the prices of the fixture's, so that a proof fits every third round.
/// @dev Calls that the rules forbid are made too: they must fail, or the record goes out of step.
contract GateHandler is GateFixture {
    uint256 public constant ACCOUNTS = 6;
    uint256 private constant WEAK_COUNT = 8;
    uint256 private constant COMMITMENTS = STRONG_COUNT + WEAK_COUNT;

    struct Expected {
        uint256 commitment;
        uint64 changedAtRound;
        uint64 solventAtRound;
        uint64 flaggedAtRound;
    }

    mapping(uint256 account => Expected) public expected;
    mapping(uint64 roundId => bytes32) public roundDigests;
    uint64 public lastRoundId;
    uint256 public funded;
    uint256 public withdrawn;
    uint256 public paid;
    uint256 public flags;
    uint256 public solvencyProofs;

    constructor() {
        setUp();
    }

    function postRound(uint256 seconds_) external {
        skip(bound(seconds_, 1, 3 minutes));
        postRound(rounds, margin, lastRoundId % 3 + 1);
        ++lastRoundId;
        roundDigests[lastRoundId] = digest(lastRoundId);
    }

    function register(uint256 who, uint256 which, uint8 caller) external {
        setCommitment(who, which, caller % 4 != 0, false);
    }

    function resolve(uint256 who, uint256 which, uint8 caller) external {
        setCommitment(who, which, caller % 4 != 0, true);
    }

    function proveSolvent(uint256 who, uint256 roundsBack, bool other) external {
        (uint256 account, ProvenClaim memory claim, uint64 roundId) = pick(who, roundsBack);
        if (claim.account == type(uint256).max) return;
        if (other) claim.proof = rerandomised(claim.proof);
        bool due = isUsable(account, roundId) && claim.healthy;
        try gate.proveSolvent(account, roundId, claim.recipient, claim.proof) {
            assertTrue(due, "a proof of solvency acted that must not");
            expected[account].solventAtRound = roundId;
            ++solvencyProofs;
        } catch {
            assertFalse(due, "a proof of solvency did not act");
        }
    }

    function flag(uint256 who, uint256 roundsBack, bool other) external {
        // Half of the tries are at the last round at which weak accounts are liquidatable.
        if (roundsBack % 2 == 0) roundsBack = (lastRoundId + 1) % 3;
        (uint256 account, ProvenClaim memory claim, uint64 roundId) = pick(who, roundsBack);
        if (claim.account == type(uint256).max) return;
        if (other) claim.proof = rerandomised(claim.proof);
        bool due = isUsable(account, roundId) && !claim.healthy;
        uint256 before = address(gate).balance;
        try gate.flag(account, roundId, claim.recipient, claim.proof) {
            assertTrue(due, "a flag acted that must not");
            expected[account].flaggedAtRound = roundId;
            ++flags;
            uint256 spent = before - address(gate).balance;
            assertLe(spent, TIP);
            paid += spent;
        } catch {
            assertFalse(due, "a flag did not act");
        }
    }

    function proveBatch(uint256 roundsBack) external {
        SolvencyClaim[] memory claims = new SolvencyClaim[](ACCOUNTS);
        uint64 roundId;
        uint256 size = 0;
        for (uint256 who = 0; who < ACCOUNTS; ++who) {
            uint256 account;
            ProvenClaim memory claim;
            (account, claim, roundId) = pick(who, roundsBack);
            if (claim.account == type(uint256).max || !claim.healthy) continue;
            claims[size] = SolvencyClaim(account, expected[account].commitment, claim.recipient, claim.proof);
            ++size;
        }
        if (size == 0) return;
        assembly ("memory-safe") {
            mstore(claims, size)
        }
        try gate.proveSolventBatch(roundId, claims) returns (uint256 accepted) {
            for (uint256 k = 0; k < size; ++k) {
                if (!isUsable(claims[k].account, roundId)) continue;
                expected[claims[k].account].solventAtRound = roundId;
                --accepted;
                ++solvencyProofs;
            }
            assertEq(accepted, 0, "the batch accepted others than it should");
        } catch {
            for (uint256 k = 0; k < size; ++k) {
                assertFalse(isUsable(claims[k].account, roundId), "the batch left somebody out");
            }
        }
    }

    function fundTips(uint256 amount) external {
        amount = bound(amount, 0, 2 * TIP);
        deal(address(this), amount);
        gate.fundTips{value: amount}();
        funded += amount;
    }

    function withdrawTips(uint256 amount, bool asOwner) external {
        amount = bound(amount, 0, 2 * TIP);
        bool due = asOwner && amount <= gate.tipPot();
        vm.prank(asOwner ? owner : registrar);
        try gate.withdrawTips(payable(owner), amount) {
            assertTrue(due, "a withdrawal against the rules");
            withdrawn += amount;
        } catch {
            assertFalse(due, "the owner could not withdraw");
        }
    }

    function prepareRound(uint256 roundsBack) external {
        if (lastRoundId != 0) gate.prepareRound(roundAt(roundsBack));
    }

    function gateUnderTest() external view returns (RegistrarGate) {
        return gate;
    }

    function roundsUnderTest() external view returns (OwnerPriceRounds) {
        return rounds;
    }

    function accountNumber(uint256 index) external pure returns (uint256) {
        return accountAt(index);
    }

    function digest(uint64 roundId) public view returns (bytes32) {
        return keccak256(abi.encode(rounds.round(roundId), roundInputs(roundId)));
    }

    function setCommitment(uint256 who, uint256 which, bool asRegistrar, bool resolving) private {
        uint256 account = accountAt(who % ACCOUNTS);
        // Most commitments are those of weak accounts, which have both kinds of proof.
        which = which % 4 == 0 ? which / 4 % COMMITMENTS : STRONG_COUNT + which / 4 % WEAK_COUNT;
        uint256 commitment = margin.commitments[which];
        Expected storage state = expected[account];
        bool due = asRegistrar && (state.flaggedAtRound != 0) == resolving && gate.accountOf(commitment) == 0;
        vm.prank(asRegistrar ? registrar : owner);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success,) = address(gate)
            .call(
                abi.encodeWithSelector(resolving ? gate.resolve.selector : gate.register.selector, account, commitment)
            );
        assertEq(success, due, "a commitment was set, or not, against the rules");
        if (due) expected[account] = Expected(commitment, lastRoundId, 0, 0);
    }

    /// @return account One of the accounts.
    /// @return claim The proof about its commitment at a recent round; without account when there is none.
    /// @return roundId That round.
    function pick(uint256 who, uint256 roundsBack)
        private
        view
        returns (uint256 account, ProvenClaim memory claim, uint64 roundId)
    {
        account = accountAt(who % ACCOUNTS);
        claim.account = type(uint256).max;
        if (lastRoundId == 0) return (account, claim, 0);
        roundId = roundAt(roundsBack);
        uint64 fixtureRound = (roundId - 1) % 3 + 1;
        for (uint256 i = 0; i < margin.proofs.length; ++i) {
            ProvenClaim storage item = margin.proofs[i];
            bool fits = margin.commitments[item.account] == expected[account].commitment;
            if (fits && item.roundId == fixtureRound) return (account, item, roundId);
        }
    }

    function roundAt(uint256 roundsBack) private view returns (uint64) {
        uint64 back = uint64(roundsBack % 5);
        return back < lastRoundId ? lastRoundId - back : lastRoundId;
    }

    function isUsable(uint256 account, uint64 roundId) private view returns (bool) {
        Expected storage state = expected[account];
        return state.commitment != 0 && state.flaggedAtRound == 0 && roundId >= state.changedAtRound
            && roundId > state.solventAtRound && block.timestamp - rounds.roundTimestamp(roundId) <= MAX_PROOF_AGE;
    }
}
