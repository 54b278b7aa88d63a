// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title OracleInvariantNames
/// @notice What no sequence of calls to price rounds, risk parameters and breaker may break. The handler checks besides
///         that each call succeeds when it is due, and only then.
library OracleInvariantNames {
    string internal constant ROUNDS_ARE_MONOTONIC =
        "ORACLE-1: ids count up by one, and each round is newer than the last";
    string internal constant ROUNDS_NEVER_CHANGE = "ORACLE-2: a round and what is derived from it never change";
    string internal constant A_QUORUM_SIGNED =
        "ORACLE-3: behind every round are valid signatures of a quorum of different reporters";
    string internal constant FAR_PRICES_WAIT =
        "ORACLE-4: a price further from its reference than the limit waits for a second set a minute later";
    string internal constant STALE_SLOTS_KEEP_THEIR_PRICE =
        "ORACLE-5: a slot is stale exactly when no price of it counts, and then it keeps what it had";
    string internal constant PARAMETERS_WITHIN_BOUNDS =
        "RISK-1: floor <= maintenance <= initial <= ceiling <= 1e6 ppm for every asset";
    string internal constant LOOSENING_WAITS =
        "RISK-2: a fraction falls only by an announcement that is as old as the delay";
    string internal constant VERSIONS_NEVER_CHANGE = "RISK-3: versions count up by one and never change";
    string internal constant ONLY_GOVERNANCE_LOWERS =
        "BREAKER-1: guardians raise the level, only governance lowers it, rounds trip it and clear their trip";
    string internal constant ACTIVE_TIME_NEVER_FALLS = "BREAKER-2: active time never falls";
    string internal constant STOPPED_TIME_DOES_NOT_COUNT =
        "BREAKER-3: no second counts in which a level is stopped, and no other one twice";
}
