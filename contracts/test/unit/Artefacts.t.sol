// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";

import {Deploy} from "../utils/Deploy.sol";

/// @notice What the tests deploy, and measure, is what would be deployed: the present sources, with the settings of
///         production.
contract ArtefactsTest is Test {
    string[] private names = [
        "AccountLife",
        "BookGate",
        "BookVault",
        "BookVaultFactory",
        "ChainlinkRounds",
        "CircuitBreaker",
        "Exit13Verifier",
        "Expire13Verifier",
        "Expiries",
        "FaucetToken",
        "FixedRateEngine",
        "InsuranceFund",
        "LiquidationEngine",
        "Margin13Verifier",
        "MarginBook",
        "MockChainlinkFeed",
        "Open13Verifier",
        "OwnerPriceRounds",
        "PriceRounds",
        "PrivateMarginVenue",
        "PrivatePerpsVenue",
        "RegistrarGate",
        "Rekey13Verifier",
        "Release13Verifier",
        "Release28Verifier",
        "RiskParameters",
        "ShortfallLedger",
        "Update13Verifier",
        "Writeoff13Verifier"
    ];

    function test_artefactsHaveTheSettingsOfProduction() public view {
        for (uint256 i = 0; i < names.length; ++i) {
            string memory json = vm.readFile(Deploy.artefact(names[i]));
            assertEq(vm.parseJsonString(json, ".metadata.compiler.version"), "0.8.37+commit.f401782d", names[i]);
            assertEq(vm.parseJsonString(json, ".metadata.settings.evmVersion"), "cancun", names[i]);
            assertTrue(vm.parseJsonBool(json, ".metadata.settings.optimizer.enabled"), names[i]);
            assertEq(vm.parseJsonUint(json, ".metadata.settings.optimizer.runs"), runsOf(names[i]), names[i]);
            assertFalse(vm.keyExistsJson(json, ".metadata.settings.viaIR"), names[i]);
        }
    }

    /// @dev The book alone is compiled for its size.
    function runsOf(string memory name) private pure returns (uint256) {
        return keccak256(bytes(name)) == keccak256("MarginBook") ? 2_000 : 1_000_000;
    }

    function test_artefactsAreOfThePresentSources() public view {
        for (uint256 i = 0; i < names.length; ++i) {
            string memory json = vm.readFile(Deploy.artefact(names[i]));
            string[] memory paths = vm.parseJsonKeys(json, ".metadata.sources");
            for (uint256 k = 0; k < paths.length; ++k) {
                if (!isOurs(bytes(paths[k]))) continue;
                string memory key = string.concat(".metadata.sources[\"", paths[k], "\"].keccak256");
                assertEq(keccak256(bytes(vm.readFile(paths[k]))), vm.parseJsonBytes32(json, key), paths[k]);
            }
        }
    }

    /// @dev Forge does not hold tests to these limits: EIP-170 and EIP-3860.
    function test_artefactsAreSmallEnoughToBeDeployed() public view {
        for (uint256 i = 0; i < names.length; ++i) {
            assertLe(vm.getDeployedCode(Deploy.artefact(names[i])).length, 24_576, names[i]);
            assertLe(vm.getCode(Deploy.artefact(names[i])).length, 49_152, names[i]);
        }
    }

    /// @dev Whether a path leads into this project, not into a library.
    function isOurs(bytes memory path) private pure returns (bool) {
        return path[0] != "." && path[0] != "@";
    }
}
