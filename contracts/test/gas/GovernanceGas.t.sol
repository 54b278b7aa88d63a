// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Level} from "../../src/interfaces/ICircuitBreaker.sol";
import {MarginFractions} from "../../src/interfaces/IRiskParameters.sol";
import {OwnerPriceRounds} from "../../src/oracle/OwnerPriceRounds.sol";
import {TestPriceSource} from "../mocks/TestPriceSource.sol";
import {BookFixture} from "../utils/BookFixture.sol";
import {Deploy} from "../utils/Deploy.sol";

/// @dev A book of 13 slots, the last of them empty, and a contract with an owner.
abstract contract GovernanceGasFixture is BookFixture {
    string internal constant BREAKER = "circuit-breaker";
    string internal constant RISK = "risk-parameters";
    string internal constant ROLES = "roles";
    uint256 internal constant SLOTS = 13;

    OwnerPriceRounds internal owned;
    address internal successor = makeAddr("successor");

    function setUp() public virtual {
        deployBook(SLOTS, perpetuals(SLOTS - 1));
        owned = Deploy.ownerPriceRounds(governance, new uint256[](1), new uint256[](1));
    }

    /// @dev The next call is governance's, and finds what a transaction finds: no address and no slot was touched before.
    modifier byGovernance() {
        callFromCold(governance);
        _;
    }

    function callFromCold(address sender) internal {
        cool();
        vm.prank(sender);
    }

    function cool() internal {
        vm.cool(address(risk));
        vm.cool(Deploy.EXPIRIES);
        vm.cool(address(breaker));
        vm.cool(address(owned));
    }
}

/// @notice Gas of what governance does: levels, risk parameters, and the roles and owners that all contracts inherit.
///         Without the 21,000 and the calldata of a transaction, nothing warm.
contract GovernanceGasTest is GovernanceGasFixture {
    bytes32 private role;
    TestPriceSource private source;

    function setUp() public override {
        super.setUp();
        role = breaker.GUARDIAN_ROLE();
        source = new TestPriceSource(breaker, 1 hours);
        makeSource(source);
        source.record();
        skip(1);
    }

    // ------------------------------------------------------------------------------------------------ breaker

    function test_raiseTo() public {
        callFromCold(guardian);
        breaker.raiseTo(Level.NoFlags);
        vm.snapshotGasLastCall(BREAKER, "raiseTo");
    }

    function test_requireBelow() public {
        cool();
        breaker.requireBelow(Level.NoFlags);
        vm.snapshotGasLastCall(BREAKER, "requireBelow");
    }

    function test_activeTime() public {
        cool();
        vm.cool(address(source));
        breaker.activeTime(Level.NoFlags);
        vm.snapshotGasLastCall(BREAKER, "activeTime");
    }

    function test_setPriceSource() public {
        TestPriceSource next = new TestPriceSource(breaker, 1 hours);
        callFromCold(governance);
        breaker.setPriceSource(next);
        vm.snapshotGasLastCall(BREAKER, "setPriceSource");
    }

    function test_trip() public {
        callFromCold(address(source));
        breaker.trip(uint64(block.timestamp + 15 minutes));
        vm.snapshotGasLastCall(BREAKER, "trip");
    }

    // ------------------------------------------------------------------------------------------------ risk parameters

    function test_announce() public byGovernance {
        risk.announce(SLOTS - 1, perpetual(SLOTS - 1, 25_000, 300_000));
        vm.snapshotGasLastCall(RISK, "announce");
    }

    function test_tighten() public {
        MarginFractions memory fractions = fractionsWith(risk.asset(3), 30_000, 400_000);
        callFromCold(steward);
        risk.tighten(3, fractions);
        vm.snapshotGasLastCall(RISK, "tighten, 13 slots");
    }

    // ------------------------------------------------------------------------------------------------ roles

    function test_grantRole() public byGovernance {
        breaker.grantRole(role, successor);
        vm.snapshotGasLastCall(ROLES, "grantRole");
    }

    function test_revokeRole() public byGovernance {
        breaker.revokeRole(role, guardian);
        vm.snapshotGasLastCall(ROLES, "revokeRole");
    }

    function test_renounceRole() public {
        callFromCold(guardian);
        breaker.renounceRole(role, guardian);
        vm.snapshotGasLastCall(ROLES, "renounceRole");
    }

    function test_beginDefaultAdminTransfer() public byGovernance {
        breaker.beginDefaultAdminTransfer(successor);
        vm.snapshotGasLastCall(ROLES, "beginDefaultAdminTransfer");
    }

    function test_changeDefaultAdminDelay() public byGovernance {
        breaker.changeDefaultAdminDelay(2 days);
        vm.snapshotGasLastCall(ROLES, "changeDefaultAdminDelay");
    }

    // ------------------------------------------------------------------------------------------------ owners

    function test_transferOwnership() public byGovernance {
        owned.transferOwnership(successor);
        vm.snapshotGasLastCall(ROLES, "transferOwnership");
    }

    function test_renounceOwnership() public byGovernance {
        owned.renounceOwnership();
        vm.snapshotGasLastCall(ROLES, "renounceOwnership");
    }
}

/// @notice Gas of what completes or undoes what was begun in an earlier transaction.
contract BegunGovernanceGasTest is GovernanceGasFixture {
    TestPriceSource private source;

    function setUp() public override {
        super.setUp();
        source = new TestPriceSource(breaker, 1 hours);
        makeSource(source);
        vm.prank(guardian);
        breaker.raiseTo(Level.NoWithdrawals);
        vm.startPrank(governance);
        risk.announce(SLOTS - 1, perpetual(SLOTS - 1, 25_000, 300_000));
        breaker.beginDefaultAdminTransfer(successor);
        breaker.changeDefaultAdminDelay(2 days);
        owned.transferOwnership(successor);
        vm.stopPrank();
        skip(DELAY);
        source.record();
        source.trip(type(uint64).max);
    }

    function test_clear() public {
        callFromCold(address(source));
        breaker.clear();
        vm.snapshotGasLastCall(BREAKER, "clear");
        assertEq(breaker.trippedUntil(), 0);
    }

    function test_endSilence() public {
        skip(1 hours + 1);
        callFromCold(address(source));
        breaker.endSilence();
        vm.snapshotGasLastCall(BREAKER, "endSilence");
    }

    function test_lowerTo() public byGovernance {
        breaker.lowerTo(Level.Open);
        vm.snapshotGasLastCall(BREAKER, "lowerTo");
    }

    function test_announceAnew() public byGovernance {
        risk.announce(SLOTS - 1, perpetual(SLOTS - 1, 30_000, 330_000));
        vm.snapshotGasLastCall(RISK, "announce in place of another");
    }

    function test_cancel() public byGovernance {
        risk.cancel(SLOTS - 1);
        vm.snapshotGasLastCall(RISK, "cancel");
    }

    function test_execute() public byGovernance {
        risk.execute(SLOTS - 1);
        vm.snapshotGasLastCall(RISK, "execute, 13 slots");
    }

    function test_cancelDefaultAdminTransfer() public byGovernance {
        breaker.cancelDefaultAdminTransfer();
        vm.snapshotGasLastCall(ROLES, "cancelDefaultAdminTransfer");
    }

    function test_acceptDefaultAdminTransfer() public {
        callFromCold(successor);
        breaker.acceptDefaultAdminTransfer();
        vm.snapshotGasLastCall(ROLES, "acceptDefaultAdminTransfer");
    }

    function test_rollbackDefaultAdminDelay() public {
        rewind(1 hours);
        callFromCold(governance);
        breaker.rollbackDefaultAdminDelay();
        vm.snapshotGasLastCall(ROLES, "rollbackDefaultAdminDelay");
    }

    function test_acceptOwnership() public {
        callFromCold(successor);
        owned.acceptOwnership();
        vm.snapshotGasLastCall(ROLES, "acceptOwnership");
    }
}
