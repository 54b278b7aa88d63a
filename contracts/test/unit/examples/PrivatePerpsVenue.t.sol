// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {Order, PrivatePerpsVenue} from "../../../examples/PrivatePerpsVenue.sol";
import {MarginBook} from "../../../src/book/MarginBook.sol";
import {IAccountGate, Permission} from "../../../src/interfaces/IAccountGate.sol";
import {Level} from "../../../src/interfaces/ICircuitBreaker.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IMarginBook, Settlement, StateUpdate} from "../../../src/interfaces/IMarginBook.sol";
import {TestGate} from "../../mocks/TestGate.sol";
import {ReentrantToken} from "../../mocks/Tokens.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {VenueFixture} from "../../utils/VenueFixture.sol";

/// @notice Alice buys from Bob by orders that their proofs sign.
contract PrivatePerpsVenueTest is VenueFixture {
    function test_fillsTwoOrders() public {
        Settlement memory deal = trade("alice buys", "bob sells");
        vm.expectEmit(address(VENUE));
        emit PrivatePerpsVenue.Filled(deal.ticket, deal.buyer.rho, deal.seller.rho);
        vm.expectEmit(address(BOOK));
        emit IMarginBook.Settled(deal.ticket, accountNamed("alice"), accountNamed("bob"));
        vm.prank(makeAddr("any caller"));
        VENUE.fill(1, deal, orderOf("alice buys"), orderOf("bob sells"));
        assertEq(commitmentOf(accountNamed("alice")), deal.buyer.newCommitment);
        assertEq(commitmentOf(accountNamed("bob")), deal.seller.newCommitment);
        assertEq(uint8(BOOK.permissionOf(accountNamed("alice"))), uint8(Permission.NoNewRisk)); // shut again
    }

    function test_nothingBypassesTheVenue() public {
        Settlement[] memory deals = new Settlement[](1);
        deals[0] = trade("alice buys", "bob sells");
        vm.expectRevert(IMarginBook.NotPermitted.selector);
        BOOK.settle(1, deals[0]);
        vm.expectRevert(IMarginBook.NothingSettled.selector);
        BOOK.settleBatch(1, deals);
        (uint256 asset, uint256 amount, address recipient, StateUpdate memory update) = withdrawalOf("alice withdraws");
        vm.expectRevert(IMarginBook.NotPermitted.selector);
        BOOK.withdraw(1, asset, amount, recipient, update);
    }

    function test_positionsCloseWithoutTheVenue() public {
        fill("alice buys", "bob sells");
        vm.prank(owner);
        VENUE.pause();
        settle("bob buys back", "alice sells back");
        deposit("carol deposits more");
    }

    function test_bringsWithdrawals() public {
        vm.prank(owner);
        VENUE.pause(); // has no say in them
        vm.prank(makeAddr("any caller"));
        withdrawThroughVenue("alice withdraws");
        payOut(USDC);
        assertEq(usdc.balanceOf(RECIPIENT), 40_000e6);
        assertEq(commitmentOf(accountNamed("alice")), commitmentNamed("alice withdraws"));
    }

    function test_aWithdrawalPaysItsRecipientOnly() public {
        (uint256 asset, uint256 amount,, StateUpdate memory update) = withdrawalOf("alice withdraws");
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        VENUE.withdraw(1, asset, amount, makeAddr("thief"), update);
    }

    // ------------------------------------------------------------------------------------------------ orders

    function testFuzz_aProofSignsOneOrder(Order calldata other, bool asBuyer) public {
        Order memory buyOrder = orderOf("alice buys");
        Order memory sellOrder = orderOf("bob sells");
        Order memory own = asBuyer ? buyOrder : sellOrder;
        vm.assume(keccak256(abi.encode(other)) != keccak256(abi.encode(own)));
        if (asBuyer) buyOrder = other;
        else sellOrder = other;
        refuses("alice buys", "bob sells", buyOrder, sellOrder, notSigned(other));
    }

    function test_eachWordOfAnOrderIsSigned() public {
        for (uint256 word = 0; word < 4; ++word) {
            Order memory altered = orderOf("alice buys");
            if (word == 0) altered.counterparty = 0;
            else if (word == 1) ++altered.deadline;
            else if (word == 2) altered.canceller = address(0);
            else altered.nonce ^= 1;
            refuses("alice buys", "bob sells", altered, orderOf("bob sells"), notSigned(altered));
        }
    }

    function test_aTakerCannotPassItsOrderOffAsTheMakers() public {
        Order memory order = orderOf("bob sells");
        refuses("alice buys", "bob sells", order, order, notSigned(order));
        order = orderOf("alice buys");
        refuses("alice buys", "bob sells", order, order, notSigned(order));
    }

    function test_anOrderIsOfOneVenueOnOneChain() public {
        Order memory order = orderOf("alice buys");
        uint256 id = VENUE.orderId(order);
        assertEq(id, step("alice buys").inputs[9]);
        assertNotEq(newVenue(BOOK).orderId(order), id);
        vm.chainId(block.chainid + 1);
        assertNotEq(VENUE.orderId(order), id);
    }

    function test_aDeadlineHoldsForEachSide() public {
        vm.warp(DEADLINE + 1);
        refuses("alice buys", "bob sells", refusal(PrivatePerpsVenue.OrderExpired.selector, "alice buys"));
        refuses(
            "alice buys from anyone", "carol sells", refusal(PrivatePerpsVenue.OrderExpired.selector, "carol sells")
        );
        vm.warp(DEADLINE);
        fill("alice buys", "bob sells");
    }

    function test_aCancelledOrderIsNotFilled() public {
        string[2] memory names = ["alice buys", "carol sells"];
        for (uint256 i = 0; i < 2; ++i) {
            Order memory order = orderOf(names[i]);
            vm.expectEmit(address(VENUE));
            emit PrivatePerpsVenue.Cancelled(VENUE.orderId(order));
            vm.prank(CANCELLER);
            VENUE.cancel(order);
        }
        bytes4 reason = PrivatePerpsVenue.OrderCancelled.selector;
        refuses("alice buys", "bob sells", refusal(reason, "alice buys"));
        refuses("alice buys from anyone", "carol sells", refusal(reason, "carol sells"));
        fill("alice buys from anyone", "bob sells"); // other orders go on
    }

    function test_onlyItsCancellerCancels() public {
        Order memory order = orderOf("alice buys");
        vm.expectRevert(abi.encodeWithSelector(PrivatePerpsVenue.NotCanceller.selector, address(this)));
        VENUE.cancel(order);
        order.canceller = address(this); // another order, which cancels nothing of the first
        VENUE.cancel(order);
        fill("alice buys", "bob sells");
    }

    function test_anOrderNamesItsCounterparty() public {
        bytes4 reason = PrivatePerpsVenue.WrongCounterparty.selector;
        refuses("alice buys", "carol sells", refusal(reason, "alice buys"));
        refuses("alice buys", "bob sells to carol", refusal(reason, "bob sells to carol"));
        fill("alice buys from anyone", "carol sells");
    }

    function test_noOrderIsFilledTwice() public {
        fill("alice buys", "bob sells");
        refuses("alice buys", "bob sells", abi.encodeWithSelector(IMarginBook.CommitmentNotCurrent.selector));
    }

    // ------------------------------------------------------------------------------------------------ gates

    function test_theOwnerPausesFills() public {
        vm.prank(owner);
        VENUE.pause();
        refuses("alice buys", "bob sells", abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        vm.prank(owner);
        VENUE.unpause();
        fill("alice buys", "bob sells");
    }

    function test_onlyTheOwnerPauses() public {
        bytes memory reason = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this));
        vm.expectRevert(reason);
        VENUE.pause();
        vm.prank(owner);
        VENUE.pause();
        vm.expectRevert(reason);
        VENUE.unpause();
    }

    function test_theBreakerIsAboveTheVenue() public {
        raiseTo(Level.NoWithdrawals);
        refuses("alice buys", "bob sells", abi.encodeWithSelector(IMarginBook.NotPermitted.selector));
    }

    function test_theStricterOfBothGatesHolds() public {
        TestGate inner = new TestGate();
        deployVenue(inner, IERC20(address(0)), 0);
        uint256 bob = accountNamed("bob");
        bytes memory notPermitted = abi.encodeWithSelector(IMarginBook.NotPermitted.selector);
        assertEq(uint8(BOOK.permissionOf(bob)), uint8(Permission.NoNewRisk));
        for (uint256 level = uint256(Permission.NoNewRisk); level <= uint256(Permission.Frozen); ++level) {
            inner.set(bob, Permission(level));
            assertEq(uint256(BOOK.permissionOf(bob)), level);
            refuses("alice buys", "bob sells", notPermitted);
            vm.expectRevert(notPermitted);
            this.callWithdraw("bob withdraws");
        }
        inner.set(bob, Permission.Free);
        fill("alice buys", "bob sells");
    }

    function test_theInnerGateIsToldTheRoundOfTheProof() public {
        TestGate inner = new TestGate();
        deployVenue(inner, IERC20(address(0)), 0);
        postBookRound(1); // a calm round, so that the one before still serves trades
        vm.expectCall(address(inner), abi.encodeCall(inner.permissionOf, (accountNamed("alice"), 1)));
        vm.expectCall(address(inner), abi.encodeCall(inner.permissionOf, (accountNamed("bob"), 1)));
        fill("alice buys", "bob sells");
    }

    // ------------------------------------------------------------------------------------------------ deployment

    function test_venueAndBookAreDeployedForEachOther() public {
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        PrivatePerpsVenue venue = newVenue(IMarginBook(predicted));
        address[] memory tokens = new address[](SLOTS + 1);
        tokens[USDC] = address(usdc);
        MarginBook.Parts memory made = parts(tokens);
        made.gate = venue;
        MarginBook book = Deploy.marginBook(made);
        assertEq(address(venue.book()), address(book));
        assertEq(address(book.gate()), address(venue));
    }

    function newVenue(IMarginBook book) private returns (PrivatePerpsVenue) {
        return Deploy.privatePerpsVenue(book, IAccountGate(address(0)), owner, IERC20(address(0)), 0, TREASURY);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function refuses(string memory buyer, string memory seller, bytes memory reason) private {
        refuses(buyer, seller, orderOf(buyer), orderOf(seller), reason);
    }

    function refuses(
        string memory buyer,
        string memory seller,
        Order memory buyOrder,
        Order memory sellOrder,
        bytes memory reason
    ) private {
        Settlement memory deal = trade(buyer, seller);
        vm.expectRevert(reason);
        VENUE.fill(1, deal, buyOrder, sellOrder);
    }

    function notSigned(Order memory order) private view returns (bytes memory) {
        return abi.encodeWithSelector(PrivatePerpsVenue.OrderNotSigned.selector, VENUE.orderId(order));
    }

    function refusal(bytes4 reason, string memory name) private view returns (bytes memory) {
        return abi.encodeWithSelector(reason, VENUE.orderId(orderOf(name)));
    }

    function callWithdraw(string calldata name) external {
        withdrawThroughVenue(name);
    }
}

/// @notice A token that would call back in the middle of a transfer.
contract PrivatePerpsVenueCallbacksTest is VenueFixture {
    ReentrantToken private token;

    function bookTokens() internal override returns (address[] memory tokens) {
        tokens = super.bookTokens();
        token = new ReentrantToken();
        tokens[USDC] = address(token);
    }

    /// @dev Nothing is called that could call back: the vault moves no token before the pay-out.
    function test_noTokenIsCalledWhileTheGateIsOpen() public {
        token.callBack(address(VENUE), withdrawalCall("carol withdraws"));
        vm.expectCall(address(token), abi.encodeWithSelector(token.transfer.selector), 0);
        withdrawThroughVenue("alice withdraws");
    }
}

/// @notice A venue that takes a fee.
contract PrivatePerpsVenueFeeTest is VenueFixture {
    uint256 private constant FEE = 3e6;
    address private immutable PAYING = makeAddr("paying");
    ReentrantToken private token = new ReentrantToken();

    function setUp() public override {
        super.setUp();
        deployVenue(IAccountGate(address(0)), token, FEE);
        token.mint(PAYING, FEE);
    }

    function test_theCallerOfFillPays() public {
        approve();
        vm.prank(PAYING);
        fill("alice buys", "bob sells");
        assertEq(token.balanceOf(TREASURY), FEE);
        assertEq(token.balanceOf(PAYING), 0);
    }

    function test_noFillWithoutTheFee() public {
        bytes memory reason =
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(VENUE), 0, FEE);
        Settlement memory deal = trade("alice buys", "bob sells");
        (Order memory buyOrder, Order memory sellOrder) = (orderOf("alice buys"), orderOf("bob sells"));
        vm.expectRevert(reason);
        vm.prank(PAYING);
        VENUE.fill(1, deal, buyOrder, sellOrder);
    }

    function test_theGateIsShutWhileTheFeeIsTaken() public {
        approve();
        token.callBack(address(BOOK), withdrawalCall("carol withdraws"));
        vm.prank(PAYING);
        fill("alice buys", "bob sells");
        assertFalse(token.succeeded());
        assertEq(bytes4(token.answer()), IMarginBook.NotPermitted.selector);
    }

    function approve() private {
        vm.prank(PAYING);
        token.approve(address(VENUE), FEE);
    }
}
