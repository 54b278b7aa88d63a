// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.30;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {IGroth16Verifier, Proof} from "./interfaces/IGroth16Verifier.sol";
import {IPriceRounds, VectorKind} from "./interfaces/IPriceRounds.sol";
import {AccountState, ISolvencyGate, SolvencyClaim} from "./interfaces/ISolvencyGate.sol";
import {Bn254} from "./libraries/Bn254.sol";
import {RoundPoints} from "./RoundPoints.sol";
import {TipPot} from "./TipPot.sol";

/// @title SolvencyGate
/// @notice See ISolvencyGate.
/// @dev Which proof may act: every proof needs a round newer than the last one that proved its account solvent, a flag
///      bars further proofs, and a commitment is never used twice. So no proof, re-randomised or replayed, acts twice.
contract SolvencyGate is ISolvencyGate, AccessControlDefaultAdminRules, RoundPoints, TipPot {
    using Strings for uint256;

    /// @notice May set commitments: the integrating protocol.
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");

    /// @notice The most claims in one batch: about 2.2 million gas.
    uint256 public constant MAX_BATCH = 32;

    uint48 private constant OWNER_TRANSFER_DELAY = 1 days;
    uint256 private constant PROOF_INPUTS = 3; // commitment, healthy, recipient

    /// @inheritdoc ISolvencyGate
    uint64 public immutable maxProofAge;

    /// @inheritdoc ISolvencyGate
    mapping(uint256 commitment => address) public accountOf;

    mapping(address account => AccountState) private _accounts;

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
        RoundPoints(rounds_, verifier_, VectorKind.Maintenance)
        TipPot(tip_)
    {
        string memory expected = string.concat("margin-", rounds_.assetCount().toString());
        string memory given = verifier_.statement();
        if (!Strings.equal(given, expected)) revert WrongStatement(expected, given);
        if (maxProofAge_ == 0) revert ZeroProofAge();
        maxProofAge = maxProofAge_;
        if (registrar != address(0)) _grantRole(REGISTRAR_ROLE, registrar);
    }

    /// @inheritdoc ISolvencyGate
    function register(address account, uint256 commitment) external onlyRole(REGISTRAR_ROLE) {
        if (_accounts[account].flagged) revert AccountIsFlagged(account);
        emit Registered(account, commitment, _setCommitment(account, commitment));
    }

    /// @inheritdoc ISolvencyGate
    function resolve(address account, uint256 commitment) external onlyRole(REGISTRAR_ROLE) {
        if (!_accounts[account].flagged) revert AccountIsNotFlagged(account);
        emit Resolved(account, commitment, _setCommitment(account, commitment));
    }

    /// @inheritdoc ISolvencyGate
    function prepareRound(uint64 roundId) external {
        _roundPoint(roundId);
    }

    /// @inheritdoc ISolvencyGate
    function proveSolvent(address account, uint64 roundId, address recipient, Proof calldata proof) external {
        AccountState storage state = _accounts[account];
        _requireUsable(account, state, roundId);
        uint64 timestamp = _requireFresh(roundId);
        _recordSolvent(account, state, roundId, timestamp);
        _verify(state.commitment, true, recipient, roundId, proof);
    }

    /// @inheritdoc ISolvencyGate
    function proveSolventBatch(uint64 roundId, SolvencyClaim[] calldata claims) external returns (uint256 accepted) {
        uint256 size = claims.length;
        if (size == 0 || size > MAX_BATCH) revert WrongBatchSize(size);
        uint64 timestamp = _requireFresh(roundId);

        Proof[] memory proofs = new Proof[](size);
        uint256[] memory inputs = new uint256[](PROOF_INPUTS * size);
        for (uint256 i = 0; i < size; ++i) {
            SolvencyClaim calldata claim = claims[i];
            AccountState storage state = _accounts[claim.account];
            // Recording at once lets a second claim for the same account be seen as overtaken.
            if (state.commitment == claim.commitment && _isUsable(state, roundId)) {
                _recordSolvent(claim.account, state, roundId, timestamp);
                proofs[accepted] = claim.proof;
                _writeInputs(inputs, accepted, claim.commitment, true, claim.recipient);
                ++accepted;
            } else {
                emit ClaimSkipped(claim.account, roundId);
            }
        }
        if (accepted == 0) revert NothingToProve();
        assembly ("memory-safe") {
            mstore(proofs, accepted)
            mstore(inputs, mul(accepted, PROOF_INPUTS))
        }
        verifier.verifyBatch(proofs, inputs, _roundPoint(roundId));
    }

    /// @inheritdoc ISolvencyGate
    function flag(address account, uint64 roundId, address recipient, Proof calldata proof) external {
        AccountState storage state = _accounts[account];
        _requireUsable(account, state, roundId);
        _requireFresh(roundId);
        state.flagged = true;
        emit Flagged(account, roundId, recipient);
        _verify(state.commitment, false, recipient, roundId, proof);
        _payTip(recipient);
    }

    /// @inheritdoc ISolvencyGate
    function withdrawTips(address payable to, uint256 amount) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _withdrawTips(to, amount);
    }

    /// @inheritdoc ISolvencyGate
    function isSolvent(address account, uint256 maxAge) external view returns (bool) {
        AccountState storage state = _accounts[account];
        return state.solventAtRound != 0 && !state.flagged && block.timestamp - state.solventAt <= maxAge;
    }

    /// @inheritdoc ISolvencyGate
    function accountState(address account) external view returns (AccountState memory) {
        return _accounts[account];
    }

    /// @inheritdoc ISolvencyGate
    function prepared(uint64 roundId) external view returns (bool) {
        return _isPrepared(roundId);
    }

    function _onPrepared(uint64 roundId) internal override {
        emit RoundPrepared(roundId);
    }

    function _setCommitment(address account, uint256 commitment) private returns (uint64 changedAtRound) {
        if (account == address(0)) revert ZeroAccount();
        if (commitment == 0 || commitment >= Bn254.SCALAR_MODULUS) revert CommitmentNotInField();
        if (accountOf[commitment] != address(0)) revert CommitmentAlreadyUsed(accountOf[commitment]);
        accountOf[commitment] = account;
        changedAtRound = rounds.latestRoundId();
        _accounts[account] = AccountState({
            commitment: commitment, changedAtRound: changedAtRound, solventAtRound: 0, solventAt: 0, flagged: false
        });
    }

    function _recordSolvent(address account, AccountState storage state, uint64 roundId, uint64 timestamp) private {
        state.solventAtRound = roundId;
        state.solventAt = timestamp;
        emit ProvenSolvent(account, roundId);
    }

    function _verify(uint256 commitment, bool healthy, address recipient, uint64 roundId, Proof calldata proof)
        private
    {
        uint256[] memory inputs = new uint256[](PROOF_INPUTS);
        _writeInputs(inputs, 0, commitment, healthy, recipient);
        verifier.verify(proof, inputs, _roundPoint(roundId));
    }

    /// @return timestamp When the round was posted. Reverts for a round that does not exist.
    function _requireFresh(uint64 roundId) private view returns (uint64 timestamp) {
        timestamp = rounds.roundTimestamp(roundId);
        if (block.timestamp - timestamp > maxProofAge) revert RoundTooOld(roundId);
    }

    function _requireUsable(address account, AccountState storage state, uint64 roundId) private view {
        if (state.commitment == 0) revert NotRegistered(account);
        if (state.flagged) revert AccountIsFlagged(account);
        if (roundId < state.changedAtRound) revert RoundBeforeChange(roundId, state.changedAtRound);
        if (roundId <= state.solventAtRound) revert RoundNotNewer(roundId, state.solventAtRound);
    }

    /// @dev The conditions of `_requireUsable`, for a batch that leaves out instead of failing.
    function _isUsable(AccountState storage state, uint64 roundId) private view returns (bool) {
        return
            state.commitment != 0 && !state.flagged && roundId >= state.changedAtRound && roundId > state.solventAtRound;
    }

    function _writeInputs(uint256[] memory inputs, uint256 index, uint256 commitment, bool healthy, address recipient)
        private
        pure
    {
        inputs[PROOF_INPUTS * index] = commitment;
        inputs[PROOF_INPUTS * index + 1] = healthy ? 1 : 0;
        inputs[PROOF_INPUTS * index + 2] = uint160(recipient);
    }
}
