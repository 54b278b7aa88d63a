"""The Solidity of the integration guide is accepted by the compiler, with the names that its text introduces."""

import pytest
from snippets import GUIDES, snippet
from solidity import ROOT, compile_sources

pytestmark = pytest.mark.full

IMPORTS = """// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {PrivatePerpsVenue} from "contracts/examples/PrivatePerpsVenue.sol";
import {MarginBook} from "contracts/src/book/MarginBook.sol";
import {RegistrarGate} from "contracts/src/gate/RegistrarGate.sol";
import {IAccountGate} from "contracts/src/interfaces/IAccountGate.sol";
import {IBookVaultFactory, VaultSettings, VaultTerms} from "contracts/src/interfaces/IBookVault.sol";
import {ICircuitBreaker} from "contracts/src/interfaces/ICircuitBreaker.sol";
import {IGroth16Verifier} from "contracts/src/interfaces/IGroth16Verifier.sol";
import {IMarginBook} from "contracts/src/interfaces/IMarginBook.sol";
import {IPriceRounds} from "contracts/src/interfaces/IPriceRounds.sol";
interface Vm {
    function computeCreateAddress(address deployer, uint256 nonce) external pure returns (address);
    function getNonce(address account) external view returns (uint64);
}
"""
ROLES = "RegistrarGate gate; address venue; address deployer;"
PARTS = """
    address deployer; address owner; IERC20 feeToken; uint256 fee; address treasury; address governance;
    IPriceRounds rounds; address[] tokens; IGroth16Verifier openVerifier; IGroth16Verifier updateVerifier;
    ICircuitBreaker breaker; IBookVaultFactory vaultFactory; VaultTerms terms; address[] modules;
    uint256[2][] guardians;
"""


def test_the_solidity_of_the_guide_compiles() -> None:
    """Roles of a gate, and a book whose venue is deployed before it."""
    source = IMPORTS
    for number, declared in enumerate((ROLES, PARTS), start=1):
        body = snippet(GUIDES / "integrate.md", "solidity", number)
        source += f"contract Guide{number} {{ Vm vm; {declared} function run() external {{\n{body}}} }}\n"
    settings = {
        "outputSelection": {"*": {"*": ["abi"]}},
        "remappings": ["@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/"],
    }
    compiled = compile_sources({"Guide.sol": source}, settings, ROOT)
    assert {"Guide1", "Guide2"} < set(compiled["Guide.sol"])
