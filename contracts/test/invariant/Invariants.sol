// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Invariants
/// @notice What no sequence of calls may break. The handler checks besides that each call succeeds when it is due, and
///         only then.
library Invariants {
    string internal constant ONLY_THE_REGISTRAR_SETS_COMMITMENTS =
        "GATE-1: the commitment of an account changes by register and resolve of the registrar only";
    string internal constant FLAGGED_BY_PROOF_CLEARED_BY_RESOLVE =
        "GATE-2: an account is flagged by a proof that it is below maintenance margin, and until it is resolved";
    string internal constant FLAGGED_IS_NEVER_SOLVENT = "GATE-3: a flagged account is never solvent";
    string internal constant SOLVENT_ROUND_NEVER_FALLS =
        "GATE-4: the round at which a commitment was proven solvent only rises";
    string internal constant PROVEN_AFTER_THE_CHANGE =
        "GATE-5: no account is solvent by a round from before its commitment";
    string internal constant SOLVENCY_AGES_FROM_ITS_ROUND =
        "GATE-6: the age of a proof of solvency is that of its round";
    string internal constant COMMITMENT_HAS_ONE_ACCOUNT = "GATE-7: a commitment belongs to one account, for ever";
    string internal constant TIPS_COME_FROM_THE_POT =
        "GATE-8: what was paid in is in the gate, was paid for a flag, or was withdrawn by the owner";
    string internal constant ROUND_IDS_COUNT = "ROUND-1: round ids count up by one";
    string internal constant ROUNDS_NEVER_CHANGE = "ROUND-2: a round never changes";
}
