// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {Round, VectorKind} from "../../src/interfaces/IPriceRounds.sol";
import {OwnerPriceRounds} from "../../src/OwnerPriceRounds.sol";
import {Deploy} from "../utils/Deploy.sol";
import {MarginReference} from "../utils/MarginReference.sol";

/// @notice The vectors on which reference, circuit and contracts must agree.
contract MarginVectorsTest is Test {
    string private constant TYPE = "Row(uint256 n,uint256[] prices,int256[] funding,uint256[] fractions_ppm,"
        "int256[] effective,uint256[] margin_per_unit,int256[] balances,int256 quote,int256 health)";
    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

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

    function test_everyVector() public {
        string memory json = vm.readFile("../tests/vectors/margin.json");
        MarginVector[] memory vectors = abi.decode(vm.parseJsonTypeArray(json, "$", TYPE), (MarginVector[]));
        assertGt(vectors.length, 30);
        for (uint256 i = 0; i < vectors.length; ++i) {
            check(vectors[i]);
        }
    }

    function check(MarginVector memory v) private {
        OwnerPriceRounds rounds = Deploy.ownerPriceRounds(address(this), v.fractionsPpm, v.fractionsPpm);
        uint64 id = rounds.postRound(v.prices, v.funding);

        Round memory round = rounds.round(id);
        uint256[] memory d = rounds.marginsPerUnit(id, VectorKind.Maintenance);
        assertEq(round.prices, v.prices, "prices");
        assertEq(round.effectivePrices, v.effective, "effective prices");
        assertEq(d, v.marginPerUnit, "margins per unit");
        assertEq(MarginReference.health(v.balances, v.quote, round.effectivePrices, d), v.health, "health");

        uint256[] memory inputs = rounds.roundInputs(id, VectorKind.Initial);
        assertEq(inputs.length, 2 * v.n);
        for (uint256 i = 0; i < v.n; ++i) {
            int256 e = v.effective[i];
            assertEq(inputs[i], e < 0 ? R - uint256(-e) : uint256(e), "e as a field element");
            assertEq(inputs[v.n + i], v.marginPerUnit[i], "d as a field element");
        }
    }
}
