// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {BookGate} from "../../src/gate/BookGate.sol";
import {IAccountGate, Permission} from "../../src/interfaces/IAccountGate.sol";
import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {Claim} from "../../src/interfaces/IMarginBook.sol";
import {SolvencyClaim} from "../../src/interfaces/ISolvencyGate.sol";
import {Deploy} from "../utils/Deploy.sol";
import {BookRow} from "../utils/MarginBookFixture.sol";
import {RecordedVerifier} from "../utils/RecordedVerifier.sol";
import {MarginBookHandler} from "./MarginBookHandler.sol";

/// @title BookGateHandler
/// @notice As MarginBookHandler, for accounts on the edge of their margin and with a BookGate as the gate of the book: proofs
///         of solvency and flags come in between, for present commitments and for old ones.
contract BookGateHandler is MarginBookHandler {
    BookGate public solvencyGate;

    /// @dev The round of the flag that the book must have; 0 for none. What is proven beside is in `provenAtExpected`.
    mapping(uint256 account => uint64) public flaggedExpected;

    /// @dev Until when a flagged account may top up, on the clock of flags.
    mapping(uint256 account => uint64) private _topsUpUntil;
    uint256 public flags;
    uint256 public solvencyProofs;
    uint256 public cures;

    // ------------------------------------------------------------------------------------------------ actions

    /// @notice Submits a proof about the present commitment of some account, or one at random.
    function proveSolvent(uint256 which, uint256 roundsBack) external {
        submitMargin(which % 8 == 0 ? which / 8 % margins.length : nextMargin(which / 8, true), roundsBack, true);
    }

    function flag(uint256 which, uint256 roundsBack) external {
        submitMargin(which % 8 == 0 ? which / 8 % margins.length : nextMargin(which / 8, false), roundsBack, false);
    }

    /// @notice Goes along the walk to its next cure, which is rare otherwise.
    function walkToACure() external {
        for (uint256 i = 0; i < updates.length; ++i) {
            if (!isCure(updates[i]) || creator[updates[i].inputs[1]] != 0) continue;
            walkTo(i + 1);
            return;
        }
    }

    function proveBatch(uint256 which, uint256 roundsBack) external {
        uint256 index = nextMargin(which, true);
        if (index == NONE) return;
        uint64 like = margins[index].roundId;
        aim(like, roundsBack);
        uint64 roundId = pickRound(like, roundsBack);
        SolvencyClaim[] memory claims = new SolvencyClaim[](4);
        uint256 size = 0;
        for (uint256 i = 0; i < margins.length && size < claims.length; ++i) {
            BookRow memory row = margins[(index + i) % margins.length];
            bool fits = row.roundId == like && row.inputs[1] == 1;
            if (!fits) continue;
            claims[size] = SolvencyClaim(accountOf(row), row.inputs[0], address(0), row.proof);
            ++size;
        }
        assembly ("memory-safe") {
            mstore(claims, size)
        }
        sendClaims(roundId, like, claims);
    }

    // ------------------------------------------------------------------------------------------------ proofs

    function submitMargin(uint256 index, uint256 roundsBack, bool healthy) private {
        if (index == NONE) return;
        BookRow memory row = margins[index];
        aim(row.roundId, roundsBack);
        uint64 roundId = pickRound(row.roundId, roundsBack);
        uint256 account = accountOf(row);
        bool due = isUsable(account, row.inputs[0], roundId) && (row.inputs[1] == 1) == healthy
            && (roundId - 1) % 3 + 1 == row.roundId
            && (healthy || (breaker.level() == Level.Open && roundId == lastRoundId));
        // solhint-disable-next-line avoid-low-level-calls
        (bool success,) = address(solvencyGate)
            .call(
                abi.encodeWithSelector(
                    healthy ? solvencyGate.proveSolvent.selector : solvencyGate.flag.selector,
                    account,
                    roundId,
                    address(0),
                    row.proof
                )
            );
        assertEq(success, due, "a proof acted, or not, against the rules");
        tally(healthy ? "proveSolvent" : "flag", success);
        if (!success) return;
        provenAtExpected[account] = roundId;
        if (healthy) ++solvencyProofs;
        else recordFlag(account, roundId);
    }

    function sendClaims(uint64 roundId, uint64 like, SolvencyClaim[] memory claims) private {
        bool fits = (roundId - 1) % 3 + 1 == like;
        try solvencyGate.proveSolventBatch(roundId, claims) returns (uint256 accepted) {
            assertTrue(fits, "a batch at other prices");
            tally("proveSolventBatch", true);
            for (uint256 k = 0; k < claims.length; ++k) {
                bool due = isUsable(claims[k].account, claims[k].commitment, roundId);
                tally("a proof within a batch", due);
                if (!due) continue;
                provenAtExpected[claims[k].account] = roundId;
                --accepted;
                ++solvencyProofs;
            }
            assertEq(accepted, 0, "the batch accepted others than it should");
        } catch {
            tally("proveSolventBatch", false);
            for (uint256 k = 0; fits && k < claims.length; ++k) {
                assertFalse(isUsable(claims[k].account, claims[k].commitment, roundId), "the batch left one out");
            }
        }
    }

    /// @dev On the walk, every account that is about to be cured was flagged.
    function beforeStep(BookRow storage row) internal override {
        if (!isCure(row)) return;
        for (uint256 i = 0; i < margins.length; ++i) {
            bool fits = margins[i].inputs[0] == row.inputs[0] && margins[i].roundId == row.roundId;
            if (fits) submitMargin(i, 3, false);
        }
    }

    function isCure(BookRow storage row) private view returns (bool) {
        return keccak256(bytes(row.name)) == keccak256("cure");
    }

    // ------------------------------------------------------------------------------------------------ rules

    function recordFlags(uint256 account, Claim claim, uint64 roundId) internal override {
        bool isFlagged = flaggedExpected[account] != 0;
        if (claim == Claim.MeetsInitialMargin && isFlagged) {
            flaggedExpected[account] = 0;
            ++cures;
            tally("a cure", true);
        } else if (claim == Claim.TopsUp && !isFlagged) {
            recordFlag(account, roundId);
            tally("a flag by its own deposit", true);
        } else if (isFlagged) {
            flaggedExpected[account] = roundId;
            tally("a top-up", true);
        }
    }

    function recordFlag(uint256 account, uint64 roundId) private {
        flaggedExpected[account] = roundId;
        _topsUpUntil[account] = breaker.activeTime(Level.NoFlags) + CURE_WINDOW;
        ++flags;
    }

    function ownPermission(uint256 account, uint64) internal view override returns (Permission) {
        if (flaggedExpected[account] == 0) return Permission.Free;
        return breaker.activeTime(Level.NoFlags) <= _topsUpUntil[account] ? Permission.TopUpOnly : Permission.CureOnly;
    }

    /// @notice What an account may do by the record.
    function permissionExpected(uint256 account) external view returns (Permission) {
        return ownPermission(account, lastRoundId);
    }

    function isUsable(uint256 account, uint256 commitment, uint64 roundId) private view returns (bool) {
        return commitment == commitmentExpected[account] && flaggedExpected[account] == 0
            && roundId >= changedAtExpected[account] && roundId > provenAtExpected[account]
            && block.timestamp - rounds.roundTimestamp(roundId) <= MAX_PROOF_AGE;
    }

    /// @dev A proof of one side about the present commitment of some account; `NONE` when there is none.
    function nextMargin(uint256 start, bool healthy) private view returns (uint256) {
        for (uint256 i = 0; i < margins.length; ++i) {
            uint256 index = (start % margins.length + i) % margins.length;
            BookRow storage row = margins[index];
            bool isPresent = commitmentExpected[openings[row.account].inputs[1]] == row.inputs[0];
            if (isPresent && (row.inputs[1] == 1) == healthy) return index;
        }
        return NONE;
    }

    function unopened() internal pure override returns (uint256) {
        return 2;
    }

    function fixtureName() internal pure override returns (string memory) {
        return "book-gate";
    }

    function deployFirstGate() internal override {
        RecordedVerifier verifier = new RecordedVerifier(Deploy.verifier("Margin13Verifier"));
        for (uint64 like = 1; like <= instance.rounds.length; ++like) {
            record(verifier, margins, like, instance.rounds[like - 1].marginInputs);
        }
        solvencyGate = Deploy.bookGate(BOOK, breaker, rounds, verifier, MAX_PROOF_AGE);
    }

    function firstGate() internal view override returns (IAccountGate) {
        return solvencyGate;
    }
}
