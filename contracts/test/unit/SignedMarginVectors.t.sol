// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {IPriceRounds, Round, VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {Asset, AssetKind} from "../../src/interfaces/IRiskParameters.sol";
import {Report} from "../../src/interfaces/ISignedPriceRounds.sol";
import {MarginReference} from "../utils/MarginReference.sol";
import {ReporterFixture} from "../utils/ReporterFixture.sol";

/// @notice The vectors on which reference, circuit and contracts must agree, through signed rounds.
contract SignedMarginVectorsTest is ReporterFixture {
    string private constant TYPE = "Row(uint256 n,uint256[] prices,int256[] funding,uint256[] fractions_ppm,"
        "int256[] effective,uint256[] margin_per_unit,int256[] balances,int256 quote,int256 health)";
    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant NO_SLOT = type(uint256).max;

    struct MarginVector {
        uint256 n;
        uint256[] prices;
        int256[] funding;
        uint256[] fractionsPpm;
        int256[] effective;
        uint256[] marginPerUnit;
        int256[] balances;
        int256 quote;
        int256 health;
    }

    function test_everyVectorWithPrices() public {
        string memory json = vm.readFile("../tests/vectors/margin.json");
        MarginVector[] memory vectors = abi.decode(vm.parseJsonTypeArray(json, "$", TYPE), (MarginVector[]));
        uint256 checked = 0;
        for (uint256 i = 0; i < vectors.length; ++i) {
            MarginVector memory v = vectors[i];
            uint256 missing = missingPrice(v);
            deploy(v);
            Report[] memory reports = unanimous(3, v.prices, v.funding);
            if (missing != NO_SLOT) {
                vm.expectRevert(abi.encodeWithSelector(IPriceRounds.PriceOutOfRange.selector, missing));
                postRound(reports);
            } else {
                check(v, postRound(reports));
                ++checked;
            }
        }
        assertGt(checked, 40);
    }

    /// @dev The fraction of a vector is once the initial and once the maintenance one.
    function deploy(MarginVector memory v) private {
        Asset[] memory assets = new Asset[](v.n);
        for (uint256 i = 0; i < v.n; ++i) {
            assets[i] = perpetual(i, v.fractionsPpm[i] / 2, v.fractionsPpm[i]);
            if (v.fractionsPpm[i] == 0) assets[i].kind = AssetKind.Spot; // no derivative is without margin
        }
        deployBook(v.n, assets);
        deployRounds(3, 3);
    }

    function check(MarginVector memory v, uint64 id) private view {
        Round memory round = rounds.round(id);
        uint256[] memory d = rounds.marginsPerUnit(id, VectorKind.Initial);
        uint256[] memory maintenance = rounds.marginsPerUnit(id, VectorKind.Maintenance);
        assertEq(round.prices, v.prices, "prices");
        assertEq(round.effectivePrices, v.effective, "effective prices");
        assertEq(d, v.marginPerUnit, "margins per unit");
        assertEq(MarginReference.health(v.balances, v.quote, round.effectivePrices, d), v.health, "health");

        uint256[] memory inputs = rounds.roundInputs(id, VectorKind.Initial);
        uint256[] memory maintenanceInputs = rounds.roundInputs(id, VectorKind.Maintenance);
        assertEq(inputs.length, 2 * v.n);
        for (uint256 i = 0; i < v.n; ++i) {
            int256 e = v.effective[i];
            assertEq(inputs[i], e < 0 ? R - uint256(-e) : uint256(e), "e as a field element");
            assertEq(inputs[v.n + i], v.marginPerUnit[i], "d as a field element");
            uint256 half = (v.prices[i] * (v.fractionsPpm[i] / 2) + 999_999) / 1_000_000;
            assertEq(maintenance[i], half, "maintenance margin per unit");
            assertEq(maintenanceInputs[v.n + i], half, "maintenance d as a field element");
        }
    }

    function missingPrice(MarginVector memory v) private pure returns (uint256) {
        for (uint256 i = 0; i < v.n; ++i) {
            if (v.prices[i] == 0) return i;
        }
        return NO_SLOT;
    }
}
