"""Which key and which prices a bundle is verified with: the reader's own, or those that the reader asks for."""

from pathlib import Path

from prover import PriceRound
from prover.cli._built import verification_key
from prover.toolchain import load_round, parse_round_file
from verifier import Bundle, InputError, VerificationError, VerifyingKey


def bundle_round(bundle: Bundle, own: Path | None, book: str | None, *, take: bool) -> PriceRound | None:
    """The price round to verify a bundle at.

    Args:
        bundle: from its sender.
        own: the reader's round file.
        book: what --book says.
        take: take the bundle's, as the reader asked for.

    Returns:
        The round; None for a statement without prices.

    Raises:
        InputError: the reader has none and did not ask for the bundle's, or asked for both.
        VerificationError: `wrong-round`, the two have different digests.
    """
    if own is not None and take:
        raise InputError("--round and --sender-prices: choose one")
    if bundle.round_digest is None:
        return None if own is None else load_round(own, book)
    if own is not None:
        found = load_round(own, book)
    elif take and bundle.round is not None:
        found = parse_round_file(bundle.round, book, "price round of the bundle")
    elif take:
        raise InputError("the bundle has no prices, only the digest of its round: name your own round with --round")
    else:
        raise InputError(
            f"name your own price round with --round: the bundle's has the digest {bundle.round_digest}. Prices of "
            "the sender prove nothing; --sender-prices takes them all the same"
        )
    if found.digest() != bundle.round_digest:
        raise VerificationError("wrong-round", "the bundle was made for another price round or book than this one")
    return found


def bundle_key(bundle: Bundle, name: str, own: Path | None, digest: str | None) -> VerifyingKey:
    """The key to verify a bundle with.

    Args:
        bundle: from its sender. Its own key is used only for a digest that the reader has.
        name: of the instance that must have been proven.
        own: the reader's key file.
        digest: what the reader knows of the key.

    Raises:
        InputError: the reader has none, or asked for a key that the bundle lacks.
        VerificationError: `wrong-key`.
    """
    if digest is None:
        return VerifyingKey.load(verification_key(name, own))
    if own is not None:
        raise InputError("--key and --key-digest: choose one")
    if bundle.key is None:
        raise InputError("the bundle has no verifying key: name your own with --key")
    if bundle.key.digest() != digest.lower().removeprefix("0x"):
        raise VerificationError("wrong-key", "the key of the bundle has another digest than --key-digest")
    return bundle.key
