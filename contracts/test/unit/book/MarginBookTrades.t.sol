// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Claim, IMarginBook, Settlement, StateUpdate} from "../../../src/interfaces/IMarginBook.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {FixtureRound} from "../../utils/Fixture.sol";
import {MarginBookFixture} from "../../utils/MarginBookFixture.sol";

/// @notice Two accounts, one ticket.
contract MarginBookTradesTest is MarginBookFixture {
    bytes4 private immutable REFUSED = IGroth16Verifier.ProofDoesNotVerify.selector;

    function setUp() public override {
        super.setUp();
        string[3] memory names = ["alice", "bob", "carol"];
        for (uint256 i = 0; i < names.length; ++i) {
            open(names[i]);
            deposit(string.concat(names[i], " deposits"));
        }
    }

    function test_settlesBothSides() public {
        Settlement memory deal = trade("alice buys", "bob sells");
        (uint256 alice, uint256 bob) = (accountNamed("alice"), accountNamed("bob"));
        StateUpdate memory a = deal.buyer;
        StateUpdate memory b = deal.seller;
        vm.expectEmit(address(BOOK));
        emit IMarginBook.StateChanged(alice, a.newCommitment, 1, a.rho, a.ciphertext);
        vm.expectEmit(address(BOOK));
        emit IMarginBook.StateChanged(bob, b.newCommitment, 1, b.rho, b.ciphertext);
        vm.expectEmit(address(BOOK));
        emit IMarginBook.Settled(deal.ticket, alice, bob);
        BOOK.settle(1, deal);

        assertEq(commitmentOf(alice), a.newCommitment);
        assertEq(commitmentOf(bob), b.newCommitment);
        assertTrue(isSettled(deal));
        assertEq(vault().holdingsOf(USDC), 300_000e6);
    }

    function test_anyCounterpartyOfTheTicketWillDo() public {
        settle("alice buys", "carol sells");
        assertEq(commitmentOf(accountNamed("carol")), commitmentNamed("carol sells"));
    }

    function test_refusesWrongSides() public {
        refuses(trade("bob sells", "alice buys"), REFUSED); // exchanged
        refuses(trade("alice buys", "alice buys"), IMarginBook.SameAccount.selector);
        refuses(trade("carol sells", "bob sells"), REFUSED);
    }

    function test_refusesAnAccountThatTradesWithItself() public {
        refuses(trade("alice buys", "alice sells to itself"), IMarginBook.SameAccount.selector);
        refuses(trade("bob sells", "bob sells"), IMarginBook.SameAccount.selector);
    }

    /// @dev Who is short of a slot whose price falls to 0 must be able to move.
    function test_aPriceOf0BarsNoShort() public {
        assertEq(BOOK.longOnly(1), 7, "the slots with a token");
        FixtureRound memory item = instance.rounds[0];
        item.prices[BTC_PERP] = 0;
        uint64 bare = rounds.postRound(item.prices, item.funding);
        assertEq(BOOK.longOnly(bare), 7);
    }

    /// @dev Spec ZS-56.
    function test_whatThePriceSourceBarsCannotBeShort() public {
        uint64 spot = postBookRound(1);
        vm.mockCall(address(rounds), abi.encodeCall(rounds.longOnly, (spot)), abi.encode(1 << BTC_PERP));
        assertEq(BOOK.longOnly(spot), 7 | 1 << BTC_PERP);
        vm.expectRevert(REFUSED);
        BOOK.settle(spot, trade("alice buys", "bob sells"));
        BOOK.settle(postBookRound(1), trade("alice buys", "bob sells"));
    }

    /// @dev The round's stale slots, as they are when the proof is brought.
    function test_whatTheRoundMakesReduceOnlyIsASignalOfEachProof() public {
        Settlement memory deal = trade("alice buys", "bob sells");
        vm.mockCall(address(rounds), abi.encodeCall(rounds.reduceOnly, (1)), abi.encode(1 << BTC_PERP));
        refuses(deal, REFUSED);
        Settlement[] memory batch = new Settlement[](1);
        batch[0] = deal;
        vm.expectRevert(IMarginBook.NothingSettled.selector);
        BOOK.settleBatch(1, batch);
        vm.expectRevert(REFUSED);
        this.callWithdraw("alice withdraws");
        vm.expectRevert(REFUSED);
        this.callDeposit("alice deposits more");
        vm.clearMockedCalls();
        BOOK.settle(1, deal);
    }

    function test_lambdasAreInTheRoundsPoint() public {
        uint64 unprepared = postBookRound(1);
        uint256[2][2] memory others = [[uint256(49_999), 100_000], [uint256(50_000), 100_001]];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.mockCall(address(rounds), abi.encodeCall(rounds.lambdasPpm, ()), abi.encode(others[i][0], others[i][1]));
            deployAgain();
            vm.expectRevert(REFUSED);
            BOOK.settle(unprepared, trade("alice buys", "bob sells"));
        }
        vm.clearMockedCalls();
        deployAgain();
        BOOK.settle(unprepared, trade("alice buys", "bob sells"));
    }

    /// @dev Gives the book the code of a new one, whose constructor reads the lambdas. Accounts stay.
    function deployAgain() private {
        address[] memory tokens = new address[](slotCount() + 1);
        for (uint256 i = 0; i < tokens.length; ++i) {
            tokens[i] = vault().tokenOf(i);
        }
        vm.etch(address(BOOK), address(Deploy.marginBook(parts(tokens))).code);
    }

    /// @dev Five legs, spot and derivatives, for one price.
    function test_aBasketIsSettledWhole() public {
        string[2] memory names = ["heidi", "ivan"];
        for (uint256 i = 0; i < names.length; ++i) {
            open(names[i]);
            deposit(string.concat(names[i], " deposits"));
        }
        deposit("ivan deposits weth");
        Settlement memory deal = trade("heidi buys a spread", "ivan sells a spread");
        refuses(trade("ivan sells a spread", "heidi buys a spread"), REFUSED);
        BOOK.settle(1, deal);
        assertEq(commitmentOf(accountNamed("heidi")), deal.buyer.newCommitment);
        assertEq(commitmentOf(accountNamed("ivan")), deal.seller.newCommitment);
    }

    /// @dev Both proofs of a trade consume a commitment. The terms themselves may be agreed again, by two new proofs.
    function test_noTradeIsSettledTwice() public {
        settle("alice buys", "bob sells");
        refuses(trade("alice buys", "bob sells"), IMarginBook.CommitmentNotCurrent.selector);
        refuses(trade("alice buys", "carol sells"), IMarginBook.CommitmentNotCurrent.selector);
        refuses(trade("alice buys the same again", "bob sells"), IMarginBook.CommitmentNotCurrent.selector);
        settle("alice buys the same again", "bob sells the same again");
    }

    function test_refusesASettlementWithoutATicket() public {
        refuses(trade("alice moves without a trade", "bob moves without a trade"), IMarginBook.ZeroTicket.selector);
    }

    function test_refusesOneSideAlone() public {
        Settlement memory deal = trade("alice buys", "bob moves without a trade");
        refuses(deal, REFUSED);
        deal = trade("alice moves without a trade", "bob sells");
        deal.ticket = step("bob sells").inputs[2];
        refuses(deal, REFUSED);
    }

    function test_refusesATransferInATrade() public {
        refuses(trade("alice deposits and trades", "bob sells"), REFUSED);
    }

    function test_refusesAnotherTicket() public {
        Settlement memory deal = trade("alice buys", "bob sells");
        deal.ticket ^= 1;
        refuses(deal, REFUSED);
    }

    function test_bothProofsAreOfOneRound() public {
        uint256 before = vm.snapshotState();
        settle("alice buys", "bob sells");
        vm.revertToState(before);
        uint64 second = postBookRound(2);
        Settlement memory deal = trade("alice buys at round 2", "bob sells");
        vm.expectRevert(REFUSED);
        BOOK.settle(second, deal);
    }

    function test_neitherSideMoveWithoutTheOther() public {
        deposit("alice deposits more");
        refuses(trade("alice buys", "bob sells"), IMarginBook.CommitmentNotCurrent.selector);
        assertEq(commitmentOf(accountNamed("bob")), commitmentNamed("bob deposits"));
    }

    function test_takesNoCommitmentOfAnotherAccount() public {
        Settlement memory deal = trade("alice buys", "bob sells");
        deal.buyer.newCommitment = commitmentOf(accountNamed("carol"));
        refuses(deal, REFUSED);
        deal = trade("alice buys", "bob sells");
        deal.seller.newCommitment = find(openings, "carol").inputs[0];
        refuses(deal, REFUSED);
    }

    function test_refusesSidesOfOtherAccounts() public {
        Settlement memory deal = trade("alice buys", "bob sells");
        deal.seller.account = accountNamed("carol");
        refuses(deal, IMarginBook.CommitmentNotCurrent.selector);
        deal.seller.account = accountNamed("dave");
        refuses(deal, IMarginBook.AccountNotOpen.selector);
        deal.seller.account = deal.buyer.account;
        refuses(deal, IMarginBook.SameAccount.selector);
    }

    /// @dev Spec ZS-57. Else two accounts of one owner take, at prices that are known to be old, the sides that have won
    ///      and lost since.
    function test_noTradeAtPricesThatAreKnownToBeOld() public {
        uint64 second = postBookRound(1); // the same prices
        skip(TRADE_GRACE + 1);
        refuses(trade("alice buys", "bob sells"), IProofErrors.RoundSuperseded.selector);
        rewind(1);
        settle("alice buys", "bob sells");
        assertEq(BOOK.accountState(accountNamed("alice")).changedAtRound, second, "dated with the newest round");
        assertEq(BOOK.accountState(accountNamed("bob")).changedAtRound, second);
    }

    /// @dev A trader who knows that a price has moved far would still trade at the old one.
    function test_noGraceWhenAPriceMovedFar() public {
        postBookRound(2); // bitcoin is 3 % down, and initial less maintenance margin is 2 %
        refuses(trade("alice buys", "bob sells"), IProofErrors.RoundSuperseded.selector);
    }

    function test_theGraceIsOfTheRoundBeforeAlone() public {
        postBookRound(1);
        vm.warp(block.timestamp - 1 minutes); // both rounds within the grace
        postBookRound(1);
        rewind(1 minutes);
        refuses(trade("alice buys", "bob sells"), IProofErrors.RoundSuperseded.selector);
    }

    /// @dev The grace begins when a round is recorded: prices may be seen long before that.
    function test_theGraceBeginsWhenTheRoundIsRecorded() public {
        uint64 second = postBookRound(1);
        assertEq(rounds.recordedAt(second), block.timestamp);
        vm.mockCall(
            address(rounds), abi.encodeCall(rounds.recordedAt, (second)), abi.encode(block.timestamp - TRADE_GRACE - 1)
        );
        refuses(trade("alice buys", "bob sells"), IProofErrors.RoundSuperseded.selector);
    }

    /// @dev Both sides shrink: that is no reason to take an old price either.
    function test_whatReducesTheRiskOfBothSidesNeedsTheNewestRoundToo() public {
        settle("alice buys", "bob sells");
        postBookRound(1);
        skip(TRADE_GRACE + 1);
        Settlement memory back = trade("bob buys back", "alice sells back");
        assertEq(uint8(back.buyer.claim), uint8(Claim.ReducesRisk));
        assertEq(uint8(back.seller.claim), uint8(Claim.ReducesRisk));
        refuses(back, IProofErrors.RoundSuperseded.selector);
    }

    function test_refusesOldRounds() public {
        skip(MAX_PROOF_AGE + 1);
        refuses(trade("alice buys", "bob sells"), IProofErrors.RoundTooOld.selector);
    }

    function test_aClaimIsTheProofsOwn() public {
        Settlement memory deal = trade("alice buys", "bob sells");
        deal.buyer.claim = Claim.MeetsInitialMargin;
        refuses(deal, REFUSED);
        deal.buyer = updateOf(step("alice buys and meets initial margin"));
        BOOK.settle(1, deal);
    }

    function test_refusesCiphertextsOfAnotherLength() public {
        Settlement memory deal = trade("alice buys", "bob sells");
        deal.seller.ciphertext = new uint256[](4);
        refuses(deal, IProofErrors.WrongCiphertextLength.selector);
    }

    /// @dev New commitment, rho, ciphertext: what a side adds beside its claim.
    function testFuzz_noOtherStatePasses(bool ofBuyer, uint256 element, uint256 by) public {
        Settlement memory deal = trade("alice buys", "bob sells");
        StateUpdate memory side = ofBuyer ? deal.buyer : deal.seller;
        element = bound(element, 0, 6);
        if (element == 6) side.newCommitment = otherSignal(side.newCommitment, by);
        else if (element == 5) side.rho = otherSignal(side.rho, by);
        else side.ciphertext[element] = otherSignal(side.ciphertext[element], by);
        refuses(deal, REFUSED);
    }

    function callDeposit(string calldata name) external {
        deposit(name);
    }

    function callWithdraw(string calldata name) external {
        withdraw(name);
    }

    /// @dev Alone, and in a batch, which fails as a whole for its round and leaves out all else.
    function refuses(Settlement memory deal, bytes4 reason) private {
        vm.expectRevert(reason);
        BOOK.settle(1, deal);
        bool isOfTheRound =
            reason == IProofErrors.RoundSuperseded.selector || reason == IProofErrors.RoundTooOld.selector;
        Settlement[] memory deals = new Settlement[](1);
        deals[0] = deal;
        vm.expectRevert(isOfTheRound ? reason : IMarginBook.NothingSettled.selector);
        BOOK.settleBatch(1, deals);
    }
}
