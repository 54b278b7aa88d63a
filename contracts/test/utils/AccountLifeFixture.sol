// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../src/interfaces/IAccountLife.sol";
import {Opening} from "../../src/interfaces/IMarginBook.sol";
import {LifeModuleFixture} from "./LifeModuleFixture.sol";
import {BookRow} from "./MarginBookFixture.sol";

/// @title AccountLifeFixture
/// @notice A book with the module for the life of accounts, a gate, and four open accounts: mia and noah hold a position
///         each, olga money, and pete nothing.
abstract contract AccountLifeFixture is LifeModuleFixture {
    BookRow[] internal rekeys;
    uint256 internal mia;
    uint256 internal olga;
    uint256 internal pete;

    function setUp() public virtual override {
        super.setUp();
        readRowsOf(rowsFile(rowsName()), ".rekeys", rekeys);
        string[4] memory names = ["mia", "noah", "olga", "pete"];
        for (uint256 i = 0; i < names.length; ++i) {
            open(names[i]);
            if (i < 3) deposit(string.concat(names[i], " deposits"));
        }
        settle("mia buys", "noah sells");
        (mia, olga, pete) = (accountNamed("mia"), accountNamed("olga"), accountNamed("pete"));
    }

    function rowsName() internal pure override returns (string memory) {
        return "book-life";
    }

    /// @dev The new identity, and its first state.
    function rekeyNamed(string memory name) internal view returns (Opening memory opening) {
        BookRow memory row = find(rekeys, name);
        opening.commitment = row.inputs[1];
        opening.identity = row.inputs[2];
        opening.ownerTag = row.inputs[4];
        opening.ownerPoint = [row.inputs[5], row.inputs[6]];
        opening.guardianPoint = [row.inputs[7], row.inputs[8]];
        opening.rho = row.inputs[9];
        opening.ciphertext = slice(row.inputs, 10, row.inputs.length);
        opening.proof = row.proof;
    }

    function exitNamed(string memory name) internal view returns (StateChange memory) {
        return changeOf(find(exits, name), 5);
    }

    function closingNamed(string memory name) internal view returns (StateChange memory) {
        return changeOf(find(writeoffs, name), 4);
    }

    /// @dev The guardian whom mia moves to.
    function acceptGuardian() internal {
        uint256[2] memory point = rekeyNamed("mia moves").guardianPoint;
        vm.prank(owner);
        BOOK.setGuardian(point, true);
    }
}
