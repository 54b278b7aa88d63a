// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

import {Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {ITipPot} from "../../../src/interfaces/ITipPot.sol";
import {ITips} from "../../../src/interfaces/ITips.sol";
import {BombingRecipient, BurningRecipient, ReenteringRecipient, RefusingRecipient} from "../../mocks/Recipients.sol";
import {GateFixture} from "../../utils/GateFixture.sol";

/// @notice Flags, and the tips that they pay (spec ZS-44).
contract GateTipsTest is GateFixture {
    /// @dev Healthy at round 1 and not at 2, with no recipient bound into its proofs.
    uint256 private constant UNREWARDED = 32;

    address private recipient;

    function setUp() public override {
        super.setUp();
        postUpTo(2);
        recipient = claimOf(WEAK, 2).recipient;
        assertEq(claimOf(UNREWARDED, 2).recipient, address(0), "the fixture has a proof without recipient");
        // From round 2 on the weak accounts can be flagged.
        for (uint256 k = 32; k < 40; ++k) {
            register(k);
        }
    }

    function test_aFlagPaysTheBoundRecipientNotItsCaller() public {
        Proof memory proof = claimOf(WEAK, 2).proof;
        gate.fundTips{value: 1 ether}();
        vm.expectEmit(address(gate));
        emit ITips.TipPaid(recipient, TIP);
        vm.prank(makeAddr("caller"));
        gate.flag(accountAt(WEAK), 2, recipient, proof);
        assertEq(recipient.balance, TIP);
        assertEq(gate.tipPot(), 1 ether - TIP);
    }

    function test_anEmptyPotStopsNoFlag() public {
        flag(WEAK, 2);
        assertEq(recipient.balance, 0);
        assertEq(gate.tipCredit(recipient), 0);
    }

    function test_aShortPotPaysWhatItHas() public {
        gate.fundTips{value: TIP / 3}();
        flag(WEAK, 2);
        assertEq(recipient.balance, TIP / 3);
        assertEq(gate.tipPot(), 0);
    }

    function test_zeroRecipientGetsNoTip() public {
        gate.fundTips{value: 1 ether}();
        flag(UNREWARDED, 2);
        assertEq(gate.tipPot(), 1 ether);
        assertEq(address(0).balance, 0);
    }

    function test_plainTransfersFundThePot() public {
        vm.expectEmit(address(gate));
        emit ITipPot.TipsFunded(address(this), 5);
        Address.sendValue(payable(address(gate)), 5);
        assertEq(gate.tipPot(), 5);
    }

    function test_aRecipientThatRefusesIsCredited() public {
        vm.etch(recipient, type(RefusingRecipient).runtimeCode);
        gate.fundTips{value: TIP + 1}();
        vm.expectEmit(address(gate));
        emit ITips.TipCredited(recipient, TIP);
        flag(WEAK, 2);
        assertEq(gate.tipCredit(recipient), TIP);
        assertEq(gate.tipPot(), 1, "credit is not in the pot");

        address payable to = payable(makeAddr("to"));
        vm.expectEmit(address(gate));
        emit ITips.TipClaimed(recipient, to, TIP);
        RefusingRecipient(recipient).claim(gate, to);
        assertEq(to.balance, TIP);
        assertEq(gate.tipCredit(recipient), 0);
        assertEq(address(gate).balance, 1);
        vm.expectRevert(abi.encodeWithSelector(ITips.NothingToClaim.selector, recipient));
        RefusingRecipient(recipient).claim(gate, to);
    }

    function test_creditIsNeitherPaidAgainNorWithdrawn() public {
        vm.etch(recipient, type(RefusingRecipient).runtimeCode);
        gate.fundTips{value: TIP}();
        flag(WEAK, 2);
        flag(WEAK + 1, 2);
        assertEq(claimOf(WEAK + 1, 2).recipient.balance, 0, "the pot is empty");
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ITipPot.PotTooSmall.selector, 0));
        gate.withdrawTips(payable(owner), 1);
    }

    function test_aRecipientThatBurnsGasStopsNoFlag() public {
        vm.etch(recipient, type(BurningRecipient).runtimeCode);
        gate.fundTips{value: TIP}();
        expectCreditWithLittleGas();
    }

    function test_aRecipientThatReturnsALotStopsNoFlag() public {
        vm.etch(recipient, type(BombingRecipient).runtimeCode);
        gate.fundTips{value: TIP}();
        expectCreditWithLittleGas();
    }

    function test_aRecipientThatCallsBackGetsItsTipOnce() public {
        vm.etch(recipient, address(new ReenteringRecipient(gate)).code);
        gate.fundTips{value: 1 ether}();
        flag(WEAK, 2);
        assertEq(recipient.balance + gate.tipCredit(recipient), TIP);
        assertEq(address(gate).balance, 1 ether - recipient.balance);
    }

    function test_theOwnerWithdrawsThePot() public {
        gate.fundTips{value: 1 ether}();
        address payable to = payable(makeAddr("to"));
        vm.expectEmit(address(gate));
        emit ITipPot.TipsWithdrawn(to, 0.4 ether);
        vm.prank(owner);
        gate.withdrawTips(to, 0.4 ether);
        assertEq(to.balance, 0.4 ether);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(ITipPot.PotTooSmall.selector, 0.6 ether));
        gate.withdrawTips(to, 0.6 ether + 1);
    }

    function test_noOtherCallerWithdraws() public {
        gate.fundTips{value: 1 ether}();
        bytes32 role = gate.DEFAULT_ADMIN_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, registrar, role)
        );
        vm.prank(registrar);
        gate.withdrawTips(payable(registrar), 1);
    }

    /// @dev What a flag at a prepared round costs, and 100,000 for the recipient and its credit.
    function expectCreditWithLittleGas() private {
        Proof memory proof = claimOf(WEAK, 2).proof;
        gate.prepareRound(2);
        gate.flag{gas: 340_000}(accountAt(WEAK), 2, recipient, proof);
        assertEq(gate.tipCredit(recipient), TIP);
    }
}
