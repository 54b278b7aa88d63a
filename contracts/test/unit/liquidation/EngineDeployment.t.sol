// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ground} from "../../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {ILiquidationEngine, LiquidationTerms, Takeover} from "../../../src/interfaces/ILiquidationEngine.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {FixedRateEngine} from "../../../src/liquidation/FixedRateEngine.sol";
import {LiquidationEngine} from "../../../src/liquidation/LiquidationEngine.sol";
import {MockVerifier} from "../../../test-utils/MockVerifier.sol";
import {RecklessEngine} from "../../mocks/RecklessEngine.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {LiquidationFixture} from "../../utils/LiquidationFixture.sol";

/// @notice What engines can be made of.
contract EngineDeploymentTest is LiquidationFixture {
    function test_anEngineSaysWhatItIsMadeOf() public view {
        assertEq(abi.encode(engine.parameters()), abi.encode(terms()));
        assertEq(abi.encode(engine.curves()), abi.encode(curves()));
        assertEq(address(engine.book()), address(BOOK));
        assertEq(address(engine.marginVerifier()), address(marginMock));
        assertEq(address(engine.releaseVerifier()), address(releaseMock));
        assertEq(address(engine.writeoffVerifier()), address(writeoffMock));
    }

    function test_termsHaveBounds() public {
        for (uint256 i = 0; i < 11; ++i) {
            LiquidationTerms memory made = terms();
            string memory name = i < 1 ? "maintenanceBuffer" : i < 2 ? "overdraftBuffer" : "leastShare";
            if (i == 0) made.maintenanceBuffer = 10_001;
            if (i == 1) made.overdraftBuffer = 10_001;
            if (i == 2) made.leastShare = 10_001;
            if (i > 2) name = "leastAmount";
            if (i == 3) made.leastAmount = 0;
            if (i == 4) made.leastAmount = 1 << 150;
            if (i == 5) (made.dust, name) = (1 << 150, "dust");
            if (i > 5) name = "flagLifetime";
            if (i == 6) made.flagLifetime = 1 hours - 1;
            if (i == 7) made.flagLifetime = 1 days + 1;
            if (i > 7) name = "answerWindow";
            if (i == 8) made.answerWindow = 10 minutes - 1;
            if (i == 9) made.answerWindow = 1 days + 1;
            if (i == 10) (made.challengeBond, name) = (0, "challengeBond");
            vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.TermOutOfRange.selector, name));
            this.deploys(made, curves());
        }
        LiquidationTerms memory widest = terms();
        (widest.maintenanceBuffer, widest.overdraftBuffer, widest.leastShare) = (10_000, 10_000, 10_000);
        (widest.leastAmount, widest.dust, widest.challengeBond) = ((1 << 150) - 1, (1 << 150) - 1, 1);
        (widest.flagLifetime, widest.answerWindow) = (1 days, 1 days);
        this.deploys(widest, curves());
        (widest.flagLifetime, widest.answerWindow, widest.leastAmount) = (1 hours, 10 minutes, 1);
        this.deploys(widest, curves());
    }

    function test_curvesHaveBounds() public {
        for (uint256 i = 0; i < 11; ++i) {
            LiquidationEngine.Curves memory made = curves();
            string memory name;
            if (i == 0) (made.maintenanceCap, name) = (8001, "maintenanceCap");
            if (i == 1) (made.overdraftCap, name) = (1001, "overdraftCap");
            if (i == 2) (made.maintenanceFloor, name) = (5001, "maintenanceFloor");
            if (i == 3) (made.overdraftFloor, name) = (501, "overdraftFloor");
            if (i == 4) (made.uncoveredCap, name) = (5001, "uncoveredCap");
            if (i == 5) (made.maintenanceRamp, name) = (0, "maintenanceRamp");
            if (i == 6) (made.maintenanceRamp, name) = (20 minutes + 1, "maintenanceRamp");
            if (i == 7) (made.overdraftRamp, name) = (0, "overdraftRamp");
            if (i == 8) (made.overdraftRamp, name) = (20 minutes + 1, "overdraftRamp");
            if (i == 9) (made.uncoveredRamp, name) = (0, "uncoveredRamp");
            if (i == 10) (made.uncoveredRamp, name) = (20 minutes + 1, "uncoveredRamp");
            vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.TermOutOfRange.selector, name));
            this.deploys(terms(), made);
        }
        LiquidationEngine.Curves memory widest = LiquidationEngine.Curves({
            maintenanceFloor: 8000,
            maintenanceCap: 8000,
            maintenanceRamp: 20 minutes,
            overdraftFloor: 1000,
            overdraftCap: 1000,
            overdraftRamp: 20 minutes,
            uncoveredCap: 8000,
            uncoveredRamp: 20 minutes
        });
        this.deploys(terms(), widest);
    }

    function test_eachVerifierIsOfItsStatementForTheBook() public {
        string[3] memory names = ["margin-13", "release-13", "writeoff-13"];
        for (uint256 i = 0; i < 3; ++i) {
            IGroth16Verifier[3] memory verifiers = engineVerifiers();
            verifiers[i] = new MockVerifier("rekey-13", 0, 0);
            vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongStatement.selector, names[i], "rekey-13"));
            Deploy.liquidationEngine(BOOK, SLOTS, verifiers, terms(), curves());
            verifiers[i] = new MockVerifier(names[i], 1, 1);
            vm.expectRevert(abi.encodeWithSelector(IProofErrors.WrongSignals.selector, names[i]));
            Deploy.liquidationEngine(BOOK, SLOTS, verifiers, terms(), curves());
        }
    }

    function deploys(LiquidationTerms calldata made, LiquidationEngine.Curves calldata rising) external {
        Deploy.liquidationEngine(BOOK, SLOTS, engineVerifiers(), made, rising);
    }
}

/// @notice Withdrawals of the book of this test wait as long as its cure window and both ramps together.
contract HastyWithdrawalsTest is LiquidationFixture {
    function withdrawalDelay() internal pure override returns (uint64) {
        return CURE_WINDOW + 900;
    }

    function test_noMoneyLeavesBeforeAnAuctionIsOver() public {
        bytes memory reason =
            abi.encodeWithSelector(ILiquidationEngine.WithdrawalDelayTooShort.selector, withdrawalDelay());
        vm.expectRevert(reason);
        engine.prepareRound(1, Ground.Maintenance);
        LiquidationEngine.Curves memory shorter = curves();
        shorter.overdraftRamp = 599;
        Deploy.liquidationEngine(BOOK, SLOTS, engineVerifiers(), terms(), shorter).prepareRound(1, Ground.Maintenance);
    }
}

/// @notice The seam: another engine on the same book, with one rate and no auction.
contract FixedRateEngineTest is LiquidationFixture {
    FixedRateEngine private fixedRate;

    function deployEngine() internal override {
        super.deployEngine(); // no module of the book
        fixedRate =
            Deploy.fixedRateEngine(BOOK, SLOTS, engineVerifiers(), terms(), FixedRateEngine.Rates(1000, 50, 500));
    }

    function engineAddress() internal view override returns (address) {
        return address(fixedRate);
    }

    function test_itsRateIsThereAtOnce() public {
        assertEq(address(fixedRate.book()), address(BOOK));
        flagFixed();
        skip(CURE_WINDOW - 1);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, Ground.Maintenance);
        (takeover.rate, takeover.uncoveredRate) = (1000, 500);
        proveTakeover(takeover, false);
        vm.expectRevert(ILiquidationEngine.InCureWindow.selector);
        fixedRate.takeOver(takeover);
        skip(1);
        uint256 before = vm.snapshotState();
        fixedRate.takeOver(takeover);
        vm.revertToState(before);
        (takeover.rate, takeover.uncoveredRate) = (1001, 500);
        refused(takeover, 1000, 500);
        (takeover.rate, takeover.uncoveredRate) = (1000, 501);
        refused(takeover, 1000, 500);
        advance(LIFETIME - 60);
        takeover = takeoverOf(VICTIM, BUYER, Ground.Maintenance);
        takeover.rate = 1001;
        refused(takeover, 1000, 500);
    }

    function test_noGroundPaysMoreThanItsRate() public view {
        (uint256 rate, uint256 uncoveredRate) = fixedRate.ratesAt(Ground.Overdraft, 60);
        assertEq(rate, 50);
        assertEq(uncoveredRate, 50);
        (rate, uncoveredRate) = fixedRate.ratesAt(Ground.Maintenance, 59);
        assertEq(rate, 0);
        assertEq(uncoveredRate, 500);
    }

    function test_itsRatesHaveBounds() public {
        string[3] memory names = ["maintenance", "overdraft", "uncovered"];
        for (uint256 i = 0; i < 3; ++i) {
            FixedRateEngine.Rates memory rates = FixedRateEngine.Rates(8000, 1000, 8000);
            if (i == 0) rates.maintenance = 8001;
            if (i == 1) rates.overdraft = 1001;
            if (i == 2) rates.uncovered = 8001;
            vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.TermOutOfRange.selector, names[i]));
            this.deploys(rates);
        }
        this.deploys(FixedRateEngine.Rates(8000, 1000, 8000));
    }

    function deploys(FixedRateEngine.Rates calldata rates) external {
        Deploy.fixedRateEngine(BOOK, SLOTS, engineVerifiers(), terms(), rates);
    }

    function flagFixed() private {
        proveMargin(VICTIM, Ground.Maintenance, 1, false, address(0));
        fixedRate.flag(
            VICTIM, Ground.Maintenance, 1, address(0), takeoverOf(VICTIM, BUYER, Ground.Maintenance).buyer.proof
        );
    }

    function refused(Takeover memory takeover, uint256 rate, uint256 uncoveredRate) private {
        vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.RateNotReached.selector, rate, uncoveredRate));
        fixedRate.takeOver(takeover);
    }
}

/// @notice Whatever the curves of an engine say, no reward is more than the margin that a taker frees.
contract RecklessCurvesTest is LiquidationFixture {
    RecklessEngine private reckless;

    function deployEngine() internal override {
        reckless = new RecklessEngine(BOOK, SLOTS, engineVerifiers(), terms());
    }

    function engineAddress() internal view override returns (address) {
        return address(reckless);
    }

    function test_noRateIsAboveTheWhole() public {
        other.recordFlag(VICTIM, commitmentOf(VICTIM), Ground.Maintenance, 1, address(0));
        skip(CURE_WINDOW);
        Takeover memory takeover = takeoverOf(VICTIM, BUYER, Ground.Maintenance);
        for (uint256 i = 0; i < 2; ++i) {
            takeover.rate = i == 0 ? 10_001 : 0;
            takeover.uncoveredRate = i == 0 ? 0 : 10_001;
            proveTakeover(takeover, false);
            vm.expectRevert(abi.encodeWithSelector(ILiquidationEngine.RateNotReached.selector, 20_000, 20_000));
            reckless.takeOver(takeover);
        }
        (takeover.rate, takeover.uncoveredRate) = (10_000, 10_000);
        proveTakeover(takeover, false);
        reckless.takeOver(takeover);
    }
}
