// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {PrivateMarginVenue} from "../../../examples/PrivateMarginVenue.sol";
import {ISolvencyGate} from "../../../src/interfaces/ISolvencyGate.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {GateFixture} from "../../utils/GateFixture.sol";

contract TestToken is ERC20("Test dollar", "TUSD") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

contract PrivateMarginVenueTest is GateFixture {
    uint256 private constant AMOUNT = 1_000e18;

    address private operator = makeAddr("operator");
    address private strong = address(uint160(accountAt(STRONG)));
    address private weak = address(uint160(accountAt(WEAK)));
    TestToken private token = new TestToken();
    PrivateMarginVenue private venue;

    function setUp() public override {
        super.setUp();
        venue = Deploy.privateMarginVenue(token, gate, operator);
        bytes32 role = gate.REGISTRAR_ROLE();
        vm.prank(owner);
        gate.grantRole(role, address(venue));
        deposit(strong);
        deposit(weak);
        postUpTo(1);
    }

    function test_paysAWithdrawalOnceTheAccountIsProvenSolventWithoutIt() public {
        book(strong, STRONG);
        expectUnproven(strong);
        proveSolvent(STRONG, 1);

        vm.expectEmit(address(venue));
        emit PrivateMarginVenue.Withdrawn(strong, AMOUNT);
        vm.prank(strong);
        venue.withdraw();
        assertEq(token.balanceOf(strong), AMOUNT);

        vm.expectRevert(abi.encodeWithSelector(PrivateMarginVenue.NothingBooked.selector, strong));
        vm.prank(strong);
        venue.withdraw();
    }

    function test_aProofFromBeforeTheBookingDoesNotPay() public {
        vm.prank(operator);
        venue.updateCommitment(strong, margin.commitments[STRONG]);
        proveSolvent(STRONG, 1);
        book(strong, STRONG + 1);
        expectUnproven(strong);
    }

    function test_aProofThatIsTooOldDoesNotPay() public {
        book(strong, STRONG);
        proveSolvent(STRONG, 1);
        skip(venue.MAX_SOLVENCY_AGE() + 1);
        expectUnproven(strong);
    }

    function test_aFlaggedAccountGetsNothing() public {
        book(weak, WEAK);
        proveSolvent(WEAK, 1);
        postUpTo(2);
        flag(WEAK, 2);
        expectUnproven(weak);

        vm.prank(operator);
        venue.settleLiquidation(weak, 7);
        assertEq(gate.accountState(accountAt(WEAK)).commitment, 7);
        assertEq(gate.accountState(accountAt(WEAK)).flaggedAtRound, 0);
        assertEq(venue.booked(weak), 0);
    }

    function test_onlyTheOperatorBooks() public {
        bytes memory reason = abi.encodeWithSelector(PrivateMarginVenue.NotOperator.selector, strong);
        vm.startPrank(strong);
        vm.expectRevert(reason);
        venue.bookWithdrawal(strong, AMOUNT, 7);
        vm.expectRevert(reason);
        venue.updateCommitment(strong, 7);
        vm.expectRevert(reason);
        venue.settleLiquidation(strong, 7);
    }

    function test_theOperatorCannotMoveAFlaggedAccountOn() public {
        vm.prank(operator);
        venue.updateCommitment(weak, margin.commitments[WEAK]);
        postUpTo(2);
        flag(WEAK, 2);
        vm.expectRevert(abi.encodeWithSelector(ISolvencyGate.AccountIsFlagged.selector, accountAt(WEAK)));
        vm.prank(operator);
        venue.updateCommitment(weak, 7);
    }

    function deposit(address account) private {
        token.mint(account, AMOUNT);
        vm.startPrank(account);
        token.approve(address(venue), AMOUNT);
        vm.expectEmit(address(venue));
        emit PrivateMarginVenue.Deposited(account, AMOUNT);
        venue.deposit(AMOUNT);
        vm.stopPrank();
    }

    function book(address account, uint256 index) private {
        vm.prank(operator);
        venue.bookWithdrawal(account, AMOUNT, margin.commitments[index]);
    }

    function expectUnproven(address account) private {
        vm.expectRevert(abi.encodeWithSelector(PrivateMarginVenue.NotProvenSolvent.selector, account));
        vm.prank(account);
        venue.withdraw();
    }
}
