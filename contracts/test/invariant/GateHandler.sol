// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {RegistrarGate} from "../../src/gate/RegistrarGate.sol";
import {IGroth16Verifier, Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {SolvencyClaim} from "../../src/interfaces/ISolvencyGate.sol";
import {OwnerPriceRounds} from "../../src/oracle/OwnerPriceRounds.sol";
import {ProvenClaim} from "../utils/Fixture.sol";
import {GateFixture} from "../utils/GateFixture.sol";
import {RecordedVerifier} from "../utils/RecordedVerifier.sol";
import {Tally} from "./Tally.sol";

/// @title GateHandler
/// @notice Calls every entry of a gate with the real proofs of the fixture, and keeps its own record of what must come
///         of it. Rounds repeat the prices of the fixture's, so that a proof fits every third round.
/// @dev Calls that the rules forbid are made too: they must fail, or the record goes out of step.
contract GateHandler is GateFixture, Tally {
    uint256 public constant ACCOUNTS = 6;
    uint256 private constant WEAK_COUNT = 8;

    /// @dev Rounds back from the newest at which proofs are brought.
    uint256 private constant RECENT = 5;
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

    /// @dev One more than its place among the proofs of the fixture; 0 for none.
    mapping(uint256 commitment => mapping(uint64 fixtureRound => uint256)) private _proofAt;

    constructor() {
        setUp();
        for (uint256 i = 0; i < margin.proofs.length; ++i) {
            ProvenClaim storage item = margin.proofs[i];
            _proofAt[margin.commitments[item.account]][item.roundId] = i + 1;
        }
        for (uint256 who = 0; who < ACCOUNTS - 2; ++who) {
            setCommitment(who, 4 * who + 1, true, false);
        }
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
        (uint256 account, ProvenClaim memory claim, uint64 roundId) = pick(who, roundsBack, true);
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
        tally("proveSolvent", due);
    }

    function flag(uint256 who, uint256 roundsBack, bool other) external {
        (uint256 account, ProvenClaim memory claim, uint64 roundId) = pick(who, roundsBack, false);
        if (claim.account == type(uint256).max) return;
        if (other) claim.proof = rerandomised(claim.proof);
        bool due = isUsable(account, roundId) && !claim.healthy && roundId == lastRoundId;
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
        tally("flag", due);
    }

    function proveBatch(uint256 roundsBack) external {
        SolvencyClaim[] memory claims = new SolvencyClaim[](ACCOUNTS);
        (,, uint64 roundId) = pick(0, roundsBack, true);
        uint256 size = 0;
        for (uint256 who = 0; who < ACCOUNTS; ++who) {
            uint256 account = accountAt(who);
            ProvenClaim memory claim = claimAt(account, roundId);
            if (claim.account == type(uint256).max || !claim.healthy) continue;
            claims[size] = SolvencyClaim(account, expected[account].commitment, claim.recipient, claim.proof);
            ++size;
        }
        if (size == 0) return;
        assembly ("memory-safe") {
            mstore(claims, size)
        }
        try gate.proveSolventBatch(roundId, claims) returns (uint256 accepted) {
            tally("proveSolventBatch", true);
            for (uint256 k = 0; k < size; ++k) {
                bool due = isUsable(claims[k].account, roundId);
                tally("a proof within a batch", due);
                if (!due) continue;
                expected[claims[k].account].solventAtRound = roundId;
                --accepted;
                ++solvencyProofs;
            }
            assertEq(accepted, 0, "the batch accepted others than it should");
        } catch {
            tally("proveSolventBatch", false);
            for (uint256 k = 0; k < size; ++k) {
                assertFalse(isUsable(claims[k].account, roundId), "the batch left one out");
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
        tally("withdrawTips", due);
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
        // Three of four times it is one that is flagged, or not, as it must be, if there is one.
        for (uint256 i = 1; i < ACCOUNTS && which % 4 != 0; ++i) {
            if ((expected[account].flaggedAtRound != 0) == resolving) break;
            account = accountAt((who % ACCOUNTS + i) % ACCOUNTS);
        }
        // Most commitments are those of weak accounts, which have both kinds of proof, until these are used up.
        uint256 first = which % 4 == 0 ? which / 4 % COMMITMENTS : STRONG_COUNT + which / 4 % WEAK_COUNT;
        uint256 commitment = margin.commitments[first];
        for (uint256 i = 1; i < COMMITMENTS && which % 4 != 0 && gate.accountOf(commitment) != 0; ++i) {
            commitment = margin.commitments[(first + i) % COMMITMENTS];
        }
        Expected storage state = expected[account];
        bool due = asRegistrar && (state.flaggedAtRound != 0) == resolving && gate.accountOf(commitment) == 0;
        vm.prank(asRegistrar ? registrar : owner);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success,) = address(gate)
            .call(
                abi.encodeWithSelector(resolving ? gate.resolve.selector : gate.register.selector, account, commitment)
            );
        assertEq(success, due, "a commitment was set, or not, against the rules");
        tally(resolving ? "resolve" : "register", due);
        if (due) expected[account] = Expected(commitment, lastRoundId, 0, 0);
    }

    /// @dev Three of four times one that must act, at the given round or another recent one, if there is any.
    /// @return account One of the accounts.
    /// @return claim The proof about its commitment at a recent round; without account when there is none.
    /// @return roundId That round.
    function pick(uint256 who, uint256 roundsBack, bool healthy)
        private
        view
        returns (uint256 account, ProvenClaim memory claim, uint64 roundId)
    {
        for (uint256 i = 0; i < ACCOUNTS * RECENT && who % 4 != 0 && lastRoundId != 0; ++i) {
            account = accountAt((who % ACCOUNTS + i) % ACCOUNTS);
            roundId = roundAt(roundsBack % RECENT + i / ACCOUNTS);
            if (!isUsable(account, roundId) || (!healthy && roundId != lastRoundId)) continue;
            claim = claimAt(account, roundId);
            if (claim.account != type(uint256).max && claim.healthy == healthy) return (account, claim, roundId);
        }
        account = accountAt(who % ACCOUNTS);
        roundId = lastRoundId == 0 ? 0 : roundAt(roundsBack);
        claim = claimAt(account, roundId);
    }

    /// @dev Every proof of the fixture and its re-randomised other are recorded, so that only what the verifier refuses costs a
    ///      pairing.
    function deployVerifier() internal override returns (IGroth16Verifier) {
        RecordedVerifier recorded = new RecordedVerifier(super.deployVerifier());
        for (uint64 like = 1; like <= margin.rounds.length; ++like) {
            record(recorded, like);
        }
        return recorded;
    }

    function record(RecordedVerifier recorded, uint64 like) private {
        Proof[] memory proofs = new Proof[](2 * margin.proofs.length);
        uint256[] memory inputs = new uint256[](6 * margin.proofs.length);
        uint256 size = 0;
        for (uint256 i = 0; i < margin.proofs.length; ++i) {
            ProvenClaim memory claim = margin.proofs[i];
            if (claim.roundId != like) continue;
            uint256[] memory own = inputsOf(claim);
            (proofs[size], proofs[size + 1]) = (claim.proof, rerandomised(claim.proof));
            for (uint256 k = 0; k < 6; ++k) {
                inputs[3 * size + k] = own[k % 3];
            }
            size += 2;
        }
        assembly ("memory-safe") {
            mstore(proofs, size)
            mstore(inputs, mul(size, 3))
        }
        recorded.record(proofs, inputs, margin.rounds[like - 1].marginInputs);
    }

    /// @dev The proof about the commitment of an account at a round; without account when there is none.
    function claimAt(uint256 account, uint64 roundId) private view returns (ProvenClaim memory claim) {
        uint256 place = roundId == 0 ? 0 : _proofAt[expected[account].commitment][(roundId - 1) % 3 + 1];
        if (place != 0) return margin.proofs[place - 1];
        claim.account = type(uint256).max;
    }

    function roundAt(uint256 roundsBack) private view returns (uint64) {
        uint64 back = uint64(roundsBack % RECENT);
        return back < lastRoundId ? lastRoundId - back : lastRoundId;
    }

    function isUsable(uint256 account, uint64 roundId) private view returns (bool) {
        Expected storage state = expected[account];
        return state.commitment != 0 && state.flaggedAtRound == 0 && roundId >= state.changedAtRound
            && roundId > state.solventAtRound && block.timestamp - rounds.roundTimestamp(roundId) <= MAX_PROOF_AGE;
    }
}
