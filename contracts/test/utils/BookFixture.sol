// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {IPriceClock} from "../../src/interfaces/IPriceClock.sol";
import {Asset, AssetKind, MarginFractions} from "../../src/interfaces/IRiskParameters.sol";
import {PackedParameters} from "../../src/libraries/PackedParameters.sol";
import {CircuitBreaker} from "../../src/oracle/CircuitBreaker.sol";
import {RiskParameters} from "../../src/oracle/RiskParameters.sol";
import {Deploy} from "./Deploy.sol";

/// @title BookFixture
/// @notice A book and a breaker under one governance, before any price source.
abstract contract BookFixture is Test {
    using PackedParameters for bytes;

    uint64 internal constant DELAY = 2 days;
    uint32 internal constant DEVIATION = 100_000; // 10 %
    uint64 internal constant LEAST_PRICE = 10_000; // 0.00001 USD
    uint256 internal constant START = 1_700_000_000;
    uint64 internal constant RESUME_GRACE = 10 minutes;

    address internal governance = makeAddr("governance");
    address internal steward = makeAddr("steward");
    address internal guardian = makeAddr("guardian");
    address internal stranger = makeAddr("stranger");

    RiskParameters internal risk;
    CircuitBreaker internal breaker;

    /// @dev Deploys a book of `assetCount` slots, the first of them with these assets.
    function deployBook(uint256 assetCount, Asset[] memory assets) internal {
        vm.warp(START);
        risk = Deploy.riskParameters(governance, assetCount, DELAY, assets);
        breaker = Deploy.circuitBreaker(governance, RESUME_GRACE);
        vm.startPrank(governance);
        risk.grantRole(risk.STEWARD_ROLE(), steward);
        breaker.grantRole(breaker.GUARDIAN_ROLE(), guardian);
        vm.stopPrank();
    }

    function makeSource(IPriceClock rounds) internal {
        vm.prank(governance);
        breaker.setPriceSource(rounds);
    }

    /// @dev Bitmap of the slots that have an asset now.
    function listedSlots() internal view returns (uint64) {
        return risk.packedParametersAt(risk.version()).listed();
    }

    /// @dev Governance lists or changes an asset, after the delay.
    function list(uint256 slot, Asset memory entry) internal {
        vm.prank(governance);
        risk.announce(slot, entry);
        skip(DELAY);
        vm.prank(governance);
        risk.execute(slot);
    }

    /// @dev A perpetual without bounds of its own.
    function perpetual(uint256 number, uint256 maintenancePpm, uint256 initialPpm)
        internal
        pure
        returns (Asset memory entry)
    {
        entry.symbol = bytes32(abi.encodePacked("ASSET-", uint8(65 + number)));
        entry.kind = AssetKind.Perpetual;
        entry.decimals = 9;
        (entry.maintenancePpm, entry.initialPpm) = (uint24(maintenancePpm), uint24(initialPpm));
        entry.ceilingPpm = 1_000_000;
        entry.deviationPpm = DEVIATION;
        (entry.leastPrice, entry.greatestPrice) = (LEAST_PRICE, type(uint64).max);
    }

    /// @dev A spot asset at 10 % and 30 %.
    function spot(bytes32 symbol, uint8 decimals) internal pure returns (Asset memory entry) {
        entry = perpetual(0, 100_000, 300_000);
        (entry.symbol, entry.kind, entry.decimals) = (symbol, AssetKind.Spot, decimals);
        (entry.floorPpm, entry.ceilingPpm) = (50_000, 500_000);
    }

    /// @dev An option that needs 75 % and 100 % of its own price on either side, or 10 % and 15 % of its underlying's on the
    ///      short one. Its limit is a third of its price, or 500 units where that is more.
    /// @param strike Of a put [1e-9 USD]; 0 for a call.
    function option(uint256 number, uint8 underlying, uint64 strike) internal pure returns (Asset memory entry) {
        entry = perpetual(number, 750_000, 1_000_000);
        (entry.kind, entry.underlying, entry.strike) = (AssetKind.Option, underlying, strike);
        (entry.shortMaintenancePpm, entry.shortInitialPpm) = (750_000, 1_000_000);
        (entry.underlyingMaintenancePpm, entry.underlyingInitialPpm) = (100_000, 150_000);
        (entry.deviationPpm, entry.deviationAmount, entry.leastPrice) = (333_333, 500, 0);
    }

    /// @dev `count` perpetuals at 2.5 % and 30 %, so that a limit of 10 % is a third of the initial margin.
    function perpetuals(uint256 count) internal pure returns (Asset[] memory assets) {
        assets = new Asset[](count);
        for (uint256 i = 0; i < count; ++i) {
            assets[i] = perpetual(i, 25_000, 300_000);
        }
    }

    /// @dev What a steward gives to raise some of them.
    function fractionsOf(Asset memory entry) internal pure returns (MarginFractions memory) {
        return MarginFractions(
            entry.maintenancePpm,
            entry.initialPpm,
            entry.shortMaintenancePpm,
            entry.shortInitialPpm,
            entry.underlyingMaintenancePpm,
            entry.underlyingInitialPpm,
            entry.underlying,
            entry.strike
        );
    }

    /// @dev The same with another pair of fractions, which is all that a perpetual or spot asset has.
    function fractionsWith(Asset memory entry, uint24 maintenancePpm, uint24 initialPpm)
        internal
        pure
        returns (MarginFractions memory fractions)
    {
        fractions = fractionsOf(entry);
        (fractions.maintenancePpm, fractions.initialPpm) = (maintenancePpm, initialPpm);
    }
}
