// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {IGroth16Verifier} from "../interfaces/IGroth16Verifier.sol";
import {IPriceRounds} from "../interfaces/IPriceRounds.sol";
import {IRegistrarGate} from "../interfaces/IRegistrarGate.sol";
import {AccountState, ISolvencyGate} from "../interfaces/ISolvencyGate.sol";
import {ITipPot} from "../interfaces/ITipPot.sol";
import {Bn254} from "../libraries/Bn254.sol";
import {SolvencyGate} from "./SolvencyGate.sol";
import {TipPot} from "./TipPot.sol";

/// @title RegistrarGate
/// @notice See IRegistrarGate.
contract RegistrarGate is IRegistrarGate, SolvencyGate, TipPot, AccessControlDefaultAdminRules {
    /// @dev Whose a commitment is or was, and since which round. Accounts are addresses so that it fits one slot.
    struct Registration {
        uint160 account;
        uint64 roundId;
    }

    /// @dev What was proven of a commitment, which never comes back once it was replaced.
    struct Record {
        uint64 solventAtRound;
        uint64 solventAt;
        uint64 flaggedAtRound;
    }

    /// @notice May set commitments: the integrating protocol.
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");

    uint48 private constant OWNER_TRANSFER_DELAY = 1 days;

    mapping(uint256 account => uint256) private _commitments;

    mapping(uint256 commitment => Registration) private _registrations;

    mapping(uint256 commitment => Record) private _records;

    /// @param owner Appoints registrars and may withdraw the pot.
    /// @param registrar The first registrar; zero when the owner will appoint it later.
    /// @param rounds_ Price source of the book.
    /// @param verifier_ Verifier of `margin` for the size of the book.
    /// @param maxProofAge_ How old the round of a proof may be, seconds.
    /// @param tip_ What a flag earns, wei.
    constructor(
        address owner,
        address registrar,
        IPriceRounds rounds_,
        IGroth16Verifier verifier_,
        uint64 maxProofAge_,
        uint256 tip_
    )
        AccessControlDefaultAdminRules(OWNER_TRANSFER_DELAY, owner)
        SolvencyGate(rounds_, verifier_, maxProofAge_)
        TipPot(tip_)
    {
        if (registrar != address(0)) {
            _grantRole(REGISTRAR_ROLE, registrar);
        }
    }

    /// @inheritdoc IRegistrarGate
    function register(uint256 account, uint256 commitment) external onlyRole(REGISTRAR_ROLE) {
        if (_isFlagged(account)) revert AccountIsFlagged(account);
        emit Registered(account, commitment, _setCommitment(account, commitment));
    }

    /// @inheritdoc IRegistrarGate
    function resolve(uint256 account, uint256 commitment) external onlyRole(REGISTRAR_ROLE) {
        if (!_isFlagged(account)) revert AccountIsNotFlagged(account);
        emit Resolved(account, commitment, _setCommitment(account, commitment));
    }

    /// @inheritdoc ITipPot
    function withdrawTips(address payable to, uint256 amount) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _withdrawTips(to, amount);
    }

    /// @inheritdoc IRegistrarGate
    function accountOf(uint256 commitment) external view returns (uint256) {
        return _registrations[commitment].account;
    }

    /// @inheritdoc ISolvencyGate
    function accountState(uint256 account)
        public
        view
        override(ISolvencyGate, SolvencyGate)
        returns (AccountState memory)
    {
        uint256 commitment = _commitments[account];
        Record storage record = _records[commitment];
        return AccountState({
            commitment: commitment,
            changedAtRound: _registrations[commitment].roundId,
            solventAtRound: record.solventAtRound,
            solventAt: record.solventAt,
            flaggedAtRound: record.flaggedAtRound
        });
    }

    /// @inheritdoc SolvencyGate
    function _recordSolvent(uint256, uint256 commitment, uint64 roundId, uint64 timestamp) internal override {
        Record storage record = _records[commitment];
        (record.solventAtRound, record.solventAt) = (roundId, timestamp);
    }

    /// @inheritdoc SolvencyGate
    function _recordFlag(uint256, uint256 commitment, uint64 roundId, address recipient) internal override {
        _records[commitment].flaggedAtRound = roundId;
        _payFromPot(recipient);
    }

    function _setCommitment(uint256 account, uint256 commitment) private returns (uint64 roundId) {
        if (account == 0 || account > type(uint160).max) revert InvalidAccount(account);
        if (commitment == 0 || commitment >= Bn254.SCALAR_MODULUS) revert CommitmentNotInField();
        uint160 holder = _registrations[commitment].account;
        if (holder != 0) revert CommitmentAlreadyUsed();
        roundId = rounds.latestRoundId();
        _commitments[account] = commitment;
        _registrations[commitment] = Registration({account: uint160(account), roundId: roundId});
    }

    function _isFlagged(uint256 account) private view returns (bool) {
        return _records[_commitments[account]].flaggedAtRound != 0;
    }
}
