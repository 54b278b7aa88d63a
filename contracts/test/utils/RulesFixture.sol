// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";

import {Ground} from "../../src/interfaces/ICommitments.sol";
import {IGroth16Verifier, Proof} from "../../src/interfaces/IGroth16Verifier.sol";
import {Claim, IMarginBook, Opening, Settlement, StateUpdate} from "../../src/interfaces/IMarginBook.sol";
import {SolvencyClaim} from "../../src/interfaces/ISolvencyGate.sol";
import {TestModule} from "../mocks/TestModule.sol";
import {BookGateFixture} from "./BookGateFixture.sol";

/// @dev Where a rule may be checked. A trade has two sides, and each has to be checked.
enum Entry {
    Deposit,
    Withdraw,
    SettleAsBuyer,
    SettleAsSeller,
    BatchAsBuyer,
    BatchAsSeller,
    Flag,
    ProveSolvent,
    ProveSolventBatch,
    RecordFlag,
    RecordSolvent,
    ClearFlag,
    ReplaceState,
    MoveAccount,
    CloseAccount,
    QueueWithdrawal
}

/// @dev One call of an entry, about one account.
struct Call {
    Entry entry;
    uint64 roundId;
    address recipient;
    uint256 asset;
    uint256 amount;
    uint256 ticket;
    StateUpdate change;
}

/// @title RulesFixture
/// @notice A book and its gate whose verifiers of `update` and `margin` accept everything: what is refused is refused
///         by book, gate or vault. Alice's account is open and changed last at round 1. Round 2, of the same prices, is
///         the newest.
abstract contract RulesFixture is BookGateFixture {
    bytes4 internal constant ACCEPTED = 0;

    TestModule internal module;
    uint256 internal alice;

    function setUp() public virtual override {
        super.setUp();
        open("carol");
        open("dave");
        alice = accountNamed("alice");
        acceptEverything(updateVerifier);
        acceptEverything(verifier);
        postBookRound(1);
    }

    function deployFirstGate() internal virtual override {
        super.deployFirstGate();
        module = new TestModule(BOOK);
    }

    function modules() internal view override returns (address[] memory named) {
        named = new address[](1);
        named[0] = address(module);
    }

    function acceptEverything(IGroth16Verifier which) private {
        vm.mockCall(address(which), abi.encodeWithSelector(IGroth16Verifier.verify.selector), "");
        vm.mockCall(address(which), abi.encodeWithSelector(IGroth16Verifier.verifyBatch.selector), "");
    }

    // ------------------------------------------------------------------------------------------------ entries

    function transfers() internal pure returns (Entry[] memory) {
        return entriesBetween(Entry.Deposit, Entry.Withdraw);
    }

    function trades() internal pure returns (Entry[] memory) {
        return entriesBetween(Entry.SettleAsBuyer, Entry.BatchAsSeller);
    }

    /// @dev Those that take a proof of `update`.
    function updatesOfAll() internal pure returns (Entry[] memory) {
        return entriesBetween(Entry.Deposit, Entry.BatchAsSeller);
    }

    /// @dev Those of the gate, which take a proof of `margin`.
    function gateEntries() internal pure returns (Entry[] memory) {
        return entriesBetween(Entry.Flag, Entry.ProveSolventBatch);
    }

    /// @dev What the gate and the modules tell the book.
    function reports() internal pure returns (Entry[] memory) {
        return entriesBetween(Entry.RecordFlag, Entry.ReplaceState);
    }

    function entriesBetween(Entry first, Entry last) internal pure returns (Entry[] memory entries) {
        entries = new Entry[](uint256(last) - uint256(first) + 1);
        for (uint256 i = 0; i < entries.length; ++i) {
            entries[i] = Entry(uint256(first) + i);
        }
    }

    function isTrade(Entry entry) internal pure returns (bool) {
        return entry >= Entry.SettleAsBuyer && entry <= Entry.BatchAsSeller;
    }

    function nameOf(Entry entry) internal pure returns (string memory) {
        string[16] memory names = [
            "deposit",
            "withdraw",
            "settle, buyer",
            "settle, seller",
            "settleBatch, buyer",
            "settleBatch, seller",
            "flag",
            "proveSolvent",
            "proveSolventBatch",
            "recordFlag",
            "recordSolvent",
            "clearFlag",
            "replaceState",
            "moveAccount",
            "closeAccount",
            "queueWithdrawal"
        ];
        return names[uint256(entry)];
    }

    // ------------------------------------------------------------------------------------------------ calls

    /// @dev A call about alice's account at the newest round, that no rule refuses.
    function callOf(Entry entry) internal view returns (Call memory) {
        return callOf(entry, rounds.latestRoundId());
    }

    function callOf(Entry entry, uint64 roundId) internal view returns (Call memory) {
        return Call(entry, roundId, RECIPIENT, USDC, 1e18, 1, changeOf(alice));
    }

    /// @dev An update that goes on from the present state of an account, and shrinks it.
    function changeOf(uint256 account) internal view returns (StateUpdate memory change) {
        change.account = account;
        change.oldCommitment = commitmentOf(account);
        change.newCommitment = uint256(keccak256(abi.encode(account, change.oldCommitment))) % R;
        change.claim = Claim.ReducesRisk;
        change.ciphertext = new uint256[](5);
    }

    function accepts(Call memory item) internal {
        refuses(item, ACCEPTED);
    }

    /// @dev Leaves everything as it was.
    function refuses(Call memory item, bytes4 reason) internal {
        assertEq(bytes32(refusalOf(item)), bytes32(reason), nameOf(item.entry));
    }

    /// @dev The selector of the error that a call is refused with, or dropped from its batch for; 0 when accepted.
    function refusalOf(Call memory item) internal returns (bytes4 reason) {
        uint256 before = vm.snapshotState();
        uint256 commitment = commitmentOf(item.change.account);
        if (item.entry == Entry.ClearFlag && commitment != 0 && !isFlagged(item.change.account)) {
            module.recordFlag(item.change.account, commitment, Ground.Maintenance, rounds.latestRoundId(), address(0));
        }
        vm.recordLogs();
        try this.act(item) {
            reason = whyDropped(vm.getRecordedLogs());
        } catch (bytes memory answer) {
            reason = bytes4(answer);
        }
        vm.revertToState(before);
    }

    function isFlagged(uint256 account) internal view returns (bool) {
        return BOOK.accountState(account).maintenanceFlaggedAt != 0;
    }

    function act(Call memory item) public {
        if (item.entry <= Entry.Withdraw) transfer(item);
        else if (isTrade(item.entry)) trade(item);
        else if (item.entry <= Entry.ProveSolventBatch) prove(item);
        else if (item.entry <= Entry.ReplaceState) report(item);
        else rule(item);
    }

    function transfer(Call memory item) private {
        if (item.entry == Entry.Deposit) {
            vm.prank(PAYER);
            BOOK.deposit(item.roundId, item.asset, item.amount, item.change);
        } else {
            BOOK.withdraw(item.roundId, item.asset, item.amount, item.recipient, item.change);
        }
    }

    function trade(Call memory item) private {
        Settlement[] memory deals = settlementsOf(item);
        if (item.entry <= Entry.SettleAsSeller) BOOK.settle(item.roundId, deals[0]);
        else BOOK.settleBatch(item.roundId, deals);
    }

    /// @dev With bob, and in a batch before a trade of carol with dave, which nothing stops.
    function settlementsOf(Call memory item) internal view returns (Settlement[] memory deals) {
        bool isBuyer = item.entry == Entry.SettleAsBuyer || item.entry == Entry.BatchAsBuyer;
        StateUpdate memory other = changeOf(accountNamed("bob"));
        deals = new Settlement[](item.entry <= Entry.SettleAsSeller ? 1 : 2);
        deals[0] = Settlement(item.ticket, isBuyer ? item.change : other, isBuyer ? other : item.change);
        if (deals.length == 1) return deals;
        deals[1] = Settlement(2, changeOf(accountNamed("carol")), changeOf(accountNamed("dave")));
    }

    function prove(Call memory item) private {
        uint256 account = item.change.account;
        Proof memory proof;
        if (item.entry == Entry.Flag) {
            gate.flag(account, item.roundId, item.recipient, proof);
        } else if (item.entry == Entry.ProveSolvent) {
            gate.proveSolvent(account, item.roundId, item.recipient, proof);
        } else {
            SolvencyClaim[] memory claims = new SolvencyClaim[](1);
            claims[0] = SolvencyClaim(account, item.change.oldCommitment, item.recipient, proof);
            gate.proveSolventBatch(item.roundId, claims);
        }
    }

    function report(Call memory item) private {
        StateUpdate memory change = item.change;
        (uint256 account, uint256 commitment) = (change.account, change.oldCommitment);
        if (item.entry == Entry.RecordFlag) {
            module.recordFlag(account, commitment, Ground.Maintenance, item.roundId, address(0));
        } else if (item.entry == Entry.RecordSolvent) {
            module.recordSolvent(account, commitment, item.roundId);
        } else if (item.entry == Entry.ClearFlag) {
            module.clearFlag(account, commitment, Ground.Maintenance, item.roundId);
        } else {
            uint32 epoch = BOOK.accountState(account).epoch;
            module.replaceState(
                account, commitment, change.newCommitment, item.roundId, epoch, change.rho, change.ciphertext
            );
        }
    }

    /// @dev What a module does with an account beside its reports.
    function rule(Call memory item) private {
        StateUpdate memory change = item.change;
        if (item.entry == Entry.MoveAccount) {
            Opening memory opening = openingOf(find(openings, "heidi"));
            opening.commitment = change.newCommitment;
            module.moveAccount(change.account, change.oldCommitment, opening);
        } else if (item.entry == Entry.CloseAccount) {
            module.closeAccount(change.account, change.oldCommitment);
        } else {
            module.queueWithdrawal(change.account, item.amount, item.recipient);
        }
    }

    /// @dev Of the first trade of a batch.
    function whyDropped(Vm.Log[] memory logs) private pure returns (bytes4 reason) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IMarginBook.SettlementDropped.selector) continue;
            uint256 index;
            (index, reason) = abi.decode(logs[i].data, (uint256, bytes4));
            assert(index == 0);
        }
    }
}
