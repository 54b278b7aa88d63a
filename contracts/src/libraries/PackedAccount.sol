// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {BookAccount, Ground} from "../interfaces/ICommitments.sol";

/// @notice What a book keeps of an account beside its commitment, in one word: from the lowest bit on changedAtRound (56
///         bits), unshown (8), provenAtRound (64), epoch (32), maintenanceFlaggedAt (48), overdraftFlaggedAt (48).
type AccountWord is uint256;

using PackedAccount for AccountWord global;

/// @title PackedAccount
/// @notice The fields of an AccountWord. Each cast keeps the bits of its field.
library PackedAccount {
    uint256 private constant UNSHOWN = 56;
    uint256 private constant PROVEN_AT = 64;
    uint256 private constant EPOCH = 128;
    uint256 private constant FLAGS = 160;
    uint256 private constant FLAG_BITS = 48;
    uint256 private constant ROUNDS = uint256(type(uint64).max) << PROVEN_AT | type(uint56).max;

    /// @dev Both rounds replaced, the rest kept.
    function withRounds(AccountWord word, uint64 changedAt, uint64 provenAt) internal pure returns (AccountWord) {
        uint256 rest = AccountWord.unwrap(word) & ~ROUNDS;
        return AccountWord.wrap(rest | uint256(provenAt) << PROVEN_AT | uint56(changedAt));
    }

    /// @dev The number of changes in a row replaced that showed nothing.
    function withUnshown(AccountWord word, uint8 count) internal pure returns (AccountWord) {
        uint256 mask = uint256(type(uint8).max) << UNSHOWN;
        return AccountWord.wrap(AccountWord.unwrap(word) & ~mask | uint256(count) << UNSHOWN);
    }

    /// @dev The epoch replaced.
    function withEpoch(AccountWord word, uint32 epoch_) internal pure returns (AccountWord) {
        uint256 mask = uint256(type(uint32).max) << EPOCH;
        return AccountWord.wrap(AccountWord.unwrap(word) & ~mask | uint256(epoch_) << EPOCH);
    }

    /// @dev The time of one flag replaced, which is 0 for none.
    function withFlag(AccountWord word, Ground ground, uint48 time) internal pure returns (AccountWord) {
        uint256 mask = uint256(type(uint48).max) << _shift(ground);
        return AccountWord.wrap(AccountWord.unwrap(word) & ~mask | uint256(time) << _shift(ground));
    }

    function changedAtRound(AccountWord word) internal pure returns (uint64) {
        return uint56(AccountWord.unwrap(word));
    }

    /// @dev How many changes in a row did not show that the account meets initial margin.
    function unshown(AccountWord word) internal pure returns (uint8) {
        return uint8(AccountWord.unwrap(word) >> UNSHOWN);
    }

    function provenAtRound(AccountWord word) internal pure returns (uint64) {
        return uint64(AccountWord.unwrap(word) >> PROVEN_AT);
    }

    function epoch(AccountWord word) internal pure returns (uint32) {
        return uint32(AccountWord.unwrap(word) >> EPOCH);
    }

    /// @dev When the account was flagged on a ground, on the clock of flags; 0 when it is not.
    function flaggedAt(AccountWord word, Ground ground) internal pure returns (uint48) {
        return uint48(AccountWord.unwrap(word) >> _shift(ground));
    }

    /// @dev Whether the account is flagged on any ground.
    function isFlagged(AccountWord word) internal pure returns (bool) {
        return AccountWord.unwrap(word) >> FLAGS != 0;
    }

    /// @dev The earlier of the two flags of an account that is flagged.
    function firstFlaggedAt(AccountWord word) internal pure returns (uint48) {
        uint48 maintenance = flaggedAt(word, Ground.Maintenance);
        uint48 overdraft = flaggedAt(word, Ground.Overdraft);
        if (maintenance == 0) return overdraft;
        return overdraft == 0 || maintenance < overdraft ? maintenance : overdraft;
    }

    /// @dev All fields, with the commitment of the account.
    function unpack(AccountWord word, uint256 commitment) internal pure returns (BookAccount memory) {
        return BookAccount({
            commitment: commitment,
            changedAtRound: changedAtRound(word),
            provenAtRound: provenAtRound(word),
            epoch: epoch(word),
            maintenanceFlaggedAt: flaggedAt(word, Ground.Maintenance),
            overdraftFlaggedAt: flaggedAt(word, Ground.Overdraft)
        });
    }

    function _shift(Ground ground) private pure returns (uint256) {
        return FLAGS + FLAG_BITS * uint256(ground);
    }
}
