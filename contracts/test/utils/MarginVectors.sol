// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

/// @notice A row of tests/vectors/margin.json; docs there.
struct MarginVector {
    uint256 n;
    uint256[] prices;
    int256[] funding;
    uint256 spot;
    uint256 stale;
    uint256 lambdaPpm;
    uint256 spotScale;
    uint256[] maintenancePpm;
    uint256[] initialPpm;
    uint256[] shortMaintenancePpm;
    uint256[] shortInitialPpm;
    uint256[] underlyingMaintenancePpm;
    uint256[] underlyingInitialPpm;
    uint256[] underlying;
    uint256[] strike;
    int256[] effective;
    uint256[] maintenanceLong;
    uint256[] maintenanceShortExtra;
    uint256[] initialLong;
    uint256[] initialShortExtra;
    uint256[] overdraftLong;
    uint256[] overdraftShortExtra;
    int256[] balances;
    int256 quote;
    int256 health;
    int256 initialHealth;
    int256 overdraftHealth;
    int256[] nextEffective;
    uint256 nextStale;
    uint256 isCalm;
}

/// @title MarginVectors
/// @notice The vectors on which reference, circuit and contracts must agree.
abstract contract MarginVectors is Test {
    string private constant TYPE = "Row(uint256 n,uint256[] prices,int256[] funding,uint256 spot,uint256 stale,uint256 lambda_ppm,uint256 spot_scale,"
        "uint256[] maintenance_ppm,uint256[] initial_ppm,uint256[] short_maintenance_ppm,uint256[] short_initial_ppm,"
        "uint256[] underlying_maintenance_ppm,uint256[] underlying_initial_ppm,uint256[] underlying,uint256[] strike,"
        "int256[] effective,uint256[] maintenance_long,uint256[] maintenance_short_extra,uint256[] initial_long,"
        "uint256[] initial_short_extra,uint256[] overdraft_long,uint256[] overdraft_short_extra,int256[] balances,"
        "int256 quote,int256 health,int256 initial_health,int256 overdraft_health,"
        "int256[] next_effective,uint256 next_stale,uint256 is_calm)";

    function marginVectors() internal view returns (MarginVector[] memory vectors) {
        string memory json = vm.readFile("../tests/vectors/margin.json");
        vectors = abi.decode(vm.parseJsonTypeArray(json, "$", TYPE), (MarginVector[]));
        assertGt(vectors.length, 100);
    }
}
