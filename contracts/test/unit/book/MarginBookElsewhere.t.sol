// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarginBook} from "../../../src/book/MarginBook.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IMarginBook, Opening, Settlement, StateUpdate} from "../../../src/interfaces/IMarginBook.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {MarginBookFixture} from "../../utils/MarginBookFixture.sol";

/// @notice Proofs of a book, brought to another one of equal N: with the same verifiers, guardian and tokens.
contract MarginBookElsewhereTest is MarginBookFixture {
    /// @dev Where the fixture has an account of another book.
    MarginBook private constant OTHER = MarginBook(address(uint160(address(BOOK)) + 1));

    /// @dev Where the fixture has it, eight fractions a slot.
    uint256 private constant INITIAL_OF_PERP = 8 * BTC_PERP + 1;

    bytes4 private immutable REFUSED = IGroth16Verifier.ProofDoesNotVerify.selector;

    function setUp() public override {
        super.setUp();
        deployAt(address(OTHER), parts(tokensOfBook()));
    }

    function test_anOpeningIsOfOneBook() public {
        Opening memory here = openingOf(find(openings, "alice"));
        Opening memory there = openingOf(find(openings, "in another book"));
        vm.expectRevert(REFUSED);
        OTHER.open{value: BOND}(here);
        vm.expectRevert(REFUSED);
        BOOK.open{value: BOND}(there);
        OTHER.open{value: BOND}(there);
        BOOK.open{value: BOND}(here);
    }

    /// @dev The identity binds the book, and the commitment the identity.
    function test_anUpdateIsOfOneBook() public {
        open("alice");
        Opening memory there = openingOf(find(openings, "in another book"));
        OTHER.open{value: BOND}(there);
        string[2] memory names = ["alice deposits", "alice withdraws"];
        for (uint256 i = 0; i < names.length; ++i) {
            StateUpdate memory change = updateOf(step(names[i]));
            refusesThere(change, i == 1, IMarginBook.AccountNotOpen.selector);
            change.account = there.identity;
            refusesThere(change, i == 1, IMarginBook.CommitmentNotCurrent.selector);
            change.oldCommitment = there.commitment;
            refusesThere(change, i == 1, REFUSED);
        }
        deposit("alice deposits");
    }

    function refusesThere(StateUpdate memory change, bool isWithdrawal, bytes4 reason) private {
        vm.prank(PAYER);
        vm.expectRevert(reason);
        if (isWithdrawal) OTHER.withdraw(1, USDC, 40_000e18, RECIPIENT, change);
        else OTHER.deposit(1, USDC, 100_000e18, change);
    }

    /// @dev A round id says nothing: prices and margins are what a proof is bound to.
    function test_aProofIsForTheRoundsOfItsSource() public {
        string[2] memory names = ["alice", "bob"];
        for (uint256 i = 0; i < names.length; ++i) {
            open(names[i]);
            deposit(string.concat(names[i], " deposits"));
        }
        Settlement memory deal = trade("alice buys", "bob sells");
        useSource(2, 0);
        vm.expectRevert(REFUSED);
        BOOK.settle(2, deal);
        useSource(1, 1); // the same prices, and another margin
        vm.expectRevert(REFUSED);
        BOOK.settle(2, deal);
        useSource(1, 0);
        BOOK.settle(2, deal);
    }

    /// @dev Gives the book the code of one with another price source. Accounts stay, and no point of round 2 is stored.
    /// @param like The round of the fixture that has the prices of its second round.
    /// @param extra What is added to the initial margin of a slot [ppm].
    function useSource(uint64 like, uint256 extra) private {
        instance.fractions[INITIAL_OF_PERP] += extra;
        rounds = deployRounds(instance);
        instance.fractions[INITIAL_OF_PERP] -= extra;
        postBookRound(1);
        postBookRound(like);
        vm.etch(address(BOOK), address(Deploy.marginBook(parts(tokensOfBook()))).code);
    }

    function tokensOfBook() private view returns (address[] memory tokens) {
        tokens = new address[](SLOTS + 1);
        for (uint256 i = 0; i < tokens.length; ++i) {
            tokens[i] = vault().tokenOf(i);
        }
    }
}
