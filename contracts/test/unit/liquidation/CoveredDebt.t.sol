// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ground} from "../../../src/interfaces/ICommitments.sol";
import {Claim, StateUpdate} from "../../../src/interfaces/IMarginBook.sol";
import {IShortfallLedger} from "../../../src/interfaces/IShortfallLedger.sol";
import {InsuranceFund} from "../../../src/liquidation/InsuranceFund.sol";
import {ShortfallLedger} from "../../../src/liquidation/ShortfallLedger.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {LiquidationFixture} from "../../utils/LiquidationFixture.sol";

/// @notice A book with its vault, engine, ledger and fund, which know each other by predicted addresses.
contract CoveredDebtTest is LiquidationFixture {
    InsuranceFund private insurance;
    ShortfallLedger private shortfalls;
    address private alice = makeAddr("alice");

    function setUp() public override {
        super.setUp();
        vm.startPrank(address(BOOK));
        vault().collect(USDC, 9_000e6, PAYER);
        vm.stopPrank();
        usdc.mint(alice, 10_000e6);
        vm.startPrank(alice);
        usdc.approve(address(insurance), 10_000e6);
        insurance.deposit(10_000e6, alice);
        vm.stopPrank();
    }

    function deployFirstGate() internal override {
        super.deployFirstGate();
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        insurance = Deploy.insuranceFund(usdc, predicted, rounds, breaker, 7 days);
        shortfalls = Deploy.shortfallLedger(address(BOOK), address(engine), insurance);
    }

    function ledger() internal view override returns (IShortfallLedger) {
        return shortfalls;
    }

    function test_aDebtIsPaidByTheFundAndThenShared() public {
        writeOff(VICTIM, 2_001e18);
        assertEq(insurance.totalAssets(), 9_000e6, "a tenth in a round");
        assertEq(vault().backing(), 10_000e6);
        assertEq(shortfalls.shortfall(), 1_001e18);
        assertEq(BOOK.spotScale(latest()), 1.1e18);
        withdraw(1_100e6);
        assertEq(usdc.balanceOf(alice), uint256(1_100e6) * 10_000 / 11_001);
        assertEq(BOOK.spotScale(latest()), 1.1e18, "no pay-out moves it");
        writeOff(OTHER, 500e18);
        assertEq(insurance.totalAssets(), 8_500e6, "another round");
    }

    /// @dev A deposit by way of the book, of which the vault names the payer to the ledger.
    function test_aDepositIntoTheBookNeedsConsent() public {
        writeOff(VICTIM, 10_000e18);
        StateUpdate memory update = depositOf(OTHER, 100e18);
        uint64 roundId = latest();
        vm.prank(PAYER);
        vm.expectRevert(
            abi.encodeWithSelector(IShortfallLedger.HaircutNotAccepted.selector, uint256(10e36) / 19e18, 1e18)
        );
        BOOK.deposit(roundId, USDC, 100e18, update);
        vm.startPrank(PAYER);
        shortfalls.acceptHaircut(0.5e18);
        BOOK.deposit(roundId, USDC, 100e18, update);
        assertEq(vault().backing(), 10_100e6);
    }

    /// @dev Else a request could be made when a debt is known, and its shares leave while the flag is there.
    function test_noFlagLivesAsLongAsARequestWaits() public view {
        assertGt(insurance.MIN_COOLDOWN(), engine.MAX_FLAG_LIFETIME());
    }

    function writeOff(uint256 account, uint256 debt) private {
        flag(account, Ground.Maintenance);
        advance(CURE_WINDOW);
        engine.writeOff(debt, writeoffOf(account, debt));
    }

    function withdraw(uint256 amount) private {
        vm.startPrank(address(BOOK));
        vault().enqueue(USDC, amount, alice);
        vm.stopPrank();
        advance(withdrawalDelay());
        vault().payOut(USDC, 1);
    }

    /// @dev From now on there is a proof of it.
    function depositOf(uint256 account, uint256 amount) private returns (StateUpdate memory update) {
        (update.account, update.oldCommitment, update.newCommitment) = (account, commitmentOf(account), next());
        (update.claim, update.rho, update.ciphertext) = (Claim.Unsaid, next(), new uint256[](ELEMENTS));
        uint256[] memory inputs = new uint256[](11 + ELEMENTS);
        (inputs[0], inputs[1]) = (update.oldCommitment, update.newCommitment);
        (inputs[4], inputs[5], inputs[9]) = (USDC, amount, update.rho);
        inputs[10 + ELEMENTS] = rounds.reduceOnly(latest());
        updateMock.allow(inputs, roundInputs(latest()));
    }
}
