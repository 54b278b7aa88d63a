// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {CircuitBreaker} from "../../src/CircuitBreaker.sol";
import {Asset, AssetKind} from "../../src/interfaces/IRiskParameters.sol";
import {RiskParameters} from "../../src/RiskParameters.sol";
import {Deploy} from "./Deploy.sol";

/// @title BookFixture
/// @notice A book and a breaker under one governance, before any price source.
abstract contract BookFixture is Test {
    uint64 internal constant DELAY = 2 days;
    uint32 internal constant DEVIATION = 100_000; // 10 %
    uint256 internal constant START = 1_700_000_000;

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
        breaker = Deploy.circuitBreaker(governance);
        vm.startPrank(governance);
        risk.grantRole(risk.STEWARD_ROLE(), steward);
        breaker.grantRole(breaker.GUARDIAN_ROLE(), guardian);
        vm.stopPrank();
    }

    function makeGuardian(address rounds) internal {
        vm.startPrank(governance);
        breaker.grantRole(breaker.GUARDIAN_ROLE(), rounds);
        vm.stopPrank();
    }

    /// @dev A perpetual without bounds of its own.
    function perpetual(uint256 number, uint256 maintenancePpm, uint256 initialPpm)
        internal
        pure
        returns (Asset memory)
    {
        return Asset({
            symbol: bytes32(abi.encodePacked("ASSET-", uint8(65 + number))),
            kind: AssetKind.Perpetual,
            decimals: 9,
            maintenancePpm: uint24(maintenancePpm),
            initialPpm: uint24(initialPpm),
            floorPpm: 0,
            ceilingPpm: 1_000_000,
            deviationPpm: DEVIATION
        });
    }

    /// @dev `count` perpetuals at 2.5 % and 5 %.
    function perpetuals(uint256 count) internal pure returns (Asset[] memory assets) {
        assets = new Asset[](count);
        for (uint256 i = 0; i < count; ++i) {
            assets[i] = perpetual(i, 25_000, 50_000);
        }
    }
}
