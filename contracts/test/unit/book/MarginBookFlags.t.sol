// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Permission} from "../../../src/interfaces/IAccountGate.sol";
import {IBookVault} from "../../../src/interfaces/IBookVault.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {Ground, IAccountReports} from "../../../src/interfaces/ICommitments.sol";
import {IMarginBook} from "../../../src/interfaces/IMarginBook.sol";
import {ITips} from "../../../src/interfaces/ITips.sol";
import {RefusingRecipient} from "../../mocks/Recipients.sol";
import {TestModule} from "../../mocks/TestModule.sol";
import {BookGateFixture} from "../../utils/BookGateFixture.sol";

/// @notice How a flagged account is topped up and cured, and what becomes of its bond. Erin falls below maintenance margin
///         at round 2: each of her deposits of a dollar claims `TopsUp` there.
contract MarginBookFlagsTest is BookGateFixture {
    TestModule private module;
    address private guardian;
    bool private takesEther;

    error TakesNoEther();

    // solhint-disable-next-line no-complex-fallback
    receive() external payable {
        if (!takesEther) revert TakesNoEther();
        takesEther = false;
        // solhint-disable-next-line no-empty-blocks
        try vault().claimTip(payable(PAYER)) {} catch {}
    }

    function setUp() public override {
        super.setUp();
        guardian = makeAddr("guardian");
        vm.deal(PAYER, 1 ether);
        postBookRound(2);
    }

    function deployFirstGate() internal override {
        super.deployFirstGate();
        module = new TestModule(BOOK);
    }

    function modules() internal view override returns (address[] memory named) {
        named = new address[](1);
        named[0] = address(module);
    }

    // ------------------------------------------------------------------------------------------------ claim 3

    /// @dev Else an account could change its commitment before each flag, a cent at a time.
    function test_aDepositBelowMaintenanceMarginFlagsItsAccount() public {
        vm.expectEmit(address(BOOK));
        emit IAccountReports.FlagSet(erin, Ground.Maintenance, 2);
        deposit("erin tops up at round 2");
        assertEq(BOOK.accountState(erin).maintenanceFlaggedAt, breaker.activeTime(Level.NoFlags));
        assertEq(BOOK.accountState(erin).provenAtRound, 2);
        expectPermission(Permission.TopUpOnly);
    }

    function test_aTopUpKeepsTheTimeOfTheFlag() public {
        flag(erin, "erin is liquidatable", 2);
        uint48 since = BOOK.accountState(erin).maintenanceFlaggedAt;
        skip(CURE_WINDOW);
        deposit("erin tops up at round 2");
        assertEq(BOOK.accountState(erin).maintenanceFlaggedAt, since);
    }

    function test_severalDepositsCure() public {
        flag(erin, "erin is liquidatable", 2);
        deposit("erin tops up at round 2");
        deposit("erin tops up again at round 2");
        deposit("erin deposits between both margins at round 2");
        expectPermission(Permission.TopUpOnly);
        deposit("erin cures with the last of them at round 2");
        expectPermission(Permission.Free);
    }

    /// @dev A deposit of a cent each block would void whatever a liquidator has proven.
    function test_onlyACureIsLeftAfterTheCureWindow() public {
        flag(erin, "erin is liquidatable", 2);
        skip(CURE_WINDOW + 1);
        expectPermission(Permission.CureOnly);
        refusesDeposit("erin tops up at round 2");
        refusesDeposit("erin deposits half of it at round 2"); // it may still owe more cash than its spot may back
        rewind(1);
        deposit("erin tops up at round 2");
        skip(1);
        refusesDeposit("erin tops up again at round 2");
    }

    /// @dev The flag that came first counts, on whichever ground.
    function test_aSecondFlagOpensNoNewCureWindow() public {
        module.recordFlag(erin, commitmentOf(erin), Ground.Overdraft, 2, address(0));
        skip(CURE_WINDOW);
        deposit("erin tops up at round 2"); // flags it for its margin too
        assertNotEq(BOOK.accountState(erin).maintenanceFlaggedAt, 0);
        skip(1);
        refusesDeposit("erin tops up again at round 2");
    }

    /// @dev While flags are stopped the clock stands still, and for the grace after that.
    function test_theCureWindowStandsStillWhileFlagsAreStopped() public {
        flag(erin, "erin is liquidatable", 2);
        raiseTo(Level.NoFlags);
        skip(CURE_WINDOW + 1);
        expectPermission(Permission.TopUpOnly);
        deposit("erin tops up at round 2");
    }

    /// @dev An account below margin may be helped in a halt. The flag that this sets runs from the end of the halt.
    function test_aTopUpInAHaltFlags() public {
        raiseTo(Level.NoFlags);
        deposit("erin tops up at round 2");
        expectPermission(Permission.TopUpOnly);
    }

    // ------------------------------------------------------------------------------------------------ bonds

    function test_anOpeningLeavesItsBond() public {
        (address opener, uint256 amount) = vault().bondOf(erin);
        assertEq(opener, address(this));
        assertEq(amount, BOND);
        assertEq(address(vault()).balance, 3 * BOND);
        assertEq(address(BOOK).balance, 0);
    }

    function test_anOpeningTakesExactlyItsBond() public {
        uint256[3] memory wrong = [0, BOND - 1, BOND + 1];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBookVault.WrongBond.selector, BOND));
            this.callOpen("carol", wrong[i]);
        }
        this.callOpen("carol", BOND);
    }

    function test_aFlagEarnsTheBondOfItsAccount() public {
        flagFor(guardian);
        assertEq(guardian.balance, BOND);
        (, uint256 amount) = vault().bondOf(erin);
        assertEq(amount, 0);
        assertEq(address(vault()).balance, 2 * BOND);
        module.recordFlag(erin, commitmentOf(erin), Ground.Overdraft, 2, guardian);
        assertEq(guardian.balance, BOND, "a bond pays once");
    }

    function test_aFlagForNoRecipientLeavesTheBond() public {
        flagFor(address(0));
        (, uint256 amount) = vault().bondOf(erin);
        assertEq(amount, BOND);
    }

    function test_aRecipientThatTakesNoEtherStopsNoFlag() public {
        address refusing = address(new RefusingRecipient());
        flagFor(refusing);
        expectPermission(Permission.TopUpOnly);
        assertEq(vault().tipCredit(refusing), BOND);
    }

    function test_aTipThatIsNotTakenIsClaimedOnceByItsOwner() public {
        RefusingRecipient refusing = new RefusingRecipient();
        flagFor(address(refusing));
        ITips tips = vault();
        vm.expectRevert(abi.encodeWithSelector(ITips.NothingToClaim.selector, address(this)));
        tips.claimTip(payable(guardian));
        refusing.claim(tips, payable(guardian));
        assertEq(guardian.balance, BOND);
        vm.expectRevert(abi.encodeWithSelector(ITips.NothingToClaim.selector, address(refusing)));
        refusing.claim(tips, payable(guardian));
        assertEq(address(vault()).balance, 2 * BOND, "the bonds of the others");
    }

    /// @dev The recipient is this test, which claims again while it is paid: from what another recipient has not claimed.
    function test_aTipIsClaimedOnceByARecipientThatCallsBack() public {
        flagFor(address(new RefusingRecipient()));
        uint256 bob = accountNamed("bob");
        module.recordFlag(bob, commitmentOf(bob), Ground.Maintenance, 2, address(this));
        IBookVault vault_ = vault();
        assertEq(vault_.tipCredit(address(this)), BOND, "it took nothing");
        takesEther = true;
        uint256 before = address(this).balance;
        vault_.claimTip(payable(address(this)));
        assertEq(address(this).balance - before, BOND);
        assertEq(address(vault_).balance, 2 * BOND, "a bond, and the other tip");
    }

    function test_aCureRefillsTheBond() public {
        flagFor(guardian);
        vm.expectRevert(abi.encodeWithSelector(IBookVault.WrongBond.selector, BOND));
        this.callCure(BOND - 1);
        vm.expectEmit(address(vault()));
        emit IBookVault.BondPosted(erin, PAYER, BOND);
        this.callCure(BOND);
        (address opener, uint256 amount) = vault().bondOf(erin);
        assertEq(opener, address(this), "who cures does not become the opener");
        assertEq(amount, BOND);
        expectPermission(Permission.Free);
    }

    /// @dev Where the bond was refilled meanwhile, or never paid out, a cure does not fail for the ETH it brings.
    function test_whatACureBringsTooMuchIsCredited() public {
        flagFor(address(0));
        vm.expectEmit(address(vault()));
        emit ITips.TipCredited(PAYER, BOND);
        this.callCure(BOND);
        uint256 before = PAYER.balance;
        IBookVault vault_ = vault();
        vm.prank(PAYER);
        vault_.claimTip(payable(PAYER));
        assertEq(PAYER.balance, before + BOND);
    }

    function test_onlyACureBringsEther() public {
        vm.expectRevert(IMarginBook.NoBondDue.selector);
        this.callDepositWith("erin tops up at round 2", 1);
        flagFor(guardian);
        vm.expectRevert(IMarginBook.NoBondDue.selector);
        this.callDepositWith("erin tops up at round 2", BOND);
    }

    function test_onlyTheBookMovesBonds() public {
        IBookVault vault_ = vault();
        bytes4 reason = IBookVault.NotTheBook.selector;
        vm.expectRevert(reason);
        vault_.postBond{value: BOND}(erin, address(this));
        vm.expectRevert(reason);
        vault_.refillBond{value: BOND}(erin, address(this));
        vm.expectRevert(reason);
        vault_.payBond(erin, address(this));
    }

    /// @dev A thief that flags itself is paid with what it left, and has to leave it again.
    function test_noTipIsEarnedByFlaggingOneself() public {
        vm.deal(PAYER, BOND);
        flagFor(PAYER);
        assertEq(PAYER.balance, 2 * BOND);
        this.callCure(BOND);
        assertEq(PAYER.balance, BOND);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function flagFor(address recipient) private {
        module.recordFlag(erin, commitmentOf(erin), Ground.Maintenance, 2, recipient);
    }

    function refusesDeposit(string memory name) private {
        vm.expectRevert(IMarginBook.NotPermitted.selector);
        this.callDepositWith(name, 0);
    }

    function expectPermission(Permission permission) private view {
        assertEq(uint8(BOOK.permissionOf(erin)), uint8(permission));
    }

    function callCure(uint256 value) external {
        depositWith("erin cures at round 2", value);
    }

    function callDepositWith(string calldata name, uint256 value) external {
        depositWith(name, value);
    }

    function callOpen(string calldata name, uint256 value) external {
        BOOK.open{value: value}(openingOf(find(openings, name)));
    }
}
