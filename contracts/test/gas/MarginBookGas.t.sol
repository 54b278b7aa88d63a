// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {BookGate} from "../../src/gate/BookGate.sol";
import {IAccountGate} from "../../src/interfaces/IAccountGate.sol";
import {G1Point} from "../../src/interfaces/IGroth16Verifier.sol";
import {IMarginBook, Opening, Settlement, StateUpdate} from "../../src/interfaces/IMarginBook.sol";
import {TestPriceSource} from "../mocks/TestPriceSource.sol";
import {TestGate} from "../mocks/TestGate.sol";
import {Deploy} from "../utils/Deploy.sol";
import {BookRow, MarginBookFixture} from "../utils/MarginBookFixture.sol";

/// @dev A book, 32 rows of openings, of first deposits and of trades between neighbours. `vm.cool` makes slots cold again, but
///      not the contracts that a test has called before: so what has to be done before is in `setUp`.
abstract contract MarginBookGasFixture is MarginBookFixture {
    string internal constant GROUP = "book";
    uint256 internal constant PAIRS = 16;

    /// @dev EIP-7825 caps a transaction at 2^24 gas.
    uint256 internal constant MOST_GAS = 16_000_000;

    address internal theVault;
    address internal theGate;

    function setUp() public virtual override {
        vm.warp(START);
        readRows("book-batch");
        deployBook(bookTokens());
        (theVault, theGate) = (address(vault()), address(firstGate()));
        postBookRound(1);
        BOOK.prepareRound(1);
        usdc.mint(RECIPIENT, 1); // has some already
    }

    /// @dev What a transaction finds: no address and no slot was touched before.
    modifier fromCold() {
        vm.cool(address(BOOK));
        vm.cool(address(rounds));
        vm.cool(address(breaker));
        vm.cool(address(openVerifier));
        vm.cool(address(updateVerifier));
        vm.cool(address(usdc));
        vm.cool(theVault);
        vm.cool(theGate);
        _;
    }

    /// @dev Most accounts changed last at an earlier round than the newest: both words of their record change then.
    function nextRound() internal {
        BOOK.prepareRound(postBookRound(1));
    }

    function openAndFund(uint256 index) internal {
        BOOK.open{value: BOND}(openingOf(openings[index]));
        deposit(updates[index], 0);
    }

    function batch(uint256 size) internal view returns (Settlement[] memory deals) {
        deals = new Settlement[](size);
        for (uint256 k = 0; k < size; ++k) {
            deals[k] = trade(updates[2 * (PAIRS + k)], updates[2 * (PAIRS + k) + 1]);
        }
    }
}

/// @notice Gas of single calls, without the 21,000 and the calldata of a transaction. The round is prepared; every
///         contract, slot and account is cold.
contract MarginBookGasTest is MarginBookGasFixture {
    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < 2 * PAIRS; ++i) {
            openAndFund(i);
        }
        nextRound();
    }

    function test_settle() public {
        settleFromCold(batch(1)[0]);
        vm.snapshotGasLastCall(GROUP, "settle");
    }

    function test_settleInTheGrace() public {
        nextRound();
        settleFromCold(batch(1)[0]);
        vm.snapshotGasLastCall(GROUP, "settle at the round before");
    }

    function test_settleBatch() public {
        uint256 before = vm.snapshotState();
        uint256[3] memory sizes = [uint256(2), 8, 16];
        for (uint256 i = 0; i < 3; ++i) {
            batchFromCold(batch(sizes[i]));
            uint256 gas = vm.snapshotGasLastCall(GROUP, string.concat("settleBatch ", label(sizes[i]), " total"));
            vm.snapshotValue(GROUP, string.concat("settleBatch ", label(sizes[i]), " per settlement"), gas / sizes[i]);
            vm.revertToState(before);
        }
    }

    function test_settleBatchWithAWrongProof() public {
        Settlement[] memory deals = batch(PAIRS);
        deals[9].buyer.rho ^= 1;
        batchFromCold(deals);
        vm.snapshotGasLastCall(GROUP, "settleBatch 16 with a wrong proof total");
    }

    /// @dev Such a point makes the pairing burn all gas that the verifier was given: it is what costs most. 15 are the most
    ///      that leave something to settle. With 16 the call fails, and its gas is spent too.
    function test_settleBatchWithPointsOutsideTheSubgroup() public {
        uint256 before = vm.snapshotState();
        Settlement[] memory deals = batch(PAIRS);
        for (uint256 bad = 0; bad < PAIRS; ++bad) {
            deals[bad].buyer.proof.b = outsideTheSubgroup();
            if (bad != 0 && bad != PAIRS - 2) continue;
            batchFromCold(deals);
            string memory name = bad == 0 ? "a point" : "15 points";
            vm.snapshotGasLastCall(GROUP, string.concat("settleBatch 16 with ", name, " outside the subgroup total"));
            vm.revertToState(before);
        }
        uint256 gas = failedBatchFromCold(deals);
        vm.snapshotValue(GROUP, "settleBatch 16 with 16 points outside the subgroup total", gas);
        assertLt(gas, MOST_GAS);
    }

    function test_announceGate() public {
        announceFromCold(new TestGate());
        vm.snapshotGasLastCall(GROUP, "announceGate");
    }

    function test_verify() public {
        BookRow memory row = updates[0];
        uint256[] memory round = roundInputs(1);
        G1Point memory point = updateVerifier.computeRoundPoint(round);
        vm.snapshotGasLastCall(GROUP, "update-13 computeRoundPoint");
        updateVerifier.verify(row.proof, row.inputs, point);
        vm.snapshotGasLastCall(GROUP, "update-13 verify");
        row = openings[0];
        point = openVerifier.computeRoundPoint(new uint256[](0));
        openVerifier.verify(row.proof, row.inputs, point);
        vm.snapshotGasLastCall(GROUP, "open-13 verify");
    }

    function settleFromCold(Settlement memory deal) private fromCold {
        BOOK.settle(2, deal);
    }

    function batchFromCold(Settlement[] memory deals) private fromCold {
        BOOK.settleBatch(2, deals);
    }

    function failedBatchFromCold(Settlement[] memory deals) private fromCold returns (uint256 gas) {
        gas = gasleft();
        try BOOK.settleBatch(2, deals) {
            assertTrue(false, "a wrong proof was taken");
        } catch (bytes memory reason) {
            gas -= gasleft();
            assertEq(bytes4(reason), IMarginBook.NothingSettled.selector);
        }
    }

    function announceFromCold(TestGate gate) private fromCold {
        vm.prank(owner);
        BOOK.announceGate(gate);
    }

    function label(uint256 size) private pure returns (string memory) {
        return string.concat(size < 10 ? "0" : "", vm.toString(size));
    }
}

/// @notice The same where a BookGate is the gate of the book.
contract BehindAGateGasTest is MarginBookGasFixture {
    BookGate private bookGate;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < 2 * PAIRS; ++i) {
            openAndFund(i);
        }
        nextRound();
    }

    function deployFirstGate() internal override {
        bookGate = Deploy.bookGate(BOOK, breaker, rounds, Deploy.verifier("Margin13Verifier"), MAX_PROOF_AGE);
    }

    function firstGate() internal view override returns (IAccountGate) {
        return bookGate;
    }

    function test_settle() public {
        settleFromCold(batch(1)[0]);
        vm.snapshotGasLastCall(GROUP, "settle behind a gate");
    }

    function test_settleBatch() public {
        batchFromCold(batch(PAIRS));
        uint256 gas = vm.snapshotGasLastCall(GROUP, "settleBatch 16 behind a gate total");
        vm.snapshotValue(GROUP, "settleBatch 16 behind a gate per settlement", gas / PAIRS);
    }

    function settleFromCold(Settlement memory deal) private fromCold {
        BOOK.settle(2, deal);
    }

    function batchFromCold(Settlement[] memory deals) private fromCold {
        BOOK.settleBatch(2, deals);
    }
}

/// @notice Gas of the steps of an account, and of what the owner of a book does.
contract StepsGasTest is MarginBookGasFixture {
    TestGate private gate = new TestGate();

    /// @dev Accounts 0 and 1 have traded, account 2 is open.
    function setUp() public override {
        super.setUp();
        openAndFund(0);
        openAndFund(1);
        BOOK.settle(1, batch(1)[0]);
        BOOK.open{value: BOND}(openingOf(openings[2]));
        vm.prank(owner);
        BOOK.announceGate(gate);
        skip(BOOK.GATE_DELAY());
        nextRound();
    }

    function test_open() public {
        openFromCold(openingOf(openings[3]));
        vm.snapshotGasLastCall(GROUP, "open");
    }

    function test_deposit() public {
        depositFromCold(updateOf(updates[2]));
        vm.snapshotGasLastCall(GROUP, "deposit");
    }

    function test_withdraw() public {
        withdrawFromCold(updateOf(updates[4 * PAIRS]));
        vm.snapshotGasLastCall(GROUP, "withdraw");
    }

    /// @dev The breaker asks a price source whether it is silent: here another contract than the rounds, which is more than
    ///      a book pays whose rounds have a clock.
    function test_withdrawWithAClock() public {
        TestPriceSource source = new TestPriceSource(breaker, 1 days);
        source.record();
        vm.prank(owner);
        breaker.setPriceSource(source);
        vm.cool(address(source));
        withdrawFromCold(updateOf(updates[4 * PAIRS]));
        vm.snapshotGasLastCall(GROUP, "withdraw, breaker with a price source");
    }

    function test_acceptGuardian() public {
        setGuardianFromCold([uint256(1), 2], true);
        vm.snapshotGasLastCall(GROUP, "setGuardian, accept");
    }

    function test_dropGuardian() public {
        setGuardianFromCold(guardianOf(openings[0]), false);
        vm.snapshotGasLastCall(GROUP, "setGuardian, drop");
    }

    function test_announceGate() public {
        announceFromCold();
        vm.snapshotGasLastCall(GROUP, "announceGate in place of another");
    }

    function test_activateGate() public {
        activateFromCold();
        vm.snapshotGasLastCall(GROUP, "activateGate");
    }

    function openFromCold(Opening memory opening) private fromCold {
        BOOK.open{value: BOND}(opening);
    }

    function depositFromCold(StateUpdate memory change) private fromCold {
        vm.prank(PAYER);
        BOOK.deposit(2, USDC, 100_000e18, change);
    }

    function withdrawFromCold(StateUpdate memory change) private fromCold {
        BOOK.withdraw(2, USDC, 1_000e18, RECIPIENT, change);
    }

    function setGuardianFromCold(uint256[2] memory point, bool accepted) private fromCold {
        vm.prank(owner);
        BOOK.setGuardian(point, accepted);
    }

    function announceFromCold() private fromCold {
        vm.prank(owner);
        BOOK.announceGate(IAccountGate(address(0)));
    }

    function activateFromCold() private fromCold {
        vm.cool(address(gate));
        vm.prank(owner);
        BOOK.activateGate();
    }
}

/// @notice Gas of a round that is not prepared.
contract PrepareGasTest is MarginBookGasFixture {
    function setUp() public override {
        super.setUp();
        postBookRound(2);
    }

    function test_prepareRound() public fromCold {
        BOOK.prepareRound(2);
        vm.snapshotGasLastCall(GROUP, "prepareRound");
    }
}

/// @notice The same of a book without options, whose x are all 0: a 0 costs nothing in a point.
contract PrepareWithoutOptionsGasTest is MarginBookGasFixture {
    function setUp() public override {
        vm.warp(START);
        readRows("book-batch");
        for (uint256 i = 0; i < instance.fractions.length; ++i) {
            if (i % 8 > 1) instance.fractions[i] = 0;
        }
        deployBook(bookTokens());
        postBookRound(1);
        postBookRound(2);
    }

    function test_prepareRound() public fromCold {
        BOOK.prepareRound(2);
        vm.snapshotGasLastCall(GROUP, "prepareRound without options");
    }
}
