"""What a proof of each statement shows and what it leaves open, in words."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from verifier import StatementName


class VerdictWords(NamedTuple):
    """What a verified proof means.

    Attributes:
        shows: what is proven.
        leaves_open: what is not, and who knows it.
    """

    shows: str
    leaves_open: str


_MARGIN_OPEN: Final = (
    "whose account it is, whether the commitment is its present one, whether an exchange or chain holds these "
    "positions, and whether your prices are right"
)

WORDS: Final[Mapping[StatementName, VerdictWords]] = {
    "margin": VerdictWords("on which side of its margin the account is, at your prices", _MARGIN_OPEN),
    "margin-lean": VerdictWords(
        "the same as margin, but only of a commitment whose state was validated when it was created", _MARGIN_OPEN
    ),
    "open": VerdictWords(
        "the commitment is to an empty account of this book, whose owner knows its secret and whose guardian can read "
        "it",
        "whether the book accepts this guardian, and whether it has such an account: ask the chain",
    ),
    "update": VerdictWords(
        "the owner moved the account from the old to the new commitment by this trade and this transfer alone, and "
        "the margin rules of the claim hold at your prices",
        "whether the old commitment is the account's present one, whether it comes from a margin book, whether the "
        "account may act, and whether the other side of a trade exists: ask the chain",
    ),
    "writeoff": VerdictWords(
        "the account held nothing but a debt of this amount, and is empty under the new commitment",
        "whether the account was flagged and its auction over, and whether the old commitment is its present one: "
        "ask the chain",
    ),
    "expire": VerdictWords(
        "the balances of these slots became cash at your prices, and nothing else of the account changed",
        "whether these slots expired at these prices, and whether the old commitment is the present one: ask the chain",
    ),
    "exit": VerdictWords(
        "the owner takes this amount out of an account without positions, which is not in debt after it, for this "
        "recipient",
        "whether the old commitment is the account's present one, and whether the amount was paid: ask the chain",
    ),
    "release": VerdictWords(
        "the account was below its margin at your prices, and the part of this ticket left it for a taker at these "
        "prices less a reward at one of these rates",
        "which part it was, which of the rates was paid, whether the account is flagged and the auction has reached "
        "the rates, and whether a taker bought the ticket: ask the chain",
    ),
}
