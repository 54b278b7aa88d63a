// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Settlement, StateUpdate} from "../../../src/interfaces/IMarginBook.sol";
import {VectorKind} from "../../../src/interfaces/IPriceRounds.sol";
import {SolvencyClaim} from "../../../src/interfaces/ISolvencyGate.sol";
import {BookGateFixture} from "../../utils/BookGateFixture.sol";
import {CallWords} from "../../utils/CallWords.sol";
import {RoundReader} from "../../utils/RoundReader.sol";

/// @notice Real proofs, with something beside them altered: a word of the call, a bitmap or a vector of the round.
contract MarginBookInputsTest is BookGateFixture, CallWords {
    function setUp() public override {
        super.setUp();
        open("dave");
        open("judy");
        deposit("judy deposits");
        open("karl");
        deposit("karl deposits");
        vm.deal(PAYER, 1 ether);
    }

    // ------------------------------------------------------------------------------------------------ calls

    function test_everyWordOfAnOpeningCounts() public {
        everyWordCounts(PAYER, address(BOOK), BOND, abi.encodeCall(BOOK.open, (openingOf(find(openings, "heidi")))));
    }

    /// @dev Of a token that expresses every amount, so that none is refused before its proof.
    function test_everyWordOfADepositCounts() public {
        everyWordCounts(
            PAYER, address(BOOK), 0, abi.encodeCall(BOOK.deposit, (1, WETH, 2e9 + 1, updateOf(step("weth in"))))
        );
    }

    function test_everyWordOfAWithdrawalCounts() public {
        deposit("weth in");
        StateUpdate memory change = updateOf(step("weth out"));
        everyWordCounts(PAYER, address(BOOK), 0, abi.encodeCall(BOOK.withdraw, (1, WETH, 2e9 + 1, RECIPIENT, change)));
    }

    function test_everyWordOfATradeCounts() public {
        everyWordCounts(PAYER, address(BOOK), 0, abi.encodeCall(BOOK.settle, (1, freshTrade())));
    }

    function test_everyWordOfABatchCounts() public {
        Settlement[] memory deals = new Settlement[](1);
        deals[0] = freshTrade();
        everyWordCounts(PAYER, address(BOOK), 0, abi.encodeCall(BOOK.settleBatch, (1, deals)));
    }

    function test_everyWordOfAFlagCounts() public {
        uint64 second = postBookRound(2);
        Proof memory proof = find(margins, "erin is liquidatable").proof;
        everyWordCounts(PAYER, address(gate), 0, abi.encodeCall(gate.flag, (erin, second, address(0), proof)));
    }

    function test_everyWordOfAProofOfSolvencyCounts() public {
        uint64 second = postBookRound(1);
        Proof memory proof = find(margins, "erin is solvent").proof;
        everyWordCounts(PAYER, address(gate), 0, abi.encodeCall(gate.proveSolvent, (erin, second, address(0), proof)));
        SolvencyClaim[] memory claims = new SolvencyClaim[](1);
        claims[0] = SolvencyClaim(erin, commitmentOf(erin), address(0), proof);
        everyWordCounts(PAYER, address(gate), 0, abi.encodeCall(gate.proveSolventBatch, (second, claims)));
    }

    // ------------------------------------------------------------------------------------------------ bitmaps

    /// @dev The round's word as it is, below, at and above N.
    function test_everyBitOfReduceOnlyIsASignal() public {
        for (uint256 i = 0; i < bits().length; ++i) {
            bytes memory word = abi.encode(1 << bits()[i]);
            vm.mockCall(address(rounds), abi.encodeCall(rounds.reduceOnly, (1)), word);
            nothingActs(1, vm.toString(bits()[i]));
        }
        vm.clearMockedCalls();
        everythingActs(1);
    }

    /// @dev Beside the slots with a token, which are long-only whatever the source says.
    function test_everyBitOfLongOnlyIsInTheRoundsPoint() public {
        uint64 second = postBookRound(1);
        bytes memory question = abi.encodeCall(rounds.longOnly, (second));
        for (uint256 i = 0; i < bits().length; ++i) {
            if (bits()[i] < BTC_PERP) continue;
            vm.mockCall(address(rounds), question, abi.encode(1 << bits()[i]));
            nothingActs(second, vm.toString(bits()[i]));
        }
        vm.mockCall(address(rounds), question, abi.encode(0));
        everythingActs(second);
    }

    function bits() private pure returns (uint8[12] memory) {
        return [0, 1, 2, 3, 4, uint8(SLOTS - 1), uint8(SLOTS), uint8(SLOTS + 1), 31, 63, 64, 255];
    }

    // ------------------------------------------------------------------------------------------------ vectors

    /// @dev Prices and margins of the round, as the statements take them, but in another order.
    function test_aPermutedRoundVectorIsOfAnotherRound() public {
        uint64 second = postBookRound(1);
        bytes memory question =
            abi.encodeCall(rounds.roundInputs, (second, RoundReader.ofUpdate(), RoundReader.UNSCALED));
        uint256[] memory inputs = rounds.roundInputs(second, RoundReader.ofUpdate(), RoundReader.UNSCALED);
        for (uint256 k = 0; k < 6; ++k) {
            vm.mockCall(address(rounds), question, abi.encode(permuted(inputs, k)));
            nothingActs(second, vm.toString(k));
        }
        vm.clearMockedCalls();
        everythingActs(second);
    }

    function test_aPermutedRoundVectorProvesNothingOfAnAccount() public {
        uint256 before = vm.snapshotState();
        Proof memory solvent = find(margins, "erin is solvent").proof;
        SolvencyClaim[] memory claims = new SolvencyClaim[](1);
        claims[0] = SolvencyClaim(erin, commitmentOf(erin), address(0), solvent);
        uint64 second = postBookRound(1);
        provesNothingPermuted(abi.encodeCall(gate.proveSolvent, (erin, second, address(0), solvent)));
        provesNothingPermuted(abi.encodeCall(gate.proveSolventBatch, (second, claims)));
        vm.revertToState(before);
        postBookRound(2);
        Proof memory liquidatable = find(margins, "erin is liquidatable").proof;
        provesNothingPermuted(abi.encodeCall(gate.flag, (erin, second, address(0), liquidatable)));
    }

    function provesNothingPermuted(bytes memory call_) private {
        VectorKind[] memory kinds = RoundReader.one(VectorKind.Maintenance);
        bytes memory question = abi.encodeCall(rounds.roundInputs, (2, kinds, RoundReader.UNSCALED));
        uint256[] memory inputs = rounds.roundInputs(2, kinds, RoundReader.UNSCALED);
        for (uint256 k = 0; k < 5; ++k) {
            vm.mockCall(address(rounds), question, abi.encode(permuted(inputs, k)));
            assertFalse(acts(PAYER, address(gate), 0, call_), vm.toString(k));
        }
        vm.clearMockedCalls();
        assertTrue(acts(PAYER, address(gate), 0, call_));
    }

    /// @param how 0: two slots exchanged in all vectors, 1: in prices alone, 2: all slots moved on by one,
    ///        3: backwards, 4: d and x exchanged, 5: maintenance and initial margin exchanged.
    function permuted(uint256[] memory inputs, uint256 how) private pure returns (uint256[] memory other) {
        uint256 count = inputs.length;
        other = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            other[i] = inputs[sourceOf(i, count, how)];
        }
        assertNotEq(keccak256(abi.encode(other)), keccak256(abi.encode(inputs)));
    }

    function sourceOf(uint256 place, uint256 count, uint256 how) private pure returns (uint256) {
        (uint256 vector, uint256 slot) = (place / SLOTS, place % SLOTS);
        if (how == 0 || (how == 1 && vector == 0)) {
            if (slot == BTC_PERP) ++slot;
            else if (slot == BTC_PERP + 1) --slot;
        }
        if (how == 2) slot = (slot + 1) % SLOTS;
        if (how == 3) return count - 1 - place;
        if (how == 4 && vector != 0) vector = vector % 2 == 1 ? vector + 1 : vector - 1;
        if (how == 5 && vector != 0) vector = vector <= 2 ? vector + 2 : vector - 2;
        return vector * SLOTS + slot;
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function freshTrade() private view returns (Settlement memory) {
        return trade("judy buys", "karl sells");
    }

    function nothingActs(uint64 roundId, string memory what) private {
        bytes[4] memory calls = callsAt(roundId);
        for (uint256 i = 0; i < calls.length; ++i) {
            assertFalse(acts(PAYER, address(BOOK), 0, calls[i]), what);
        }
    }

    function everythingActs(uint64 roundId) private {
        bytes[4] memory calls = callsAt(roundId);
        for (uint256 i = 0; i < calls.length; ++i) {
            assertTrue(acts(PAYER, address(BOOK), 0, calls[i]));
        }
    }

    function callsAt(uint64 roundId) private view returns (bytes[4] memory calls) {
        calls[0] = abi.encodeCall(BOOK.deposit, (roundId, WETH, 2e9 + 1, updateOf(step("weth in"))));
        StateUpdate memory change = updateOf(step("bob withdraws a little"));
        calls[1] = abi.encodeCall(BOOK.withdraw, (roundId, USDC, 1e18, RECIPIENT, change));
        calls[2] = abi.encodeCall(BOOK.settle, (roundId, freshTrade()));
        Settlement[] memory deals = new Settlement[](1);
        deals[0] = freshTrade();
        calls[3] = abi.encodeCall(BOOK.settleBatch, (roundId, deals));
    }
}
