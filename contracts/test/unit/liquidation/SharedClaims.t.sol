// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {stdError} from "forge-std/StdError.sol";
import {Test} from "forge-std/Test.sol";

import {Claim, Claims, SharedClaims} from "../../../src/libraries/SharedClaims.sol";

/// @notice ZS-92: claims paid in proportion, without a loop.
contract SharedClaimsTest is Test {
    using SharedClaims for Claims;

    uint256 private constant OWNERS = 5;

    Claims private claims;
    mapping(uint256 owner => Claim) private claimOf;
    uint256 private recorded;

    function test_eachPaymentIsSharedByWhatIsOwedThen() public {
        add(0, 100);
        claims.pay(50);
        add(1, 150);
        claims.pay(100); // of 200
        requireClaim(0, 25, 75);
        requireClaim(1, 75, 75);
        assertEq(claims.total, 100);
    }

    function test_aClaimThatWasPaidWholeIsOverForEver() public {
        add(0, 100);
        claims.pay(100);
        add(1, 7);
        claims.pay(3);
        add(0, 8);
        claims.pay(6); // of 12
        requireClaim(0, 3, 104); // 4, rounded down
        requireClaim(1, 1, 5);
        claims.pay(6);
        claims.pay(0);
        requireClaim(0, 0, 108);
        requireClaim(1, 0, 7);
        assertEq(claims.total, 0);
    }

    /// @dev Far below what a fraction without a scale could hold.
    function test_whatIsPaidDownATrillionTimesIsStillShared() public {
        uint256 whole = type(uint128).max;
        add(0, whole);
        uint256 paid = 0;
        for (uint256 i = 0; i < 20; ++i) {
            uint256 left = claims.total / 1e6 + 1;
            paid += claims.total - left;
            claims.pay(claims.total - left);
            add(1, 1e18);
            (uint256 owed, uint256 due) = claims.read(claimOf[0]);
            assertLe(owed + due, whole);
            assertLe(due, paid);
        }
        claims.pay(claims.total);
        requireClaim(0, 0, whole);
        (, uint256 all) = claims.read(claimOf[1]);
        assertApproxEqAbs(all, 20e18, 20, "a unit a payment");
    }

    function test_oneUnitIsLeftOfTheGreatestClaim() public {
        add(0, type(uint128).max);
        claims.pay(type(uint128).max - 1);
        requireClaim(0, 0, type(uint128).max - 1);
        add(1, type(uint128).max - 1);
        vm.expectRevert(stdError.arithmeticError);
        this.addOne();
        claims.pay(1);
        claims.pay(1e38);
        (, uint256 first) = claims.read(claimOf[0]);
        (, uint256 second) = claims.read(claimOf[1]);
        assertLe(first + second, uint256(type(uint128).max) + 1e38);
        assertGe(second, 1e38);
    }

    /// @dev Any claims and payments, written down at any time: owners together get no more than came in, and each one at most
    ///      a unit less a payment than its share.
    function testFuzz_noMoreIsPaidThanCameIn(uint256[40] calldata seeds) public {
        uint256 cameIn = 0;
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint256 seed = seeds[i];
            uint256 owner = (seed >> 8) % OWNERS;
            uint256 amount = seed >> (seed >> 16) % 250;
            if (seed % 3 == 0) add(owner, amount % 2 ** 96);
            if (seed % 3 == 1) claims.settle(claimOf[owner]);
            if (seed % 3 == 2) {
                uint256 payment = claims.total == 0 ? 0 : amount % (claims.total + 1);
                claims.pay(payment);
                cameIn += payment;
            }
            requireSums(cameIn, i);
        }
        cameIn += claims.total;
        claims.pay(claims.total);
        requireSums(cameIn, 2 * seeds.length);
    }

    function addOne() external {
        add(2, 1);
    }

    function add(uint256 owner, uint256 amount) private {
        claims.add(claimOf[owner], uint128(amount));
        recorded += amount;
    }

    function requireSums(uint256 cameIn, uint256 steps) private view {
        uint256 allOwed = 0;
        uint256 allDue = 0;
        for (uint256 owner = 0; owner < OWNERS; ++owner) {
            (uint256 owed, uint256 due) = claims.read(claimOf[owner]);
            allOwed += owed;
            allDue += due;
        }
        assertLe(allDue, cameIn, "LEDGER-4");
        assertGe(allDue + OWNERS * (steps + 1), cameIn);
        assertLe(allOwed, claims.total);
        assertGe(allOwed + OWNERS * (steps + 1), claims.total);
        assertEq(cameIn + claims.total, recorded);
    }

    function requireClaim(uint256 owner, uint256 owed, uint256 due) private view {
        (uint256 owedNow, uint256 dueNow) = claims.read(claimOf[owner]);
        assertEq(owedNow, owed);
        assertEq(dueNow, due);
    }
}
