// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {RegistrarGate} from "@zksolvency/contracts/src/gate/RegistrarGate.sol";
import {MarginFractions} from "@zksolvency/contracts/src/interfaces/IRiskParameters.sol";
import {OwnerPriceRounds} from "@zksolvency/contracts/src/oracle/OwnerPriceRounds.sol";
import {SolvencyFixtures} from "@zksolvency/contracts/test-utils/SolvencyFixtures.sol";
import {Script} from "forge-std/Script.sol";

import {Venue} from "../src/Venue.sol";
import {Margin13Verifier} from "../src/verifiers/Margin13Verifier.sol";

/// @notice Deploys price source, verifier, gate and venue. The sender owns them, posts rounds and registers accounts.
contract Deploy is Script {
    uint64 private constant MAX_PROOF_AGE = 10 minutes;

    function run() external {
        MarginFractions[] memory fractions = SolvencyFixtures.read("test/fixtures/margin.json").fractions;
        vm.startBroadcast();
        OwnerPriceRounds rounds = new OwnerPriceRounds(msg.sender, fractions);
        RegistrarGate gate = new RegistrarGate(msg.sender, msg.sender, rounds, new Margin13Verifier(), MAX_PROOF_AGE, 0);
        new Venue(gate);
        vm.stopBroadcast();
    }
}
