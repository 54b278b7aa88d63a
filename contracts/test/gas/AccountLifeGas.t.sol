// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {StateChange} from "../../src/interfaces/IAccountLife.sol";
import {IBookVault} from "../../src/interfaces/IBookVault.sol";
import {Opening} from "../../src/interfaces/IMarginBook.sol";
import {AccountLifeFixture} from "../utils/AccountLifeFixture.sol";
import {ExpiryFixture} from "../utils/ExpiryFixture.sol";
import {BookRow} from "../utils/MarginBookFixture.sol";

/// @notice Gas of what the module for the life of accounts does, and of what it tells the book. Every contract, slot and
///         account is cold.
contract AccountLifeGasTest is AccountLifeFixture {
    string private constant GROUP = "account-life";
    address private theVault;

    function setUp() public override {
        super.setUp();
        acceptGuardian();
        theVault = address(vault());
    }

    modifier fromCold() {
        vm.cool(address(BOOK));
        vm.cool(address(life));
        vm.cool(address(gate));
        vm.cool(address(rounds));
        vm.cool(address(breaker));
        vm.cool(address(life.rekeyVerifier()));
        vm.cool(address(life.writeoffVerifier()));
        vm.cool(address(life.exitVerifier()));
        vm.cool(theVault);
        _;
    }

    receive() external payable {}

    function test_rekey() public {
        BookRow memory row = find(rekeys, "mia moves");
        rekeyFromCold(row.inputs[0], rekeyNamed("mia moves"));
        vm.snapshotGasLastCall(GROUP, "rekey");
    }

    function test_close() public {
        closeFromCold(closingNamed("pete closes"));
        vm.snapshotGasLastCall(GROUP, "close");
    }

    function test_exit() public {
        exitFromCold(exitNamed("olga takes a part"));
        vm.snapshotGasLastCall(GROUP, "exit");
    }

    function test_moveAccount() public {
        moveFromCold(commitmentOf(mia), rekeyNamed("mia moves"));
        vm.snapshotGasLastCall("book", "moveAccount");
    }

    function test_closeAccount() public {
        closeAccountFromCold(commitmentOf(pete));
        vm.snapshotGasLastCall("book", "closeAccount");
    }

    function test_queueWithdrawal() public {
        queueFromCold();
        vm.snapshotGasLastCall("book", "queueWithdrawal");
    }

    function rekeyFromCold(uint256 commitment, Opening memory opening) private fromCold {
        life.rekey(mia, commitment, opening);
    }

    function closeFromCold(StateChange memory change) private fromCold {
        life.close(change);
    }

    function exitFromCold(StateChange memory change) private fromCold {
        life.exit(40_000e18, RECIPIENT, change);
    }

    function moveFromCold(uint256 commitment, Opening memory opening) private fromCold {
        vm.prank(address(life));
        BOOK.moveAccount(mia, commitment, opening);
    }

    function closeAccountFromCold(uint256 commitment) private fromCold {
        vm.prank(address(life));
        BOOK.closeAccount(pete, commitment);
    }

    function queueFromCold() private fromCold {
        vm.prank(address(life));
        BOOK.queueWithdrawal(olga, 40_000e18, RECIPIENT);
    }
}

/// @notice Gas of the bonds in the vault, as the book calls it.
contract BondsGasTest is AccountLifeFixture {
    string private constant GROUP = "book-vault";
    address private theVault;
    address private keeper;

    function setUp() public override {
        super.setUp();
        theVault = address(vault());
        keeper = makeAddr("keeper");
        vm.deal(keeper, 1); // an address that exists
        vm.deal(address(BOOK), 10 * BOND);
    }

    /// @dev As the book, from cold.
    modifier asBook() {
        vm.cool(theVault);
        vm.prank(address(BOOK));
        _;
    }

    receive() external payable {}

    function test_postBond() public {
        postFromCold();
        vm.snapshotGasLastCall(GROUP, "postBond");
    }

    function test_payAndRefillBond() public {
        payFromCold();
        vm.snapshotGasLastCall(GROUP, "payBond");
        refillFromCold();
        vm.snapshotGasLastCall(GROUP, "refillBond");
    }

    function test_moveBond() public {
        moveFromCold();
        vm.snapshotGasLastCall(GROUP, "moveBond");
    }

    function test_returnBond() public {
        returnFromCold();
        vm.snapshotGasLastCall(GROUP, "returnBond");
    }

    function test_claimTip() public {
        creditFromCold();
        claimFromCold();
        vm.snapshotGasLastCall(GROUP, "claimTip");
    }

    function postFromCold() private asBook {
        IBookVault(theVault).postBond{value: BOND}(7, keeper);
    }

    function payFromCold() private asBook {
        IBookVault(theVault).payBond(pete, keeper);
    }

    function refillFromCold() private asBook {
        IBookVault(theVault).refillBond{value: BOND}(pete, keeper);
    }

    function moveFromCold() private asBook {
        IBookVault(theVault).moveBond(pete, 7);
    }

    function returnFromCold() private asBook {
        IBookVault(theVault).returnBond(pete);
    }

    function creditFromCold() private asBook {
        IBookVault(theVault).refillBond{value: BOND}(pete, keeper); // it is whole, so all of this is credited
    }

    function claimFromCold() private {
        vm.cool(theVault);
        vm.prank(keeper);
        IBookVault(theVault).claimTip(payable(keeper));
    }
}

/// @notice Gas of `expire`. The first account of a step between epochs pays for its point, which is kept.
contract ExpireGasTest is ExpiryFixture {
    string private constant GROUP = "account-life";

    function setUp() public override {
        super.setUp();
        openEpoch(OPTION_BIT);
    }

    function test_expire() public {
        expireFromCold("rita's option expires", 1);
        vm.snapshotGasLastCall(GROUP, "expire, first account of an epoch");
        expireFromCold("sam's option expires", 1);
        vm.snapshotGasLastCall(GROUP, "expire");
    }

    function test_expireTwoEpochs() public {
        openEpoch(PERPETUAL_BIT);
        expireFromCold("sam expires twice", 2);
        vm.snapshotGasLastCall(GROUP, "expire, first account of two epochs");
    }

    function expireFromCold(string memory name, uint32 toEpoch) private {
        StateChange memory change = changeNamed(name);
        vm.cool(address(BOOK));
        vm.cool(address(life));
        vm.cool(address(rounds));
        vm.cool(address(expiries));
        vm.cool(address(life.expireVerifier()));
        life.expire(toEpoch, change);
    }
}
