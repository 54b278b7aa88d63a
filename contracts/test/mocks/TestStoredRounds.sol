// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IExpiries} from "../../src/interfaces/IExpiries.sol";
import {SlotParameters} from "../../src/interfaces/IRiskParameters.sol";
import {PackedParameters} from "../../src/libraries/PackedParameters.sol";
import {PackedRound} from "../../src/libraries/PackedRound.sol";
import {StoredRounds} from "../../src/oracle/StoredRounds.sol";

/// @dev Holds any parameters, whatever the rules of listing say.
contract TestParameters {
    using PackedParameters for SlotParameters[];

    uint256 public immutable assetCount;
    uint24 public immutable lambdaInitialPpm;
    uint24 public immutable lambdaMaintenancePpm;
    bytes private _packed;

    constructor(SlotParameters[] memory slots, uint64 spot, uint24 lambdaPpm) {
        assetCount = slots.length;
        (lambdaInitialPpm, lambdaMaintenancePpm) = (lambdaPpm / 2, lambdaPpm);
        _packed = slots.pack(spot, 0);
    }

    function packedParametersAt(uint32) external view returns (bytes memory) {
        return _packed;
    }
}

/// @dev Records any round, whatever the rules of posting say.
contract TestStoredRounds is StoredRounds {
    using PackedRound for bytes;

    TestParameters private immutable _parameters;

    constructor(TestParameters parameters)
        StoredRounds(parameters.assetCount(), parameters.lambdaInitialPpm(), parameters.lambdaMaintenancePpm())
    {
        _parameters = parameters;
    }

    function record(uint256[] calldata prices, int256[] calldata effective, uint256 stale, uint256 priced)
        external
        returns (uint64)
    {
        bytes memory data = PackedRound.create(prices.length);
        for (uint256 i = 0; i < prices.length; ++i) {
            data.write(i, prices[i], effective[i]);
        }
        data.writeStatus(stale, priced, stale, 0);
        return _record(uint64(block.timestamp), 1, data);
    }

    function expiries() external pure returns (IExpiries) {
        return IExpiries(address(0));
    }

    function _parametersAt(uint32 version) internal view override returns (bytes memory) {
        return _parameters.packedParametersAt(version);
    }
}
