// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {AccountLife} from "../../src/book/AccountLife.sol";
import {BookGate} from "../../src/gate/BookGate.sol";
import {StateChange} from "../../src/interfaces/IAccountLife.sol";
import {IAccountGate} from "../../src/interfaces/IAccountGate.sol";
import {TestModule} from "../mocks/TestModule.sol";
import {Deploy} from "./Deploy.sol";
import {BookRow, MarginBookFixture} from "./MarginBookFixture.sol";

/// @title LifeModuleFixture
/// @notice A book with its gate, the module for the life of accounts, and a module that does what it is told.
abstract contract LifeModuleFixture is MarginBookFixture {
    AccountLife internal life;
    BookGate internal gate;
    TestModule internal other;
    BookRow[] internal exits;

    function setUp() public virtual override {
        super.setUp();
        readRowsOf(rowsFile(rowsName()), ".exits", exits);
    }

    function deployFirstGate() internal override {
        gate = Deploy.bookGate(BOOK, breaker, rounds, Deploy.verifier("Margin13Verifier"), MAX_PROOF_AGE);
        life = Deploy.accountLife(
            BOOK,
            SLOTS,
            Deploy.verifier("Expire13Verifier"),
            Deploy.verifier("Rekey13Verifier"),
            Deploy.verifier("Writeoff13Verifier"),
            Deploy.verifier("Exit13Verifier")
        );
        other = new TestModule(BOOK);
    }

    function firstGate() internal view override returns (IAccountGate) {
        return gate;
    }

    function modules() internal view override returns (address[] memory named) {
        named = new address[](2);
        (named[0], named[1]) = (address(life), address(other));
    }

    /// @param plain How many signals come before the ciphertext: rho is the last of them.
    function changeOf(BookRow memory row, uint256 plain) internal view returns (StateChange memory) {
        return StateChange({
            account: openings[row.account].inputs[1],
            oldCommitment: row.inputs[0],
            newCommitment: row.inputs[1],
            rho: row.inputs[plain - 1],
            ciphertext: slice(row.inputs, plain, row.inputs.length),
            proof: row.proof
        });
    }
}
