// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAccountGate, Permission} from "../interfaces/IAccountGate.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {Claim, IMarginBook, Opening, Settlement, StateUpdate} from "../interfaces/IMarginBook.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {Accounts} from "./Accounts.sol";
import {Custody} from "./Custody.sol";
import {Guardians} from "./Guardians.sol";
import {Openings} from "./Openings.sol";
import {Permissions} from "./Permissions.sol";
import {UpdateProofs} from "./UpdateProofs.sol";

/// @title MarginBook
/// @notice See IMarginBook.
/// @dev Every entry checks, then verifies, then writes, then calls the token: the only call that is not a view.
contract MarginBook is
    IMarginBook,
    Guardians,
    Permissions,
    Accounts,
    Custody,
    Openings,
    UpdateProofs,
    ReentrancyGuardTransient
{
    /// @notice What a book is made of.
    struct Parts {
        /// Accepts guardians, and changes the gate.
        address owner;
        /// How old the round of a proof may be, seconds.
        uint64 maxProofAge;
        IPriceRounds rounds;
        /// One for each slot, zero for a derivative, then that of the settlement currency.
        address[] tokens;
        IGroth16Verifier openVerifier;
        IGroth16Verifier updateVerifier;
        ICircuitBreaker breaker;
        /// Zero for none.
        IAccountGate gate;
        /// Points of the first guardians.
        uint256[2][] guardians;
    }

    /// @notice The most settlements in one batch.
    uint256 public constant MAX_BATCH = 32;

    /// @inheritdoc IMarginBook
    mapping(uint256 ticket => bool) public ticketSettled;

    constructor(Parts memory parts)
        Guardians(parts.owner, parts.guardians)
        Permissions(parts.breaker, parts.gate)
        Custody(parts.tokens, parts.rounds.assetCount())
        Openings(parts.openVerifier, parts.rounds.assetCount())
        UpdateProofs(parts.rounds, parts.updateVerifier, parts.maxProofAge)
    {}

    /// @inheritdoc IMarginBook
    function open(Opening calldata opening) external nonReentrant {
        bytes32 guardian = guardianId(opening.guardianPoint);
        if (!guardianAccepted[guardian]) revert GuardianNotAccepted();
        if (_isOpen(opening.identity)) revert AlreadyOpen();
        if (accountOf[opening.commitment] != 0) revert CommitmentAlreadyUsed();
        _requireOpening(opening);
        emit AccountOpened(opening.identity, guardian, opening.ownerTag, opening.ownerPoint, opening.guardianPoint);
        _setState(opening.identity, opening.commitment, rounds.latestRoundId(), opening.rho, opening.ciphertext);
    }

    /// @inheritdoc IMarginBook
    function deposit(uint64 roundId, uint256 asset, uint256 amount, StateUpdate calldata update) external nonReentrant {
        uint256 tokens = _tokenAmount(asset, amount);
        uint256 account = _requireUpdate(roundId, update, Use.Deposit);
        _requireTransfer(roundId, asset, amount, false, address(0), update);
        _update(account, update, rounds.latestRoundId());
        emit Deposited(account, asset, amount, msg.sender);
        _collect(asset, tokens, msg.sender);
    }

    /// @inheritdoc IMarginBook
    function withdraw(uint64 roundId, uint256 asset, uint256 amount, address recipient, StateUpdate calldata update)
        external
        nonReentrant
    {
        if (recipient == address(0) || recipient == address(this)) revert InvalidRecipient();
        uint256 tokens = _tokenAmount(asset, amount);
        uint256 account = _requireUpdate(roundId, update, Use.Withdrawal);
        if (_isSuperseded(roundId)) revert RoundSuperseded();
        _requireTransfer(roundId, asset, amount, true, recipient, update);
        _update(account, update, rounds.latestRoundId());
        emit Withdrawn(account, asset, amount, recipient);
        _pay(asset, tokens, recipient);
    }

    /// @inheritdoc IMarginBook
    function settle(uint64 roundId, Settlement calldata settlement) external nonReentrant {
        _requireFresh(roundId);
        (bytes4 reason, uint256 buyer, uint256 seller) = _settlementRefusal(roundId, _isSuperseded(roundId), settlement);
        if (reason != 0) _refuse(reason);
        _requireTrade(roundId, settlement);
        _settle(settlement, buyer, seller, rounds.latestRoundId());
    }

    /// @inheritdoc IMarginBook
    function settleBatch(uint64 roundId, Settlement[] calldata settlements)
        external
        nonReentrant
        returns (uint256 settled)
    {
        uint256 size = settlements.length;
        if (size == 0 || size > MAX_BATCH) revert WrongBatchSize(size);
        _requireFresh(roundId);
        BatchRound memory batchRound = BatchRound(_roundPoint(roundId), rounds.reduceOnly(roundId));
        uint256 proven = _provenTrades(batchRound, settlements, 0, size, false);
        bool isSuperseded = _isSuperseded(roundId);
        uint64 latestRoundId = rounds.latestRoundId();
        for (uint256 k = 0; k < size; ++k) {
            Settlement calldata settlement = settlements[k];
            (bytes4 reason, uint256 buyer, uint256 seller) = _settlementRefusal(roundId, isSuperseded, settlement);
            if (reason == 0 && (proven >> k) & 1 == 0) reason = ProofRefused.selector;
            if (reason == 0) {
                _settle(settlement, buyer, seller, latestRoundId);
                ++settled;
            } else {
                emit SettlementDropped(settlement.ticket, k, reason);
            }
        }
        if (settled == 0) revert NothingSettled();
    }

    /// @inheritdoc IMarginBook
    function permissionOf(uint256 account) external view returns (Permission) {
        return _permissionOf(account, rounds.latestRoundId());
    }

    /// @inheritdoc UpdateProofs
    function _spotAssets() internal view override returns (uint256) {
        return spotAssets;
    }

    function _settle(Settlement calldata settlement, uint256 buyer, uint256 seller, uint64 latestRoundId) private {
        ticketSettled[settlement.ticket] = true;
        _update(buyer, settlement.buyer, latestRoundId);
        _update(seller, settlement.seller, latestRoundId);
        emit Settled(settlement.ticket, buyer, seller);
    }

    function _update(uint256 account, StateUpdate calldata update, uint64 latestRoundId) private {
        _setState(account, update.newCommitment, latestRoundId, update.rho, update.ciphertext);
    }

    /// @return account The account that may be updated so.
    function _requireUpdate(uint64 roundId, StateUpdate calldata update, Use use)
        private
        view
        returns (uint256 account)
    {
        _requireFresh(roundId);
        bytes4 reason;
        (reason, account) = _updateRefusal(roundId, update, use);
        if (reason != 0) _refuse(reason);
    }

    /// @dev Why two accounts cannot trade so, whatever the proofs say, as the selector of an error; 0 when they can.
    function _settlementRefusal(uint64 roundId, bool isSuperseded, Settlement calldata settlement)
        private
        view
        returns (bytes4 reason, uint256 buyer, uint256 seller)
    {
        if (settlement.ticket == 0) return (ZeroTicket.selector, 0, 0);
        if (ticketSettled[settlement.ticket]) return (TicketAlreadySettled.selector, 0, 0);
        (reason, buyer) = _updateRefusal(roundId, settlement.buyer, Use.Trade);
        if (reason != 0) return (reason, buyer, 0);
        (reason, seller) = _updateRefusal(roundId, settlement.seller, Use.Trade);
        if (reason != 0) return (reason, buyer, seller);
        // Different accounts have different identities, so no new commitment is that of both.
        if (buyer == seller) return (SameAccount.selector, buyer, seller);
        bool bothReduce = settlement.buyer.claim == Claim.ReducesRisk && settlement.seller.claim == Claim.ReducesRisk;
        if (isSuperseded && !bothReduce) reason = RoundSuperseded.selector;
    }

    function _updateRefusal(uint64 roundId, StateUpdate calldata update, Use use)
        private
        view
        returns (bytes4 reason, uint256 account)
    {
        if (update.ciphertext.length != _cipherElements) return (WrongCiphertextLength.selector, 0);
        (reason, account) = _mismatch(roundId, update);
        if (reason == 0 && !_isPermitted(account, roundId, use, update.claim)) reason = NotPermitted.selector;
    }

    function _refuse(bytes4 reason) private pure {
        assembly ("memory-safe") {
            mstore(0, reason)
            revert(0, 4)
        }
    }
}
