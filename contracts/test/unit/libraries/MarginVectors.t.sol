// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IPriceRounds, Round, VectorKind} from "../../../src/interfaces/IPriceRounds.sol";
import {MarginFractions, PriceLimits, SlotParameters} from "../../../src/interfaces/IRiskParameters.sol";
import {OwnerPriceRounds} from "../../../src/oracle/OwnerPriceRounds.sol";
import {TestParameters, TestStoredRounds} from "../../mocks/TestStoredRounds.sol";
import {Deploy} from "../../utils/Deploy.sol";
import {MarginReference} from "../../utils/MarginReference.sol";
import {MarginVector, MarginVectors} from "../../utils/MarginVectors.sol";

contract MarginVectorsTest is MarginVectors {
    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant UNSCALED = 1e18;

    /// @dev Among them every rule of options, of stale and of scaled spot.
    function test_everyVectorInStoredRounds() public {
        MarginVector[] memory vectors = marginVectors();
        for (uint256 i = 0; i < vectors.length; ++i) {
            MarginVector memory v = vectors[i];
            TestStoredRounds rounds = record(v);
            check(v, rounds, v.spotScale);
            if (v.spotScale == UNSCALED) checkMargins(v, rounds);
        }
    }

    /// @dev The owner's rounds do not know spot, nor prices that are stale.
    function test_everyVectorWithoutSpotInOwnerRounds() public {
        MarginVector[] memory vectors = marginVectors();
        uint256 checked = 0;
        for (uint256 i = 0; i < vectors.length; ++i) {
            MarginVector memory v = vectors[i];
            if (v.spot != 0) continue;
            OwnerPriceRounds rounds = Deploy.ownerPriceRounds(address(this), allFractions(v));
            rounds.postRound(v.prices, v.funding);
            check(v, rounds, UNSCALED);
            check(v, rounds, 0); // without spot the scale changes nothing
            checkMargins(v, rounds);
            ++checked;
        }
        assertGt(checked, 40);
    }

    /// @dev Whether trades may still be proven at a round once the next one is there (spec ZS-57).
    function test_everyNextRound() public {
        MarginVector[] memory vectors = marginVectors();
        uint256 calm = 0;
        for (uint256 i = 0; i < vectors.length; ++i) {
            MarginVector memory v = vectors[i];
            TestStoredRounds rounds = record(v);
            assertTrue(rounds.isCalm(1), "the first round has none before it");
            rounds.record(v.prices, v.nextEffective, v.nextStale, type(uint64).max);
            assertEq(rounds.isCalm(2), v.isCalm == 1, "calm");
            calm += v.isCalm;
        }
        assertGt(calm, 40);
        assertGt(vectors.length - calm, 80);
    }

    function check(MarginVector memory v, IPriceRounds rounds, uint256 spotScale) private view {
        VectorKind[] memory kinds = new VectorKind[](3);
        (kinds[0], kinds[1], kinds[2]) = (VectorKind.Maintenance, VectorKind.Initial, VectorKind.Overdraft);
        uint256[] memory inputs = rounds.roundInputs(1, kinds, spotScale);
        assertEq(inputs.length, 7 * v.n);
        assertEq(part(inputs, v.n, 0), fieldElements(v.effective), "e as field elements");
        assertEq(part(inputs, v.n, 1), v.maintenanceLong, "d, maintenance");
        assertEq(part(inputs, v.n, 2), v.maintenanceShortExtra, "x, maintenance");
        assertEq(part(inputs, v.n, 3), v.initialLong, "d, initial");
        assertEq(part(inputs, v.n, 4), v.initialShortExtra, "x, initial");
        assertEq(part(inputs, v.n, 5), v.overdraftLong, "d, overdraft");
        assertEq(part(inputs, v.n, 6), v.overdraftShortExtra, "x, overdraft");
        assertEq(health(v, v.maintenanceLong, v.maintenanceShortExtra), v.health, "health");
        assertEq(health(v, v.initialLong, v.initialShortExtra), v.initialHealth, "initial health");
        assertEq(health(v, v.overdraftLong, v.overdraftShortExtra), v.overdraftHealth, "overdraft health");
    }

    function checkMargins(MarginVector memory v, IPriceRounds rounds) private view {
        Round memory round = rounds.round(1);
        assertEq(round.prices, v.prices, "prices");
        assertEq(round.effectivePrices, v.effective, "effective prices");
        (uint256[] memory d, uint256[] memory x) = rounds.marginsPerUnit(1, VectorKind.Maintenance);
        assertEq(d, v.maintenanceLong, "d");
        assertEq(x, v.maintenanceShortExtra, "x");
        (d, x) = rounds.marginsPerUnit(1, VectorKind.Initial);
        assertEq(d, v.initialLong, "initial d");
        assertEq(x, v.initialShortExtra, "initial x");
        (d, x) = rounds.marginsPerUnit(1, VectorKind.Overdraft);
        assertEq(d, v.overdraftLong, "overdraft d");
        assertEq(x, v.overdraftShortExtra, "overdraft x");
    }

    function record(MarginVector memory v) private returns (TestStoredRounds rounds) {
        SlotParameters[] memory slots = new SlotParameters[](v.n);
        int256[] memory effective = new int256[](v.n);
        for (uint256 i = 0; i < v.n; ++i) {
            slots[i] = SlotParameters(fractions(v, i), PriceLimits(0, 0, 0, type(uint64).max), 0);
            effective[i] = int256(v.prices[i]) - v.funding[i];
        }
        rounds = new TestStoredRounds(new TestParameters(slots, uint64(v.spot), uint24(v.lambdaPpm)));
        rounds.record(v.prices, effective, v.stale, type(uint64).max);
    }

    function fractions(MarginVector memory v, uint256 slot) private pure returns (MarginFractions memory) {
        return MarginFractions({
            maintenancePpm: uint24(v.maintenancePpm[slot]),
            initialPpm: uint24(v.initialPpm[slot]),
            shortMaintenancePpm: uint24(v.shortMaintenancePpm[slot]),
            shortInitialPpm: uint24(v.shortInitialPpm[slot]),
            underlyingMaintenancePpm: uint24(v.underlyingMaintenancePpm[slot]),
            underlyingInitialPpm: uint24(v.underlyingInitialPpm[slot]),
            underlying: uint8(v.underlying[slot]),
            strike: uint64(v.strike[slot])
        });
    }

    function allFractions(MarginVector memory v) private pure returns (MarginFractions[] memory items) {
        items = new MarginFractions[](v.n);
        for (uint256 i = 0; i < v.n; ++i) {
            items[i] = fractions(v, i);
        }
    }

    function health(MarginVector memory v, uint256[] memory d, uint256[] memory x) private pure returns (int256) {
        return MarginReference.health(v.balances, v.quote, v.effective, d, x);
    }

    function part(uint256[] memory inputs, uint256 n, uint256 index) private pure returns (uint256[] memory items) {
        items = new uint256[](n);
        for (uint256 i = 0; i < n; ++i) {
            items[i] = inputs[n * index + i];
        }
    }

    function fieldElements(int256[] memory e) private pure returns (uint256[] memory elements) {
        elements = new uint256[](e.length);
        for (uint256 i = 0; i < e.length; ++i) {
            elements[i] = e[i] < 0 ? R - uint256(-e[i]) : uint256(e[i]);
        }
    }
}
