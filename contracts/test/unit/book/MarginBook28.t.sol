// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {MarginBook} from "../../../src/book/MarginBook.sol";
import {G1Point, IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {IMarginBook, Settlement} from "../../../src/interfaces/IMarginBook.sol";
import {IProofErrors} from "../../../src/interfaces/IProofErrors.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {MarginBookFixture, BookRow} from "../../utils/MarginBookFixture.sol";

/// @notice A book of 28 slots, with a spot asset more: every entry, on proofs of that size.
contract MarginBook28Test is MarginBookFixture {
    uint256 private constant LARGE = 28;
    uint256 private constant LINK = 3;

    /// @dev What UpdateProofs lets the proofs of a batch cost: 11 + K inputs, K = 10.
    uint256 private constant BATCH_GAS = 200_000 + 21 * 12_000;
    uint256 private constant BATCH_GAS_PER_PROOF = 75_000;

    function setUp() public override {
        super.setUp();
        string[4] memory names = ["alice", "bob", "carol", "dave"];
        for (uint256 i = 0; i < names.length; ++i) {
            open(names[i]);
            deposit(string.concat(names[i], " deposits"));
        }
    }

    function test_everyEntryActs() public {
        assertEq(BOOK.domain(), fixtureDomain);
        assertEq(BOOK.longOnly(1), 15);
        assertEq(vault().holdingsOf(LARGE), 400_000e6);
        deposit("wbtc in");
        assertEq(vault().holdingsOf(WBTC), 1e8 + 1);

        settle("alice buys", "bob sells");
        assertEq(BOOK.settleBatch(1, deals()), 2);
        string[4] memory names = ["alice buys more", "bob sells more", "carol buys", "dave sells"];
        for (uint256 i = 0; i < names.length; ++i) {
            BookRow memory row = step(names[i]);
            assertEq(commitmentOf(openings[row.account].inputs[1]), row.inputs[1], names[i]);
        }

        withdraw("wbtc out");
        withdraw("bob withdraws");
        payOut(WBTC);
        payOut(LARGE);
        assertEq(vault().holdingsOf(WBTC), 0);
        assertEq(vault().holdingsOf(LARGE), 360_000e6);
        assertEq(usdc.balanceOf(RECIPIENT), 40_000e6);
    }

    /// @dev With four modules and 30 guardians. Forge does not hold tests to the limit of EIP-3860.
    function test_codeAndArgumentsOfALargeBookAreSmallEnough() public view {
        MarginBook.Parts memory made = parts(new address[](LARGE + 1));
        made.modules = new address[](4);
        made.guardians = new uint256[2][](30);
        bytes memory code = vm.getCode(Deploy.artefact("MarginBook"));
        assertLe(code.length + abi.encode(made).length, 49_152);
    }

    function test_theSlotAfterTheLastIsTheSettlementCurrency() public {
        BookRow memory row = step("bob withdraws");
        row.inputs[4] = LARGE - 1;
        vm.expectRevert(IMarginBook.NoToken.selector);
        this.callWithdraw(row);
    }

    function test_refusesCiphertextsOfASmallerBook() public {
        deposit("wbtc in");
        Settlement memory deal = trade("alice buys", "bob sells");
        deal.seller.ciphertext = new uint256[](5);
        vm.expectRevert(IProofErrors.WrongCiphertextLength.selector);
        BOOK.settle(1, deal);
    }

    function test_aWrongProofIsLeftOut() public {
        deposit("wbtc in");
        settle("alice buys", "bob sells");
        for (uint256 bad = 0; bad < 2; ++bad) {
            uint256 before = vm.snapshotState();
            Settlement[] memory batch = deals();
            batch[bad].buyer.proof.b = outsideTheSubgroup(); // burns all the gas that the verifier is given
            vm.expectEmit(address(BOOK));
            emit IMarginBook.SettlementDropped(batch[bad].ticket, bad, IMarginBook.ProofRefused.selector);
            assertEq(BOOK.settleBatch{gas: 5_000_000}(1, batch), 1);
            vm.revertToState(before);
        }
    }

    /// @dev The bound of BATCH_GAS was found at N = 13. A batch that fails for want of gas is taken for one of wrong proofs.
    function test_theGasThatAVerifierIsGivenSuffices() public {
        BookRow memory row = step("alice buys");
        G1Point memory point = updateVerifier.computeRoundPoint(roundInputs(1));
        uint256[4] memory sizes = [uint256(2), 4, 16, 32]; // the last is a full batch
        for (uint256 i = 0; i < sizes.length; ++i) {
            (Proof[] memory proofs, uint256[] memory inputs) = repeated(row, sizes[i]);
            vm.cool(address(updateVerifier));
            updateVerifier.verifyBatch(proofs, inputs, point);
            uint256 spent = vm.lastCallGas().gasTotalUsed;
            assertLe(spent * 5 / 4, limit(sizes[i]), "a quarter more than it costs");
        }
    }

    function test_theVerifierIsGivenThatGas() public {
        deposit("wbtc in");
        settle("alice buys", "bob sells");
        Settlement[] memory batch = deals();
        bytes memory verifies = abi.encodePacked(IGroth16Verifier.verifyBatch.selector);
        vm.expectCall(address(updateVerifier), 0, uint64(limit(4)), verifies);
        BOOK.settleBatch(1, batch);
    }

    function limit(uint256 proofs) private pure returns (uint256) {
        return BATCH_GAS + BATCH_GAS_PER_PROOF * proofs;
    }

    /// @dev A batch of one proof again and again costs what any of that size does.
    function repeated(BookRow memory row, uint256 size)
        private
        pure
        returns (Proof[] memory proofs, uint256[] memory inputs)
    {
        uint256 count = row.inputs.length;
        proofs = new Proof[](size);
        inputs = new uint256[](size * count);
        for (uint256 k = 0; k < size; ++k) {
            proofs[k] = row.proof;
            for (uint256 i = 0; i < count; ++i) {
                inputs[k * count + i] = row.inputs[i];
            }
        }
    }

    /// @dev The first goes on from where `alice buys` leaves its accounts, the second is of two others.
    function deals() private view returns (Settlement[] memory batch) {
        batch = new Settlement[](2);
        batch[0] = trade("alice buys more", "bob sells more");
        batch[1] = trade("carol buys", "dave sells");
    }

    function bookTokens() internal override returns (address[] memory tokens) {
        tokens = super.bookTokens();
        tokens[LINK] = address(Deploy.testToken("LINK", 18));
    }

    function rowsName() internal pure override returns (string memory) {
        return "book-28";
    }

    function slotCount() internal pure override returns (uint256) {
        return LARGE;
    }

    function deployVerifiers() internal override returns (IGroth16Verifier, IGroth16Verifier) {
        return (Deploy.verifier("Open28Verifier"), Deploy.verifier("Update28Verifier"));
    }

    function callWithdraw(BookRow calldata row) external {
        withdraw(row, 0);
    }
}
