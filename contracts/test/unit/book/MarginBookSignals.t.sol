// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier, Proof} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Settlement, StateUpdate} from "../../../src/interfaces/IMarginBook.sol";
import {VectorKind} from "../../../src/interfaces/IPriceRounds.sol";
import {RoundReader} from "../../utils/RoundReader.sol";
import {Call, Entry, RulesFixture} from "../../utils/RulesFixture.sol";

/// @notice What each entry asks its verifier.
contract MarginBookSignalsTest is RulesFixture {
    /// @dev Spec ZS-61: what a verifier is asked is made of the call, and of nothing that its caller could add. Without
    ///      a trade ticket and side are 0, without a transfer asset, amount, direction and recipient.
    function test_theSignalsAreThoseOfTheCall() public {
        vm.mockCall(address(rounds), abi.encodeCall(rounds.reduceOnly, (2)), abi.encode(1 << BTC_PERP));
        G1Point memory point = updateVerifier.computeRoundPoint(roundInputs(2));
        Call memory item = signed(callOf(Entry.Deposit));
        uint256[] memory inputs = signalsOf(item.change, [uint256(0), 0, USDC, 1e18, 0, 0]);
        expectsSignals(item, abi.encodeCall(IGroth16Verifier.verify, (item.change.proof, inputs, point)));
        item = signed(callOf(Entry.Withdraw));
        inputs = signalsOf(item.change, [uint256(0), 0, USDC, 1e18, 1, uint160(RECIPIENT)]);
        expectsSignals(item, abi.encodeCall(IGroth16Verifier.verify, (item.change.proof, inputs, point)));
        for (uint256 i = 0; i < trades().length; ++i) {
            item = signed(callOf(trades()[i]));
            expectsSignals(item, questionOf(settlementsOf(item), point));
        }
    }

    function expectsSignals(Call memory item, bytes memory question) private {
        vm.expectCall(address(updateVerifier), question, 1);
        accepts(item);
    }

    /// @dev With every word of its own different from 0.
    function signed(Call memory item) private pure returns (Call memory) {
        item.change.rho = 7;
        for (uint256 i = 0; i < item.change.ciphertext.length; ++i) {
            item.change.ciphertext[i] = 100 + i;
        }
        item.change.proof.a.x = 9;
        return item;
    }

    /// @param terms Ticket, side, asset, amount, isWithdrawal, recipient.
    function signalsOf(StateUpdate memory change, uint256[6] memory terms)
        private
        pure
        returns (uint256[] memory inputs)
    {
        inputs = new uint256[](16);
        (inputs[0], inputs[1]) = (change.oldCommitment, change.newCommitment);
        for (uint256 i = 0; i < 5; ++i) {
            inputs[2 + i] = terms[i];
            inputs[10 + i] = change.ciphertext[i];
        }
        (inputs[7], inputs[8], inputs[9]) = (uint256(change.claim), terms[5], change.rho);
        inputs[15] = 1 << BTC_PERP;
    }

    /// @dev What the verifier is asked of trades: the buyer's signals before the seller's.
    function questionOf(Settlement[] memory deals, G1Point memory point) private pure returns (bytes memory) {
        Proof[] memory proofs = new Proof[](2 * deals.length);
        uint256[] memory inputs = new uint256[](16 * proofs.length);
        for (uint256 k = 0; k < proofs.length; ++k) {
            StateUpdate memory side = k % 2 == 0 ? deals[k / 2].buyer : deals[k / 2].seller;
            proofs[k] = side.proof;
            uint256[] memory own = signalsOf(side, [deals[k / 2].ticket, 1 + k % 2, 0, 0, 0, 0]);
            for (uint256 i = 0; i < 16; ++i) {
                inputs[16 * k + i] = own[i];
            }
        }
        return abi.encodeCall(IGroth16Verifier.verifyBatch, (proofs, inputs, point));
    }

    /// @dev The same of `margin`: the side is the entry's.
    function test_theSideIsThatOfTheEntry() public {
        uint256[] memory vectors = rounds.roundInputs(2, RoundReader.one(VectorKind.Maintenance), RoundReader.UNSCALED);
        G1Point memory point = verifier.computeRoundPoint(vectors);
        for (uint256 i = 0; i < gateEntries().length; ++i) {
            Call memory item = callOf(gateEntries()[i]);
            uint256[] memory inputs = new uint256[](3);
            (inputs[0], inputs[1]) = (commitmentOf(alice), item.entry == Entry.Flag ? 0 : 1);
            inputs[2] = uint160(RECIPIENT);
            Proof[] memory proofs = new Proof[](1);
            bytes memory question = item.entry == Entry.ProveSolventBatch
                ? abi.encodeCall(IGroth16Verifier.verifyBatch, (proofs, inputs, point))
                : abi.encodeCall(IGroth16Verifier.verify, (proofs[0], inputs, point));
            vm.expectCall(address(verifier), question, 1);
            accepts(item);
        }
    }
}
