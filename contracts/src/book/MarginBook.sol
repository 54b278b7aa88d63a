// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {RoundPoints} from "../groth16/RoundPoints.sol";
import {IAccountGate, Permission} from "../interfaces/IAccountGate.sol";
import {VaultSettings} from "../interfaces/IBookVault.sol";
import {ICircuitBreaker} from "../interfaces/ICircuitBreaker.sol";
import {Ground} from "../interfaces/ICommitments.sol";
import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {Claim, IMarginBook, Opening, Settlement, StateUpdate} from "../interfaces/IMarginBook.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {MarginMath} from "../libraries/MarginMath.sol";
import {AccountWord} from "../libraries/PackedAccount.sol";
import {Custody} from "./Custody.sol";
import {Guardians} from "./Guardians.sol";
import {Openings} from "./Openings.sol";
import {Permissions} from "./Permissions.sol";
import {Reports} from "./Reports.sol";
import {UpdateProofs} from "./UpdateProofs.sol";

/// @title MarginBook
/// @notice See IMarginBook.
/// @dev Every entry checks, then verifies, then writes, then calls the vault, and that the token: the only calls that are not
///      views.
contract MarginBook is IMarginBook, Guardians, Permissions, Custody, Reports, Openings, UpdateProofs {
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
        /// How long a flagged account may top up before only a cure is left, active seconds: at most `MAX_CURE_WINDOW`, and
        /// less than a withdrawal waits.
        uint64 cureWindow;
        /// Where tokens and bonds wait, and how they leave.
        VaultSettings vault;
        /// Contracts that may replace states, and set and end flags, for ever: at most `MAX_MODULES`.
        address[] modules;
        /// Points of the first guardians.
        uint256[2][] guardians;
    }

    /// @dev What all updates of a call have in common.
    struct Entry {
        uint64 roundId;
        uint64 latestRoundId;
        uint32 epoch;
        /// What the breaker leaves every account.
        Permission permission;
    }

    /// @notice The most settlements in one batch: so that one with nothing but wrong proofs stays below the 2^24 gas that a
    ///         transaction can have (EIP-7825).
    uint256 public constant MAX_BATCH = 16;

    constructor(Parts memory parts)
        Guardians(parts.owner, parts.guardians)
        Permissions(parts.breaker, parts.gate, parts.cureWindow)
        Custody(parts.tokens, parts.rounds.assetCount(), parts.vault)
        Reports(parts.modules)
        Openings(parts.openVerifier, parts.rounds.assetCount())
        UpdateProofs(parts.rounds, parts.updateVerifier, parts.maxProofAge)
    {}

    /// @inheritdoc IMarginBook
    function open(Opening calldata opening) external payable nonReentrant {
        bytes32 guardian = _requireNew(opening);
        _requireOpening(opening);
        uint64 roundId = _latestRoundId();
        AccountWord word = AccountWord.wrap(0).withRounds(roundId, roundId); // an empty account meets every margin
        if (roundId != 0) word = word.withEpoch(_epochOf(roundId));
        _open(opening, guardian, word);
        vault.postBond{value: msg.value}(opening.identity, msg.sender);
    }

    /// @inheritdoc IMarginBook
    function deposit(uint64 roundId, uint256 asset, uint256 amount, StateUpdate calldata update)
        external
        payable
        nonReentrant
    {
        uint256 tokens = _tokenAmount(asset, amount);
        (Entry memory entry, AccountWord word) = _requireUpdate(roundId, update, Use.Deposit);
        if (_isReduceOnly(asset, roundId)) revert AssetIsReduceOnly();
        _requireTransfer(roundId, asset, amount, false, address(0), update);
        bool isCured = update.claim == Claim.MeetsInitialMargin && word.isFlagged();
        if (msg.value != 0 && !isCured) revert NoBondDue();
        if (isCured) {
            // It meets the stricter bound on debt too (spec ZS-61, rules 7 and 10).
            word = _cleared(update.account, word, Ground.Maintenance);
            word = _cleared(update.account, word, Ground.Overdraft);
        } else if (update.claim == Claim.TopsUp && word.flaggedAt(Ground.Maintenance) == 0) {
            word = _flagged(update.account, word, Ground.Maintenance, roundId);
        }
        _update(entry, update, word);
        emit Deposited(update.account, asset, amount, msg.sender);
        if (isCured) vault.refillBond{value: msg.value}(update.account, msg.sender);
        vault.collect(asset, tokens, msg.sender);
    }

    /// @inheritdoc IMarginBook
    function withdraw(uint64 roundId, uint256 asset, uint256 amount, address recipient, StateUpdate calldata update)
        external
        nonReentrant
    {
        uint256 tokens = _tokenAmount(asset, amount);
        (Entry memory entry, AccountWord word) = _requireUpdate(roundId, update, Use.Withdrawal);
        _requireTransfer(roundId, asset, amount, true, recipient, update);
        _update(entry, update, word);
        _enqueue(update.account, asset, amount, tokens, recipient);
    }

    /// @inheritdoc IMarginBook
    function settle(uint64 roundId, Settlement calldata settlement) external nonReentrant {
        Entry memory entry = _tradeEntry(roundId);
        (bytes4 reason, AccountWord buyer, AccountWord seller) = _settlementRefusal(entry, settlement);
        if (reason != 0) _refuse(reason);
        _requireTrade(roundId, settlement);
        _settle(entry, settlement, buyer, seller);
    }

    /// @inheritdoc IMarginBook
    function settleBatch(uint64 roundId, Settlement[] calldata settlements)
        external
        nonReentrant
        returns (uint256 settled)
    {
        uint256 size = settlements.length;
        if (size == 0 || size > MAX_BATCH) revert WrongBatchSize(size);
        Entry memory entry = _tradeEntry(roundId);
        ProofRound memory round = _proofRound(roundId);
        bool areProven = _areProven(round, settlements, 0, size);
        for (uint256 k = 0; k < size; ++k) {
            Settlement calldata settlement = settlements[k];
            (bytes4 reason, AccountWord buyer, AccountWord seller) = _settlementRefusal(entry, settlement);
            // Where one proof is wrong, each settlement is verified on its own: a point outside the subgroup burns what the
            // verifier is given, so halving would cost more where many are wrong.
            bool isProven = areProven || (reason == 0 && _areProven(round, settlements, k, k + 1));
            if (reason == 0 && !isProven) reason = ProofRefused.selector;
            if (reason == 0) {
                _settle(entry, settlement, buyer, seller);
                ++settled;
            } else {
                emit SettlementDropped(settlement.ticket, k, reason);
            }
        }
        if (settled == 0) revert NothingSettled();
    }

    /// @inheritdoc IMarginBook
    function replaceState(
        uint256 account,
        uint256 oldCommitment,
        uint256 newCommitment,
        uint64 roundId,
        uint32 epoch,
        uint256 rho,
        uint256[] calldata ciphertext
    ) external nonReentrant onlyModule {
        if (ciphertext.length != _cipherElements) revert WrongCiphertextLength();
        uint64 latest = _latestRoundId();
        AccountWord word = roundId == 0
            ? _requireCommitment(account, oldCommitment, newCommitment, latest).withEpoch(epoch)
            : _reported(account, oldCommitment, newCommitment, roundId);
        _setState(account, newCommitment, word.withRounds(latest, roundId), rho, ciphertext);
    }

    /// @inheritdoc IMarginBook
    function moveAccount(uint256 account, uint256 oldCommitment, Opening calldata opening)
        external
        nonReentrant
        onlyModule
    {
        uint64 roundId = _latestRoundId();
        AccountWord word = _requireCommitment(account, oldCommitment, opening.commitment, roundId);
        if (_mustShow(word, roundId, _breakerPermission())) revert InitialMarginNotShown();
        word = _counted(word, roundId, false);
        bytes32 guardian = _requireNew(opening);
        _retire(account, opening.identity);
        _open(opening, guardian, word.withRounds(roundId, word.provenAtRound()));
        vault.moveBond(account, opening.identity);
    }

    /// @inheritdoc IMarginBook
    function closeAccount(uint256 account, uint256 commitment) external nonReentrant onlyModule {
        _requireCommitment(account, commitment, 0, _latestRoundId());
        _retire(account, 0);
        vault.returnBond(account);
    }

    /// @inheritdoc IMarginBook
    function queueWithdrawal(uint256 account, uint256 amount, address recipient) external nonReentrant onlyModule {
        _enqueue(account, _settlementAsset, amount, _tokenAmount(_settlementAsset, amount), recipient);
    }

    /// @inheritdoc IMarginBook
    function permissionOf(uint256 account) external view returns (Permission) {
        return _permissionOf(account, _wordOf(account), _latestRoundId(), _breakerPermission());
    }

    /// @inheritdoc IMarginBook
    function mustShowMargin(uint256 account) external view returns (bool) {
        return _mustShow(_wordOf(account), _latestRoundId(), _breakerPermission());
    }

    /// @inheritdoc UpdateProofs
    function _epochOf(uint64 roundId) internal view override(Reports, UpdateProofs) returns (uint32) {
        return super._epochOf(roundId);
    }

    /// @inheritdoc UpdateProofs
    function _latestRoundId() internal view override(Reports, UpdateProofs) returns (uint64) {
        return super._latestRoundId();
    }

    /// @inheritdoc UpdateProofs
    function _spotAssets() internal view override returns (uint256) {
        return spotAssets;
    }

    /// @inheritdoc RoundPoints
    /// @dev As the ledger says now: a debt that nothing covers ends all proofs at the prices from before it.
    function _spotScale(uint64) internal view override returns (uint256) {
        return address(_ledger) == address(0) ? MarginMath.UNSCALED : _ledger.spotScale();
    }

    /// @dev Reverts unless the guardian is accepted, the identity was never used, and the ciphertext has its length.
    function _requireNew(Opening calldata opening) private view returns (bytes32 guardian) {
        if (opening.ciphertext.length != _cipherElements) revert WrongCiphertextLength();
        guardian = guardianId(opening.guardianPoint);
        if (!guardianAccepted[guardian]) revert GuardianNotAccepted();
        if (_isUsed(opening.identity)) revert AlreadyOpen();
    }

    /// @dev Gives a new identity its first state.
    function _open(Opening calldata opening, bytes32 guardian, AccountWord word) private {
        ++accountCount;
        emit AccountOpened(opening.identity, guardian, opening.ownerTag, opening.ownerPoint, opening.guardianPoint);
        _setState(opening.identity, opening.commitment, word, opening.rho, opening.ciphertext);
    }

    /// @param tokens The amount in the token's own units.
    function _enqueue(uint256 account, uint256 asset, uint256 amount, uint256 tokens, address recipient) private {
        uint256 index = vault.enqueue(asset, tokens, recipient);
        emit WithdrawalRequested(account, asset, amount, recipient, index);
    }

    function _settle(Entry memory entry, Settlement calldata settlement, AccountWord buyer, AccountWord seller)
        private
    {
        _update(entry, settlement.buyer, buyer);
        _update(entry, settlement.seller, seller);
        emit Settled(settlement.ticket, settlement.buyer.account, settlement.seller.account);
    }

    /// @dev An update proves that the new state meets maintenance margin at its round.
    function _update(Entry memory entry, StateUpdate calldata update, AccountWord word) private {
        word = word.withRounds(entry.latestRoundId, entry.roundId);
        _setState(update.account, update.newCommitment, word, update.rho, update.ciphertext);
    }

    /// @dev Reverts for a round that does not exist or is too old.
    function _entry(uint64 roundId) private view returns (Entry memory entry) {
        _requireFresh(roundId);
        (entry.roundId, entry.latestRoundId) = (roundId, _latestRoundId());
        entry.epoch = _epochOf(roundId);
        entry.permission = _breakerPermission();
    }

    /// @dev Reverts for a round at which no trade can be proven now.
    function _tradeEntry(uint64 roundId) private view returns (Entry memory entry) {
        entry = _entry(roundId);
        if (!_servesTrades(roundId, entry.latestRoundId)) revert RoundSuperseded();
    }

    /// @dev Reverts unless a transfer may be made so at a round, which has to be the newest: what is known of an older one
    ///      would be a free option, and a deposit at it could undo a flag.
    /// @return entry What the update has from its round.
    /// @return word What is known of the account, which may be updated so.
    function _requireUpdate(uint64 roundId, StateUpdate calldata update, Use use)
        private
        view
        returns (Entry memory entry, AccountWord word)
    {
        entry = _entry(roundId);
        if (roundId != entry.latestRoundId) revert RoundSuperseded();
        bytes4 reason;
        (reason, word) = _updateRefusal(entry, update, use);
        if (reason != 0) _refuse(reason);
    }

    /// @dev Why two accounts cannot trade so, whatever the proofs say, as the selector of an error; 0 when they can.
    function _settlementRefusal(Entry memory entry, Settlement calldata settlement)
        private
        view
        returns (bytes4 reason, AccountWord buyer, AccountWord seller)
    {
        if (settlement.ticket == 0) return (ZeroTicket.selector, buyer, seller);
        // Both sides are checked before either is written.
        if (settlement.buyer.account == settlement.seller.account) return (SameAccount.selector, buyer, seller);
        (reason, buyer) = _updateRefusal(entry, settlement.buyer, Use.Trade);
        if (reason != 0) return (reason, buyer, seller);
        (reason, seller) = _updateRefusal(entry, settlement.seller, Use.Trade);
    }

    function _updateRefusal(Entry memory entry, StateUpdate calldata update, Use use)
        private
        view
        returns (bytes4 reason, AccountWord word)
    {
        if (update.ciphertext.length != _cipherElements) return (WrongCiphertextLength.selector, word);
        (reason, word) = _mismatch(update.account, update.oldCommitment, update.newCommitment, entry.roundId);
        if (reason != 0) return (reason, word);
        if (word.epoch() != entry.epoch) return (OtherEpoch.selector, word);
        Permission permission = _permissionOf(update.account, word, entry.roundId, entry.permission);
        if (!_isPermitted(permission, use, update.claim)) return (NotPermitted.selector, word);
        // A withdrawal meets initial margin, and a top-up flags the account (spec ZS-61, rules 6 and 9).
        bool shows = use == Use.Withdrawal || update.claim == Claim.MeetsInitialMargin;
        if (!shows && update.claim != Claim.TopsUp && _mustShow(word, entry.latestRoundId, entry.permission)) {
            return (InitialMarginNotShown.selector, word);
        }
        word = _counted(word, entry.latestRoundId, shows);
    }
}
