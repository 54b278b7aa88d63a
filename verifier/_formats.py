"""What a JSON file says it is, so that a wrong file is called by its name."""

import re
from collections.abc import Mapping
from typing import Final

from verifier._errors import InputError

_KINDS: Final[Mapping[str, str]] = {
    "account": "an account file",
    "artifacts": "an archive of circuits and keys",
    "book": "a book",
    "book-deployment": "the record of a margin book of an earlier version",
    "book-proof": "a proof of a margin book",
    "bundle": "a bundle of proofs",
    "columns": "a mapping file",
    "deployment": "the record of a deployment",
    "guardian": "a guardian key",
    "key": "a verifying key",
    "liquidation-notice": "a notice to liquidators",
    "liquidator": "a liquidator key",
    "listings": "a calendar of listings",
    "margin-calls": "a bulletin of margin calls",
    "margin-proposal": "a proposal of margin fractions",
    "offer": "an offer",
    "partial-deployment": "the list of an unfinished deployment",
    "prices": "the prices of a feed",
    "proof": "a proof file",
    "report": "a price report",
    "risk-report": "a risk report",
    "round": "a price round",
    "simulation": "the result of a simulation",
    "symbols": "a symbol map",
    "wallet": "a wallet",
}

_OTHERS: Final = (
    ("vk_alpha_1", "a verifying key of snarkjs; `zksolvency key import` takes it over"),
    ("pi_a", "a proof of snarkjs, which does not say its statement, round and book"),
    ("crypto", "an Ethereum keystore"),
)
"""A name in files of other programs, and what they are."""

_FORMAT: Final = re.compile(r"zksolvency/([a-z-]{1,40})/([0-9]{1,4})")


def require_format(value: object, expected: str, where: str) -> None:
    """Refuse a JSON value that is another kind of file than expected.

    Args:
        value: the JSON value.
        expected: its format, such as "zksolvency/round/1".
        where: what to call it in an error.

    Raises:
        InputError: names what it is where that is known. No other value is shown.
    """
    if not isinstance(value, dict):
        raise InputError(f"{where}: expected an object")
    found = value.get("format")
    if found == expected:
        return
    kind, version = _parts(expected)
    match = _FORMAT.fullmatch(found) if isinstance(found, str) else None
    if match and match[1] in _KINDS:
        if match[1] == kind:
            raise InputError(f"{where}: of version {match[2]} of the format, this program reads version {version}")
        raise InputError(f"{where}: this is {_KINDS[match[1]]}, expected {_KINDS[kind]}")
    for name, what in _OTHERS:
        if name in value:
            raise InputError(f"{where}: this is {what}; expected {_KINDS[kind]}")
    raise InputError(f'{where}: not {_KINDS[kind]}, whose "format" is {expected!r}')


def _parts(text: str) -> tuple[str, str]:
    match = _FORMAT.fullmatch(text)
    assert match is not None  # noqa: S101 - a constant of the caller
    return match[1], match[2]
