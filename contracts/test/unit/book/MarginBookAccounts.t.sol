// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {BookAccount} from "../../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IMarginBook, Opening} from "../../../src/interfaces/IMarginBook.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {MarginBookFixture, BookRow} from "../../utils/MarginBookFixture.sol";

/// @notice How accounts come into being.
contract MarginBookAccountsTest is MarginBookFixture {
    function test_domainIsThatOfTheReference() public view {
        assertEq(BOOK.domain(), fixtureDomain);
    }

    function test_opensAnEmptyAccount() public {
        BookRow memory row = find(openings, "alice");
        Opening memory opening = openingOf(row);
        vm.expectEmit(address(BOOK));
        emit IMarginBook.AccountOpened(
            opening.identity,
            BOOK.guardianId(opening.guardianPoint),
            opening.ownerTag,
            opening.ownerPoint,
            opening.guardianPoint
        );
        vm.expectEmit(address(BOOK));
        emit IMarginBook.StateChanged(opening.identity, opening.commitment, 1, opening.rho, opening.ciphertext);
        BOOK.open{value: BOND}(opening);

        assertEq(commitmentOf(opening.identity), opening.commitment);
        BookAccount memory state = BOOK.accountState(opening.identity);
        assertEq(state.changedAtRound, 1);
        assertEq(state.provenAtRound, 1, "an empty account meets every margin");
        assertEq(state.epoch, 0);
        assertEq(state.maintenanceFlaggedAt, 0);
        assertEq(state.overdraftFlaggedAt, 0);
    }

    function test_countsAccountsAndNamesTheirCommitments() public {
        assertEq(BOOK.accountCount(), 0);
        open("alice");
        vm.expectRevert(IMarginBook.AlreadyOpen.selector);
        this.callOpen("alice");
        assertEq(BOOK.accountCount(), 1);
        open("bob");
        deposit("bob deposits");
        assertEq(BOOK.accountCount(), 2);
        uint256[] memory accounts = new uint256[](3);
        (accounts[0], accounts[1], accounts[2]) = (accountNamed("bob"), accountNamed("carol"), accountNamed("alice"));
        uint256[] memory commitments = BOOK.commitmentsOf(accounts);
        assertEq(commitments.length, 3);
        assertEq(commitments[0], commitmentNamed("bob deposits"));
        assertEq(commitments[1], 0, "not open");
        assertEq(commitments[2], commitmentOf(accounts[2]));
        assertEq(BOOK.commitmentsOf(new uint256[](0)).length, 0);
    }

    function test_opensBeforeTheFirstRound() public {
        vm.revertToState(beforeTheFirstRound);
        open("alice");
        assertEq(BOOK.accountState(accountNamed("alice")).changedAtRound, 0);
    }

    function test_refusesToOpenTwice() public {
        open("alice");
        vm.expectRevert(IMarginBook.AlreadyOpen.selector);
        this.callOpen("alice");
        deposit("alice deposits");
        vm.expectRevert(IMarginBook.AlreadyOpen.selector);
        this.callOpen("alice");
    }

    function test_refusesACommitmentOfAnotherAccount() public {
        open("alice");
        Opening memory opening = openingOf(find(openings, "bob"));
        opening.commitment = commitmentOf(accountNamed("alice"));
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector); // it binds the identity
        BOOK.open{value: BOND}(opening);
    }

    function test_refusesAnotherBooksAccount() public {
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        this.callOpen("in another book");
    }

    function test_refusesAGuardianThatIsNotAccepted() public {
        vm.expectRevert(IMarginBook.GuardianNotAccepted.selector);
        this.callOpen("with another guardian");

        uint256[2] memory point = guardianOf(find(openings, "with another guardian"));
        vm.expectEmit(address(BOOK));
        emit IMarginBook.GuardianSet(BOOK.guardianId(point), point, true);
        vm.prank(owner);
        BOOK.setGuardian(point, true);
        open("with another guardian");
    }

    function test_aGuardianIsDroppedForNewAccountsOnly() public {
        open("alice");
        uint256[2] memory point = guardianOf(find(openings, "alice"));
        vm.prank(owner);
        BOOK.setGuardian(point, false);
        vm.expectRevert(IMarginBook.GuardianNotAccepted.selector);
        this.callOpen("bob");
        deposit("alice deposits");
    }

    function test_onlyTheOwnerSetsGuardians() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        BOOK.setGuardian([uint256(1), 2], true);
        uint256[2] memory point = guardianOf(find(openings, "alice"));
        vm.expectRevert(IMarginBook.GuardianUnchanged.selector);
        vm.prank(owner);
        BOOK.setGuardian(point, true);
    }

    function test_everySignalIsBound() public {
        Opening memory opening = openingOf(find(openings, "alice"));
        for (uint256 i = 0; i < 6; ++i) {
            Opening memory other = openingOf(find(openings, "alice"));
            if (i == 0) other.commitment ^= 1;
            if (i == 1) other.identity ^= 1;
            if (i == 2) other.ownerTag ^= 1;
            if (i == 3) other.ownerPoint[1] ^= 1;
            if (i == 4) other.rho ^= 1;
            if (i == 5) other.ciphertext[4] ^= 1;
            vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
            BOOK.open{value: BOND}(other);
        }
        opening.ciphertext = new uint256[](6);
        vm.expectRevert(IProofErrors.WrongCiphertextLength.selector);
        BOOK.open{value: BOND}(opening);
    }

    function testFuzz_noOtherOpeningPasses(uint256 where, uint256 by) public {
        BookRow memory row = find(openings, "alice");
        where = ownSignal(row, where);
        row.inputs[where] = otherSignal(row.inputs[where], by);
        bool isGuardian = where == 6 || where == 7;
        vm.expectRevert(
            isGuardian ? IMarginBook.GuardianNotAccepted.selector : IGroth16Verifier.ProofDoesNotVerify.selector
        );
        BOOK.open{value: BOND}(openingOf(row));
    }

    /// @dev Or one opening would have several readings.
    function testFuzz_refusesSignalsBeyondTheField(uint256 where, uint256 value) public {
        BookRow memory row = find(openings, "alice");
        where = ownSignal(row, where);
        row.inputs[where] = bound(value, R, type(uint256).max);
        bool isGuardian = where == 6 || where == 7;
        vm.expectRevert(
            isGuardian
                ? abi.encodeWithSelector(IMarginBook.GuardianNotAccepted.selector)
                : abi.encodeWithSelector(IGroth16Verifier.SignalNotInField.selector, where)
        );
        BOOK.open{value: BOND}(openingOf(row));
    }

    /// @dev Any place but that of the domain, which is the book's own, whatever a row says.
    function ownSignal(BookRow memory row, uint256 where) private pure returns (uint256) {
        where = bound(where, 0, row.inputs.length - 2);
        return where < 2 ? where : where + 1;
    }

    function callOpen(string calldata name) external {
        open(name);
    }
}
