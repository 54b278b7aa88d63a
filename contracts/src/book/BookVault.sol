// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IBookVault, QueuedWithdrawal, VaultTerms} from "../interfaces/IBookVault.sol";
import {ICircuitBreaker, Level} from "../interfaces/ICircuitBreaker.sol";
import {IShortfallLedger} from "../interfaces/IShortfallLedger.sol";
import {ExactTransfers} from "../libraries/ExactTransfers.sol";
import {Outflow, OutflowLimit} from "../libraries/OutflowLimit.sol";
import {Bonds} from "./Bonds.sol";

/// @title BookVault
/// @notice See IBookVault.
/// @dev Balances are measured around every transfer, so that a token which takes fees is refused, and one that rebased
///      downwards does not move: neither is paid for by those who hold other accounts. What is sent to the vault unasked, or
///      added by a rebase, belongs to no account, and cannot stop it. A token that calls back meets the guards of book and
///      vault, and finds everything written that a pay-out changes.
///
///      Why the clock of `NoFlags`: a withdrawal waits so that the account which owes what it takes can be flagged and taken
///      over first. While flags are stopped, or prices are silent, that cannot happen.
contract BookVault is Bonds {
    using OutflowLimit for Outflow;
    using ExactTransfers for IERC20;

    struct Asset {
        IERC20 token;
        /// Places of the first and the next withdrawal.
        uint48 next;
        uint48 end;
        /// Net transfers, in the token's own units, like all amounts here.
        uint128 held;
        uint128 queued;
        uint128 credited;
        uint128 leastOutflow;
        Outflow outflow;
    }

    /// @notice The shortest delay of a withdrawal.
    uint64 public constant MIN_DELAY = 1 minutes;

    /// @notice The longest delay of a withdrawal.
    uint64 public constant MAX_DELAY = 7 days;

    /// @notice The gas that the transfer of a pay-out gets: several times what tokens need, so that a recipient that burns
    ///         it costs the caller little.
    uint256 public constant TRANSFER_GAS = 300_000;

    /// @dev A call gets at most 63/64 of what is left, which has to be all of `TRANSFER_GAS`, and costs a little itself.
    uint256 private constant LEAST_GAS = TRANSFER_GAS * 64 / 63 + 5_000;

    uint256 private constant OUTFLOW_PERIOD = 1 hours;

    uint256 private constant PPM = 1_000_000;

    /// @inheritdoc IBookVault
    ICircuitBreaker public immutable breaker;

    /// @inheritdoc IBookVault
    IShortfallLedger public immutable ledger;

    /// @inheritdoc IBookVault
    uint64 public immutable withdrawalDelay;

    /// @inheritdoc IBookVault
    uint32 public immutable outflowPpm;

    uint256 private immutable _settlementAsset;

    mapping(uint256 asset => Asset) private _assets;
    mapping(uint256 asset => mapping(uint256 index => QueuedWithdrawal)) private _queues;

    /// @inheritdoc IBookVault
    mapping(uint256 asset => mapping(address recipient => uint256)) public creditOf;

    /// @param book_ The book, which has checked tokens and breaker.
    /// @param tokens One for each slot, zero for a derivative, then that of the settlement currency.
    constructor(address book_, address[] memory tokens, ICircuitBreaker breaker_, VaultTerms memory terms)
        Bonds(book_, terms.openingBond)
    {
        if (terms.delay < MIN_DELAY || terms.delay > MAX_DELAY) revert WithdrawalDelayOutOfRange(terms.delay);
        if (terms.outflowPpm > PPM || terms.leastOutflows.length != tokens.length) revert WrongOutflowLimit();
        if (address(terms.ledger) != address(0) && address(terms.ledger).code.length == 0) revert LedgerWithoutCode();
        (breaker, ledger) = (breaker_, terms.ledger);
        (withdrawalDelay, outflowPpm) = (terms.delay, terms.outflowPpm);
        _settlementAsset = tokens.length - 1;
        for (uint256 i = 0; i < tokens.length; ++i) {
            if (tokens[i] == address(0)) continue;
            uint256 least = terms.leastOutflows[i];
            if (least == 0 || least > type(uint128).max) revert WrongOutflowLimit();
            (_assets[i].token, _assets[i].leastOutflow) = (IERC20(tokens[i]), uint128(least));
        }
    }

    /// @inheritdoc IBookVault
    function collect(uint256 asset, uint256 amount, address from) external onlyBook nonReentrant {
        if (_isShared(asset)) ledger.requireAccepted(from);
        Asset storage stored = _assets[asset];
        (IERC20 token, uint256 held) = (stored.token, stored.held);
        uint256 balance = _measure(token, held);
        stored.held = _sum(held, amount);
        token.receiveFrom(from, amount, balance);
    }

    /// @inheritdoc IBookVault
    function contribute(uint256 amount) external nonReentrant {
        if (msg.sender != address(ledger)) revert NotTheLedger();
        Asset storage stored = _assets[_settlementAsset];
        uint128 held = _sum(stored.held, amount);
        _measure(stored.token, held);
        stored.held = held;
        emit Contributed(amount);
    }

    /// @inheritdoc IBookVault
    function enqueue(uint256 asset, uint256 amount, address recipient)
        external
        onlyBook
        nonReentrant
        returns (uint256 index)
    {
        Asset storage stored = _assets[asset];
        _requireRecipient(stored.token, recipient);
        // What the ledger cuts needs less than it is worth.
        uint256 most = _isShared(asset) ? type(uint128).max : stored.held - stored.credited;
        uint256 queued = stored.queued;
        if (amount > most - queued) revert HoldingsExhausted();
        stored.queued = uint128(queued + amount);
        index = stored.end;
        stored.end = uint48(index + 1);
        uint48 dueAt = uint48(_activeTime() + withdrawalDelay);
        _queues[asset][index] = QueuedWithdrawal(recipient, dueAt, amount);
    }

    /// @inheritdoc IBookVault
    function payOut(uint256 asset, uint256 count) external nonReentrant returns (uint256 amount) {
        breaker.requireBelow(Level.NoWithdrawals);
        Asset storage stored = _assets[asset];
        (uint256 index, uint256 end) = (stored.next, stored.end);
        if (count < end - index) end = index + count;
        uint256 time = _activeTime();
        while (index < end && _queues[asset][index].dueAt <= time) {
            (uint256 part, bool isWhole) = _payFirst(asset, stored, index);
            amount += part;
            if (!isWhole) break;
            ++index;
        }
        if (amount == 0) revert NothingDue();
    }

    /// @inheritdoc IBookVault
    function claimCredit(uint256 asset, address to) external nonReentrant {
        breaker.requireBelow(Level.NoWithdrawals);
        Asset storage stored = _assets[asset];
        (IERC20 token, uint256 held) = (stored.token, stored.held);
        uint256 amount = creditOf[asset][msg.sender];
        if (amount == 0) revert NoCredit();
        _requireRecipient(token, to);
        _measure(token, held);
        creditOf[asset][msg.sender] = 0;
        stored.credited -= uint128(amount);
        stored.held = uint128(held - amount);
        emit CreditClaimed(asset, msg.sender, to, amount);
        token.sendTo(to, amount);
    }

    /// @notice Makes the transfer of a pay-out. Only the vault: a transfer that fails, or is not exact, is undone as a whole.
    /// @param token Of the pay-out.
    /// @param to Its recipient.
    /// @param amount In the token's own units.
    function transferExactly(IERC20 token, address to, uint256 amount) external {
        if (msg.sender != address(this)) revert NotTheVault();
        token.sendTo(to, amount);
    }

    /// @inheritdoc IBookVault
    function leastOutflowOf(uint256 asset) external view returns (uint256) {
        return _assets[asset].leastOutflow;
    }

    /// @inheritdoc IBookVault
    function tokenOf(uint256 asset) external view returns (address) {
        return address(_assets[asset].token);
    }

    /// @inheritdoc IBookVault
    function holdingsOf(uint256 asset) external view returns (uint256) {
        return _assets[asset].held;
    }

    /// @inheritdoc IBookVault
    function backing() external view returns (uint256) {
        Asset storage stored = _assets[_settlementAsset];
        return stored.held - stored.credited;
    }

    /// @inheritdoc IBookVault
    function queuedOf(uint256 asset) external view returns (uint256) {
        return _assets[asset].queued;
    }

    /// @inheritdoc IBookVault
    function creditedOf(uint256 asset) external view returns (uint256) {
        return _assets[asset].credited;
    }

    /// @inheritdoc IBookVault
    function queueOf(uint256 asset) external view returns (uint256 next, uint256 end) {
        return (_assets[asset].next, _assets[asset].end);
    }

    /// @inheritdoc IBookVault
    function withdrawalAt(uint256 asset, uint256 index) external view returns (QueuedWithdrawal memory) {
        return _queues[asset][index];
    }

    /// @inheritdoc IBookVault
    function outflowLeft(uint256 asset) external view returns (uint256 left) {
        Asset storage stored = _assets[asset];
        (, left) = _outflow(stored, stored.held - stored.credited);
    }

    /// @dev Pays what the outflow limit allows of the first withdrawal of a queue, which is due.
    /// @return amount What left the queue; 0 when the limit is reached.
    /// @return isWhole Whether it was paid whole, and is no longer the first.
    function _payFirst(uint256 asset, Asset storage stored, uint256 index)
        private
        returns (uint256 amount, bool isWhole)
    {
        (IERC20 token, uint256 held) = (stored.token, stored.held);
        _measure(token, held);
        uint256 available = held - stored.credited;
        (uint256 spent, uint256 left) = _outflow(stored, available);
        if (left == 0) return (0, false);
        QueuedWithdrawal memory first = _queues[asset][index];
        isWhole = first.amount <= left;
        amount = isWhole ? first.amount : left;
        stored.queued -= uint128(amount);
        if (isWhole) {
            delete _queues[asset][index];
            stored.next = uint48(index + 1);
        } else {
            _queues[asset][index].amount = first.amount - amount;
        }
        uint256 paid = _paidOf(asset, first.recipient, amount);
        if (paid > available) revert HoldingsExhausted();
        stored.held = uint128(held - paid);
        stored.outflow = Outflow({spent: uint208(spent + paid), updatedAt: uint48(block.timestamp)});
        emit PaidOut(asset, index, first.recipient, amount, paid);
        if (paid != 0) _transferOrCredit(asset, stored, token, first.recipient, paid);
    }

    /// @dev What is paid now of a pay-out: all of it, unless a ledger shares a shortfall of the settlement currency.
    function _paidOf(uint256 asset, address recipient, uint256 amount) private returns (uint256 paid) {
        if (!_isShared(asset)) return amount;
        paid = ledger.recordPayOut(recipient, amount);
        if (paid > amount) revert LedgerOverpays();
    }

    function _transferOrCredit(uint256 asset, Asset storage stored, IERC20 token, address recipient, uint256 amount)
        private
    {
        // Before the call: what is left after one that failed says little, since calls within it hand back a part of theirs.
        if (gasleft() < LEAST_GAS) revert NotEnoughGasForTransfer();
        try this.transferExactly{gas: TRANSFER_GAS}(token, recipient, amount) {
            return;
        } catch {
            stored.held += uint128(amount);
            stored.credited += uint128(amount);
            creditOf[asset][recipient] += amount;
            emit Credited(asset, recipient, amount);
        }
    }

    /// @param available What is held and not credited: what can leave the queue.
    function _outflow(Asset storage stored, uint256 available) private view returns (uint256 spent, uint256 left) {
        return stored.outflow.measure(available, outflowPpm, stored.leastOutflow, OUTFLOW_PERIOD);
    }

    function _isShared(uint256 asset) private view returns (bool) {
        return asset == _settlementAsset && address(ledger) != address(0);
    }

    function _activeTime() private view returns (uint256) {
        return breaker.activeTime(Level.NoFlags);
    }

    function _sum(uint256 held, uint256 amount) private pure returns (uint128) {
        if (amount > type(uint128).max - held) revert TooMuchHeld();
        return uint128(held + amount);
    }

    /// @dev A transfer to the token itself would be lost. One to the vault moves nothing.
    function _requireRecipient(IERC20 token, address recipient) private view {
        bool isPart = recipient == book || recipient == address(this) || recipient == address(token);
        if (recipient == address(0) || isPart) revert InvalidRecipient();
    }

    /// @dev While less is there than came in, nothing is paid to one at the expense of the others.
    function _measure(IERC20 token, uint256 held) private view returns (uint256 balance) {
        balance = token.balanceOf(address(this));
        if (balance < held) revert HoldingsShort();
    }
}
