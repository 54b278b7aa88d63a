// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {G1Point, IGroth16Verifier} from "../../../src/interfaces/IGroth16Verifier.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {BookRow, MarginBookFixture} from "../../utils/MarginBookFixture.sol";

/// @notice Proofs of `release` (ZS-76) at both kinds of margin (ZS-77): what a contract that takes them can rely on.
contract ReleaseTest is MarginBookFixture {
    uint256 private constant LARGE = 28;

    BookRow[] private releases;

    /// @dev The round inputs of each row, at its kind.
    uint256[][] private releaseRounds;

    function setUp() public override {
        readReleases("book-cases");
        readReleases("book-28");
    }

    function test_aReleaseIsProven13() public {
        IGroth16Verifier verifier = Deploy.verifier("Release13Verifier");
        proves(0, "release-13", verifier, SLOTS);
        proves(1, "release-13", verifier, SLOTS);
    }

    function test_aReleaseIsProven28() public {
        IGroth16Verifier verifier = Deploy.verifier("Release28Verifier");
        proves(2, "release-28", verifier, LARGE);
        proves(3, "release-28", verifier, LARGE);
    }

    function test_aReleaseAtOneKindIsNoneAtTheOther() public {
        IGroth16Verifier verifier = Deploy.verifier("Release13Verifier");
        refuses(verifier, releases[0], releaseRounds[1]);
        refuses(verifier, releases[1], releaseRounds[0]);
    }

    function testFuzz_noOtherSignalsOfAReleasePass(uint256 which, uint256 where, uint256 by) public {
        which = bound(which, 0, 1);
        BookRow memory row = releases[which];
        where = bound(where, 0, row.inputs.length - 1);
        row.inputs[where] = otherSignal(row.inputs[where], by);
        refuses(Deploy.verifier("Release13Verifier"), row, releaseRounds[which]);
    }

    function testFuzz_noOtherPricesMarginsOrLimitsPass(uint256 which, uint256 where, uint256 by) public {
        which = bound(which, 0, 1);
        uint256[] memory others = releaseRounds[which];
        where = bound(where, 0, others.length - 1);
        others[where] = otherSignal(others[where], by);
        refuses(Deploy.verifier("Release13Verifier"), releases[which], others);
    }

    function refuses(IGroth16Verifier verifier, BookRow memory row, uint256[] memory roundInputs) private {
        G1Point memory point = verifier.computeRoundPoint(roundInputs);
        vm.expectRevert(IGroth16Verifier.ProofDoesNotVerify.selector);
        verifier.verify(row.proof, row.inputs, point);
    }

    /// @dev oldCommitment, newCommitment, ticket, taker, rate, uncoveredRate, cured, rho, ciphertext[K]; then e, d and x
    ///      of each slot, sellable, floorRate, bufferRate, leastShare, leastAmount, dust.
    function proves(uint256 which, string memory statement, IGroth16Verifier verifier, uint256 slots) private view {
        BookRow memory row = releases[which];
        assertEq(verifier.statement(), statement);
        assertEq(verifier.proofInputCount(), 8 + (slots + 2) / 3);
        assertEq(verifier.roundInputCount(), 3 * slots + 6);
        bool isOverdraft = which % 2 == 1;
        assertEq(row.inputs[4], isOverdraft ? 50 : 1000, "the rate");
        assertEq(row.inputs[6], 1, "cured");
        assertEq(releaseRounds[which][3 * slots + 1], isOverdraft ? 50 : 1000, "the least rate");
        verifier.verify(row.proof, row.inputs, verifier.computeRoundPoint(releaseRounds[which]));
    }

    function readReleases(string memory name) private {
        string memory json = rowsFile(name);
        readRowsOf(json, ".releases", releases);
        for (uint256 i = 0; i < 2; ++i) {
            releaseRounds.push(vm.parseJsonUintArray(json, string.concat(".releaseRounds[", vm.toString(i), "]")));
        }
    }
}
