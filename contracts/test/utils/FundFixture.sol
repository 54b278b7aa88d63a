// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {InsuranceFund} from "../../src/liquidation/InsuranceFund.sol";
import {CircuitBreaker} from "../../src/oracle/CircuitBreaker.sol";
import {OwnerPriceRounds} from "../../src/oracle/OwnerPriceRounds.sol";
import {TestPriceSource} from "../mocks/TestPriceSource.sol";
import {TestToken} from "../mocks/Tokens.sol";
import {Deploy} from "./Deploy.sol";

/// @title FundFixture
/// @notice An insurance fund whose ledger is the test.
abstract contract FundFixture is Test {
    uint64 internal constant COOLDOWN = 7 days;
    uint64 internal constant CLAIM_WINDOW = 2 days;
    uint64 internal constant RESUME_GRACE = 10 minutes;

    address internal owner = makeAddr("owner");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal thief = makeAddr("thief");
    CircuitBreaker internal breaker;
    TestPriceSource internal source;
    OwnerPriceRounds internal rounds;
    TestToken internal usdc;
    InsuranceFund internal fund;

    function setUp() public virtual {
        vm.warp(1_700_000_000);
        breaker = Deploy.circuitBreaker(owner, RESUME_GRACE);
        source = new TestPriceSource(breaker, 365 days);
        vm.startPrank(owner);
        breaker.setPriceSource(source);
        breaker.grantRole(breaker.GUARDIAN_ROLE(), owner);
        vm.stopPrank();
        uint256[] memory ppm = new uint256[](1);
        ppm[0] = 50_000;
        rounds = Deploy.ownerPriceRounds(address(this), ppm, ppm);
        usdc = settlementToken();
        fund = Deploy.insuranceFund(usdc, address(this), rounds, breaker, COOLDOWN);
        nextRound();
    }

    function settlementToken() internal virtual returns (TestToken) {
        return Deploy.testToken("USDC", 6);
    }

    function nextRound() internal {
        uint256[] memory prices = new uint256[](1);
        prices[0] = 1e9;
        rounds.postRound(prices, new int256[](1));
    }

    function join(address who, uint256 assets) internal returns (uint256 shares) {
        usdc.mint(who, assets);
        vm.startPrank(who);
        usdc.approve(address(fund), assets);
        shares = fund.deposit(assets, who);
        vm.stopPrank();
    }

    /// @dev To the test.
    function draw(uint256 most) internal returns (uint256) {
        return fund.draw(most, address(this));
    }

    function requestAll(address who) internal {
        uint256 shares = fund.balanceOf(who);
        vm.prank(who);
        fund.requestRedeem(shares);
    }

    function redeemAll(address who) internal returns (uint256 assets) {
        uint256 shares = fund.maxRedeem(who);
        vm.prank(who);
        assets = fund.redeem(shares, who, who);
    }

    function raiseTo(Level level) internal {
        vm.prank(owner);
        breaker.raiseTo(level);
    }
}
