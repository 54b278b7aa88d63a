// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../../src/interfaces/IAccountLife.sol";
import {Permission} from "../../../src/interfaces/IAccountGate.sol";
import {Level, ICircuitBreaker} from "../../../src/interfaces/ICircuitBreaker.sol";
import {BookAccount, Ground} from "../../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {ILiquidationEngine, Takeover} from "../../../src/interfaces/ILiquidationEngine.sol";
import {Claim, IMarginBook} from "../../../src/interfaces/IMarginBook.sol";
import {IPriceRounds} from "../../../src/interfaces/IPriceRounds.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {LiquidationFixture} from "../../utils/LiquidationFixture.sol";

/// @notice Takeovers (spec ZS-87) and their clocks (ZS-88): who, when, at which rates, and what is left.
contract TakeOverTest is LiquidationFixture {
    Ground private constant MARGIN = Ground.Maintenance;

    function test_aPartOfAnAccountGoesToATaker() public {
        flag(VICTIM, MARGIN);
        advance(CURE_WINDOW);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        takeover.rate = 1000;
        proveTakeover(takeover, false);
        vm.expectEmit(address(engine));
        emit ILiquidationEngine.TakenOver(VICTIM, BUYER, MARGIN, takeover.ticket, 2, 1000, 0, false);
        engine.takeOver(takeover);
        assertTaken(takeover);
        BookAccount memory victim = BOOK.accountState(VICTIM);
        assertEq(victim.maintenanceFlaggedAt, 60, "the flag keeps its time");
        assertEq(victim.provenAtRound, 2);
        assertEq(BOOK.accountState(BUYER).provenAtRound, 2);
    }

    function test_aCuredAccountLosesThatFlagAlone() public {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            flag(VICTIM, Ground.Maintenance);
            flag(VICTIM, Ground.Overdraft);
            advance(CURE_WINDOW);
            Takeover memory takeover = takeoverOf(VICTIM, BUYER, Ground(i));
            takeover.isCured = true;
            proveTakeover(takeover, false);
            engine.takeOver(takeover);
            assertTaken(takeover);
            assertEq(flaggedAt(VICTIM, Ground(i)), 0);
            assertEq(flaggedAt(VICTIM, Ground(1 - i)), 60);
            vm.revertToState(before);
        }
    }

    /// @dev It may be below maintenance margin, and must not look proven.
    function test_nothingIsKnownOfTheMarginOfAnOverdraftsVictim() public {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            flag(VICTIM, Ground.Overdraft);
            advance(CURE_WINDOW);
            Takeover memory takeover = takeoverOf(VICTIM, BUYER, Ground.Overdraft);
            takeover.isCured = i == 1;
            proveTakeover(takeover, false);
            engine.takeOver(takeover);
            assertEq(BOOK.accountState(VICTIM).provenAtRound, 0);
            assertEq(BOOK.accountState(VICTIM).changedAtRound, 2);
            vm.revertToState(before);
        }
    }

    function test_aReservedPartIsForItsBuyer() public {
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        takeover.isReserved = true;
        proveTakeover(takeover, false);
        Takeover memory robbed = takeover;
        uint256 before = vm.snapshotState();
        engine.takeOver(takeover);
        vm.revertToState(before);
        robbed.isReserved = false;
        refused(robbed, IGroth16Verifier.ProofDoesNotVerify.selector);
        robbed.isReserved = true;
        robbed.buyer = changeOf(OTHER);
        updateMock.allow(purchaseInputs(robbed), roundInputs(1));
        refused(robbed, IGroth16Verifier.ProofDoesNotVerify.selector);
    }

    /// @dev Each rule by itself, in the order in which it is cheap.
    function test_whoMayNotTakeOver() public {
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        proveTakeover(takeover, false);
        refused(takeover, IMarginBook.NotFlagged.selector);
        flag(VICTIM, Ground.Overdraft);
        refused(takeover, IMarginBook.NotFlagged.selector);
        flag(VICTIM, MARGIN);

        takeover.ticket = 0;
        refused(takeover, IMarginBook.ZeroTicket.selector);
        takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        takeover.victim.oldCommitment = 1;
        refused(takeover, IMarginBook.CommitmentNotCurrent.selector);
        takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        takeover.buyer.oldCommitment = 1;
        refused(takeover, IMarginBook.CommitmentNotCurrent.selector);
        takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        (takeover.victim.account, takeover.victim.oldCommitment) = (7, 0);
        refused(takeover, IMarginBook.AccountNotOpen.selector);
        takeover = takeoverOf(VICTIM, VICTIM, MARGIN);
        refused(takeover, IMarginBook.SameAccount.selector);
    }

    function test_aFlaggedBuyerIsRefused() public {
        flag(VICTIM, MARGIN);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            flag(BUYER, Ground(i));
            Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
            proveTakeover(takeover, false);
            refused(takeover, IMarginBook.NotPermitted.selector);
            vm.revertToState(before);
        }
    }

    /// @dev The gate may keep an account from new risk, although it has no flag.
    function test_aBuyerThatIsNotFreeIsRefused() public {
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        proveTakeover(takeover, false);
        uint256 before = vm.snapshotState();
        for (uint256 i = 1; i <= uint256(type(Permission).max); ++i) {
            vm.mockCall(address(BOOK), abi.encodeCall(BOOK.permissionOf, (BUYER)), abi.encode(Permission(i)));
            refused(takeover, IMarginBook.NotPermitted.selector);
            vm.clearMockedCalls();
            vm.revertToState(before);
        }
        engine.takeOver(takeover);
    }

    function test_noTakeoverWhileFlagsAreStopped() public {
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        proveTakeover(takeover, false);
        raiseTo(Level.NoFlags);
        vm.expectRevert(abi.encodeWithSelector(ICircuitBreaker.Stopped.selector, Level.NoFlags));
        engine.takeOver(takeover);
    }

    /// @dev A wick is over: what was below its margin then may be sound now.
    function test_noTakeoverAtARoundThatIsSupersededOrTooOld() public {
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        proveTakeover(takeover, false);
        uint256 before = vm.snapshotState();
        postBookRound(1);
        refused(takeover, IProofErrors.RoundSuperseded.selector);
        vm.revertToState(before);
        skip(MAX_PROOF_AGE);
        engine.takeOver(takeover);
        vm.revertToState(before);
        skip(MAX_PROOF_AGE + 1);
        refused(takeover, IProofErrors.RoundTooOld.selector);
    }

    /// @dev Spec ZS-100: an overdrawn account could buy a part of another one of its owner before each flag.
    function test_aTakerShowsInitialMargin() public {
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        releaseMock.allow(releaseInputs(takeover), releaseRoundInputs(latest(), MARGIN, false));
        uint256[] memory inputs = purchaseInputs(takeover);
        for (uint256 claim = 0; claim < 4; ++claim) {
            inputs[7] = claim;
            if (claim != uint256(Claim.MeetsInitialMargin)) updateMock.allow(inputs, roundInputs(latest()));
        }
        refused(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
        proveTakeover(takeover, false);
        engine.takeOver(takeover);
    }

    /// @dev An old state sealed again under its old rho would bring an old commitment back.
    function test_noReaderChoosesTheRhoOfTheVictim() public {
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        assertEq(engine.releaseRho(takeover.victim.oldCommitment, takeover.ticket), takeover.victim.rho);
        takeover.victim.rho = 5;
        proveTakeover(takeover, false);
        refused(takeover, IProofErrors.WrongRho.selector);
    }

    /// @dev What is stale cannot be sold, and the taker's proof is held to that bitmap, not to that of a trade.
    function test_staleSlotsAreNotSold() public {
        flag(VICTIM, MARGIN);
        flag(VICTIM, Ground.Overdraft);
        vm.mockCall(address(rounds), abi.encodeCall(IPriceRounds.staleSlots, (1)), abi.encode(uint256(1 << 5 | 1)));
        vm.mockCall(address(rounds), abi.encodeCall(IPriceRounds.reduceOnly, (1)), abi.encode(uint256(1 << 6)));
        for (uint256 i = 0; i < 2; ++i) {
            Takeover memory takeover = takeoverOf(VICTIM, BUYER, Ground(i));
            proveTakeover(takeover, false); // with the slots that are left: as releaseRoundInputs says
            assertEq(releaseRoundInputs(1, Ground(i), false)[39], i == 0 ? 8191 - 33 : 6);
            assertEq(purchaseInputs(takeover)[15], 33);
            engine.takeOver(takeover);
        }
    }

    /// @dev A debt that nothing covers ends the proofs at the prices from before it, of either side.
    function test_spotIsPricedAsTheLedgerSays() public {
        engine.prepareRound(1, Ground.Maintenance);
        engine.prepareRound(1, Ground.Overdraft);
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        proveTakeover(takeover, false);
        uint256 before = vm.snapshotState();
        scaleTo(1.001e18, 1);
        refused(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
        flag(OTHER, Ground.Overdraft, IGroth16Verifier.ProofDoesNotVerify.selector);
        vm.clearMockedCalls();
        vm.revertToState(before);
        engine.takeOver(takeover);
    }

    function test_wrongCiphertextLengths() public {
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        takeover.victim.ciphertext = new uint256[](ELEMENTS + 1);
        refused(takeover, IProofErrors.WrongCiphertextLength.selector);
        takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        takeover.buyer.ciphertext = new uint256[](ELEMENTS - 1);
        refused(takeover, IProofErrors.WrongCiphertextLength.selector);
    }

    function test_anotherEpochIsRefused() public {
        flag(VICTIM, MARGIN);
        for (uint256 i = 0; i < 2; ++i) {
            Takeover memory takeover = takeoverOf(VICTIM, BUYER, Ground(i));
            if (i == 1) flag(VICTIM, Ground.Overdraft);
            proveTakeover(takeover, false);
            uint256 before = vm.snapshotState();
            vm.mockCall(address(rounds), abi.encodeCall(IPriceRounds.epochOf, (1)), abi.encode(uint32(1)));
            refused(takeover, IProofErrors.OtherEpoch.selector);
            vm.clearMockedCalls();
            vm.revertToState(before);
        }
    }

    /// @dev For an overdraft the book is told no round of the victim, and does not ask: the engine does.
    function test_aVictimOfAnotherEpochIsRefusedOnEachGround() public {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 before = vm.snapshotState();
            flag(VICTIM, Ground(i));
            StateChange memory change = changeOf(VICTIM);
            other.replaceState(VICTIM, change.oldCommitment, change.newCommitment, 0, 1, change.rho, change.ciphertext);
            Takeover memory takeover = takeoverOf(VICTIM, BUYER, Ground(i));
            proveTakeover(takeover, false);
            refused(takeover, IProofErrors.OtherEpoch.selector);
            vm.revertToState(before);
        }
    }

    function test_aBuyerOfAnotherEpochIsRefused() public {
        flag(VICTIM, MARGIN);
        StateChange memory change = changeOf(BUYER);
        other.replaceState(BUYER, change.oldCommitment, change.newCommitment, 0, 1, change.rho, change.ciphertext);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        proveTakeover(takeover, false);
        refused(takeover, IProofErrors.OtherEpoch.selector);
    }

    // ------------------------------------------------------------------------------------------------ clocks

    function test_theOwnerReleasesAtRateZeroAtAnyTime() public {
        flag(VICTIM, MARGIN);
        uint256[3] memory times = [uint256(0), CURE_WINDOW, LIFETIME];
        for (uint256 i = 0; i < times.length; ++i) {
            uint256 before = vm.snapshotState();
            advance(times[i]);
            Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
            proveTakeover(takeover, false);
            engine.takeOver(takeover);
            vm.revertToState(before);
        }
    }

    function test_noTakeoverOfAnExpiredFlag() public {
        flag(VICTIM, MARGIN);
        advance(LIFETIME + 1);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        proveTakeover(takeover, false);
        refused(takeover, ILiquidationEngine.FlagExpired.selector);
        flag(VICTIM, MARGIN);
        engine.takeOver(takeover);
    }

    function test_takersWaitForTheCureWindow() public {
        flag(VICTIM, MARGIN);
        skip(CURE_WINDOW - 1);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        (takeover.rate, takeover.uncoveredRate) = (1, 0);
        proveTakeover(takeover, false);
        proveTakeover(takeover, true);
        refused(takeover, ILiquidationEngine.InCureWindow.selector);
        (takeover.rate, takeover.uncoveredRate) = (0, 1);
        refused(takeover, ILiquidationEngine.InCureWindow.selector);
        (takeover.rate, takeover.uncoveredRate) = (9999, 1);
        refused(takeover, ILiquidationEngine.InCureWindow.selector);
        skip(1);
        (takeover.rate, takeover.uncoveredRate) = (1, 0);
        engine.takeOver(takeover);
    }

    function test_noRateBeforeItsTime() public {
        flag(VICTIM, MARGIN);
        flag(VICTIM, Ground.Overdraft);
        // Elapsed, then what is reached at maintenance and overdraft: covered and uncovered each.
        uint256[5][7] memory points = [
            [uint256(60), 1000, 500, 50, 500],
            [uint256(61), 1013, 508, 50, 500],
            [uint256(135), 2000, 1125, 106, 500],
            [uint256(299), 4186, 2491, 229, 500],
            [uint256(300), 4200, 2500, 230, 500],
            [uint256(360), 5000, 2500, 275, 500],
            [uint256(660), 5000, 2500, 500, 500]
        ];
        for (uint256 i = 0; i < points.length; ++i) {
            uint256 before = vm.snapshotState();
            advance(points[i][0]);
            for (uint256 k = 0; k < 2; ++k) {
                atTheEdge(Ground(k), points[i][2 * k + 1], points[i][2 * k + 2]);
            }
            vm.revertToState(before);
        }
    }

    function test_whatIsReachedEachSecond() public view {
        (uint256 rate, uint256 uncoveredRate) = engine.ratesAt(MARGIN, 0);
        assertEq(rate, 0);
        assertEq(uncoveredRate, 0);
        (rate, uncoveredRate) = engine.ratesAt(MARGIN, 59);
        assertEq(rate, 0);
        assertEq(uncoveredRate, 491);
        (rate, uncoveredRate) = engine.ratesAt(Ground.Overdraft, 61);
        assertEq(rate, 50);
        assertEq(uncoveredRate, 500);
        (rate, uncoveredRate) = engine.ratesAt(Ground.Overdraft, type(uint64).max);
        assertEq(rate, 500);
        assertEq(uncoveredRate, 500);
        assertEq(engine.floorRate(MARGIN), 1000);
        assertEq(engine.floorRate(Ground.Overdraft), 50);
    }

    function testFuzz_ratesNeverFallAndStayWithinTheirCaps(uint32 elapsed, uint32 later) public view {
        for (uint256 k = 0; k < 2; ++k) {
            (uint256 rate, uint256 uncoveredRate) = engine.ratesAt(Ground(k), elapsed);
            (uint256 nextRate, uint256 nextUncovered) = engine.ratesAt(Ground(k), uint256(elapsed) + later);
            assertLe(rate, nextRate);
            assertLe(uncoveredRate, nextUncovered);
            assertLe(nextRate, k == 0 ? 5000 : 500);
            assertLe(nextUncovered, k == 0 ? 2500 : 500);
        }
    }

    /// @dev With equity below 0 no cure is near: no account covers the rate 10^4, and the least rate 0 lets nothing else pass
    ///      as uncovered.
    function test_anInsolventAccountIsSoldWithinItsCureWindow() public {
        for (uint256 k = 0; k < 2; ++k) {
            flag(VICTIM, Ground(k));
            uint256 before = vm.snapshotState();
            skip(59);
            Takeover memory takeover = takeoverOf(VICTIM, BUYER, Ground(k));
            (takeover.rate, takeover.uncoveredRate) = (10_000, 491);
            proveTakeover(takeover, false);
            refused(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
            proveTakeover(takeover, true);
            uint256 early = vm.snapshotState();
            engine.takeOver(takeover);
            vm.revertToState(early);
            takeover.uncoveredRate = k == 0 ? 492 : 501;
            proveTakeover(takeover, true);
            vm.expectRevert(
                abi.encodeWithSelector(ILiquidationEngine.RateNotReached.selector, 10_000, k == 0 ? 491 : 491)
            );
            engine.takeOver(takeover);
            skip(1); // from now on the curve says what a solvent account pays
            takeover.uncoveredRate = 491;
            proveTakeover(takeover, true);
            proveTakeover(takeover, false);
            vm.expectPartialRevert(ILiquidationEngine.RateNotReached.selector);
            engine.takeOver(takeover);
            vm.revertToState(before);
        }
    }

    /// @dev Nor does a point that is stored pass for that of another least rate.
    function test_theCureWindowHasPointsOfItsOwn() public {
        engine.prepareRound(1, MARGIN);
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        takeover.rate = 10_000;
        proveTakeover(takeover, false);
        refused(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
        proveTakeover(takeover, true);
        engine.takeOver(takeover);
    }

    /// @dev Nor for that of another round.
    function test_eachRoundHasPointsOfItsOwn() public {
        engine.prepareRound(1, MARGIN);
        postBookRound(2);
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        releaseMock.allow(releaseInputs(takeover), releaseRoundInputs(1, MARGIN, false));
        updateMock.allow(purchaseInputs(takeover), roundInputs(2));
        refused(takeover, IGroth16Verifier.ProofDoesNotVerify.selector);
        proveTakeover(takeover, false);
        engine.takeOver(takeover);
    }

    function test_aStopDoesNotRaiseRates() public {
        flag(VICTIM, MARGIN);
        skip(30);
        raiseTo(Level.NoFlags);
        advance(1 hours);
        vm.prank(owner);
        breaker.lowerTo(Level.Open);
        advance(RESUME_GRACE + 29);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        takeover.rate = 1000;
        proveTakeover(takeover, false);
        refused(takeover, ILiquidationEngine.InCureWindow.selector);
        skip(1);
        engine.takeOver(takeover);
    }

    // ------------------------------------------------------------------------------------------------ words

    /// @dev All that a takeover says is bound: by a proof, or by the accounts.
    function test_everyWordOfATakeoverCounts() public {
        flag(VICTIM, MARGIN);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, MARGIN);
        proveTakeover(takeover, false);
        assertEq(ignoredWords(abi.encodeCall(engine.takeOver, (takeover))), 2 * PROOF_WORDS);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function flag(uint256 account, Ground ground, bytes4 reason) private {
        proveMargin(account, ground, latest(), false, address(0));
        uint64 roundId = latest();
        Proof memory proof;
        vm.expectRevert(reason);
        engine.flag(account, ground, roundId, address(0), proof);
    }

    function refused(Takeover memory takeover, bytes4 reason) private {
        vm.expectRevert(reason);
        engine.takeOver(takeover);
    }

    function assertTaken(Takeover memory takeover) private view {
        assertEq(commitmentOf(takeover.victim.account), takeover.victim.newCommitment);
        assertEq(commitmentOf(takeover.buyer.account), takeover.buyer.newCommitment);
    }

    /// @dev Both rates are taken, and neither when one is higher by one.
    function atTheEdge(Ground ground, uint256 rate, uint256 uncoveredRate) private {
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, ground);
        bytes memory reason = abi.encodeWithSelector(ILiquidationEngine.RateNotReached.selector, rate, uncoveredRate);
        (takeover.rate, takeover.uncoveredRate) = (rate + 1, uncoveredRate);
        proveTakeover(takeover, false);
        vm.expectRevert(reason);
        engine.takeOver(takeover);
        (takeover.rate, takeover.uncoveredRate) = (rate, uncoveredRate + 1);
        proveTakeover(takeover, false);
        vm.expectRevert(reason);
        engine.takeOver(takeover);
        (takeover.rate, takeover.uncoveredRate) = (rate, uncoveredRate);
        proveTakeover(takeover, false);
        engine.takeOver(takeover);
    }
}
