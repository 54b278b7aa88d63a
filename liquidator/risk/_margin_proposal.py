"""Proposals of margin fractions: the rule applied to a book, and its file, with evidence and a signature."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field

from liquidator.risk._history import DAY, PriceHistory
from liquidator.risk._margin_rule import Decision, FractionRange, Replay, decide, replay
from liquidator.risk._regimes import Regimes
from prover.chain import AccountSigner, RiskParametersClient, proposal_signer, sign_proposal
from prover.market import PPM, AssetList
from prover.onchain import MarginBook
from prover.storage import AddressText, FileModel, load_model, write_file
from verifier import InputError, ListedAsset, read_input_file

FORMAT: Final = "zksolvency/margin-proposal/1"

_Hex = Annotated[str, Field(pattern=r"^0x([0-9a-f]{2})+$")]


class Change(StrEnum):
    """What a proposal does to an asset.

    NONE: nothing.
    TIGHTEN: it raises fractions, which a steward may do at once.
    LOOSEN: it lowers fractions, which waits for governance.
    """

    NONE = "none"
    TIGHTEN = "tighten"
    LOOSEN = "loosen"


class Fractions(FileModel):
    """Those of an asset that follow volatility [ppm]."""

    maintenance_ppm: int
    initial_ppm: int


class SeenStates(FileModel):
    """Probabilities of the states of a regime [ppm]."""

    calm: int
    usual: int
    wild: int


class SeenRegime(FileModel):
    """What was seen: since when [Unix seconds], and volatilities a day [ppm]."""

    since: int
    days: int
    volatility_ppm: int
    reference_ppm: int
    states_ppm: SeenStates | None


class LastYear(FileModel):
    """The last year, with the rule and without; fields as those of `Replay`."""

    since: int
    until: int
    step: int
    moves: int
    exceeded: int
    exceeded_without: int
    mean_ppm: int
    without_ppm: int
    changes: tuple[tuple[int, int], ...]


class ContractCall(FileModel):
    """A call of `RiskParameters`: `tighten` by a steward, or `announce` by governance."""

    function: Literal["tighten", "announce"]
    data: _Hex


class ProposedAsset(FileModel):
    """An asset, what was seen of it, and what is proposed."""

    symbol: str
    slot: int
    prices: str
    prices_sha256: str
    change: Annotated[Change, Field(strict=False)]
    reason: str
    before: Fractions
    after: Fractions
    regime: SeenRegime
    last_year: LastYear
    call: ContractCall | None = None


class ProposalChain(FileModel):
    """The contract whose fractions would change."""

    chain_id: int
    risk_parameters: AddressText


class MarginProposal(FileModel):
    """A proposal. The signature is EIP-712, over the SHA-256 of all other fields as JSON without spaces, keys sorted.

    All numbers are integers, so there is one way to write it.
    """

    format: Literal["zksolvency/margin-proposal/1"]
    made_at: int
    book: str
    chain: ProposalChain | None
    assets: tuple[ProposedAsset, ...]
    steward: AddressText | None = None
    signature: _Hex | None = None

    @property
    def changes(self) -> list[ProposedAsset]:
        """The assets whose fractions would change."""
        return [asset for asset in self.assets if asset.change is not Change.NONE]

    def digest(self) -> bytes:
        """SHA-256 of what is signed."""
        content = self.model_dump(mode="json", exclude={"steward", "signature"})
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).digest()

    def signed(self, steward: AccountSigner) -> "MarginProposal":
        """The same with a steward's signature.

        Raises:
            InputError: it names no chain.
            SignerError: a remote signer does not sign.
        """
        if self.chain is None:
            raise InputError("proposal: without a chain there is nothing to sign")
        signature = sign_proposal(steward, self.chain.chain_id, self.chain.risk_parameters, self.digest())
        return self.model_copy(update={"steward": steward.address, "signature": f"0x{signature.hex()}"})

    def save(self, path: Path) -> None:
        """Write it to a new file.

        Raises:
            InputError: the file exists, or cannot be written.
        """
        write_file(path, json.dumps(self.model_dump(mode="json"), indent=2) + "\n", overwrite=False)


def load_proposal(path: Path) -> MarginProposal:
    """Read a proposal, and check its signature if it has one.

    Raises:
        InputError: malformed, or the signature is not the steward's over this content.
    """
    made = load_model(MarginProposal, path, "proposal")
    if (made.signature is None) != (made.steward is None):
        raise InputError(f"proposal {path}: a steward and a signature belong together")
    if made.signature is None:
        return made
    signature = bytes.fromhex(made.signature[2:])
    chain = made.chain
    signer = proposal_signer(signature, chain.chain_id, chain.risk_parameters, made.digest()) if chain else None
    if signer != made.steward:
        raise InputError(f"proposal {path}: the signature is not that of {made.steward} over this content")
    return made


class AssetPrices(NamedTuple):
    """Past prices of an asset, and what moves with it.

    Attributes:
        symbols: of the book.
        path: CSV as for `PriceHistory.load`.
    """

    symbols: tuple[str, ...]
    path: Path


@dataclass(frozen=True)
class BookFractions:
    """The fractions of a book.

    Attributes:
        book: its assets.
        base: the entries that governance chose for usual times, by symbol.
        present: those in force, by slot.
        changed_at: when each changed last, Unix seconds; 0 for never.
        delay: how long what loosens waits [s].
        contract: where they are in force; None for a book that is a file alone.
    """

    book: AssetList
    base: Mapping[str, ListedAsset]
    present: tuple[ListedAsset, ...]
    changed_at: tuple[int, ...]
    delay: int
    contract: RiskParametersClient | None = None

    @classmethod
    def of_book(cls, book: AssetList, delay: int, carried_out: Sequence[MarginProposal] = ()) -> "BookFractions":
        """Those of a file, without a chain.

        Args:
            book: with limits.
            delay: of governance [s].
            carried_out: proposals that are in force.

        Raises:
            InputError: the book has no limits, or a proposal is about another one.
        """
        entries = list(book.listings())
        changed = [0] * len(entries)
        ranges = dict(zip(book.slots, entries, strict=True))
        for proposal in sorted(carried_out, key=lambda one: one.made_at):
            if proposal.book != book.name:
                raise InputError(f"proposal: it is about the book {proposal.book}, not about {book.name}")
            for asset in proposal.changes:
                slot = book.slot(asset.symbol, "proposal")
                after = asset.after
                range_ = _range(ranges[asset.symbol], entries)
                entries[slot] = range_.put(entries[slot], after.maintenance_ppm, after.initial_ppm)
                changed[slot] = proposal.made_at
        return cls(book, ranges, tuple(entries), tuple(changed), delay)

    @classmethod
    def of_chain(cls, book: MarginBook, base: AssetList) -> "BookFractions":
        """Those in force on a chain.

        Args:
            book: with the assets that the chain lists now.
            base: the file of the book, with the fractions that governance chose for usual times.

        Raises:
            InputError: the file has no limits.
            ChainError: not reached.
        """
        risk, first = book.contracts.risk_parameters, book.contracts.book.first_block
        slots = range(len(book.assets.assets))
        return cls(
            book.assets,
            dict(zip(base.slots, base.listings(), strict=True)),
            tuple(risk.asset(slot) for slot in slots),
            tuple(risk.changed_at(slot, first) for slot in slots),
            risk.delay(),
            risk,
        )

    def call(self, change: Change, slot: int, entry: ListedAsset) -> ContractCall | None:
        """What carries a change out; None without a contract."""
        if self.contract is None or change is Change.NONE:
            return None
        if change is Change.TIGHTEN:
            return ContractCall(function="tighten", data=f"0x{self.contract.tighten_data(slot, entry).hex()}")
        return ContractCall(function="announce", data=f"0x{self.contract.announce_data(slot, entry).hex()}")

    def slots_of(self, symbols: Sequence[str]) -> list[int]:
        """The slots of symbols, and of the options on them.

        Raises:
            InputError: the book has no such asset.
        """
        named = {self.book.slot(symbol, "--history") for symbol in symbols}
        assets = enumerate(self.book.assets)
        options = {slot for slot, asset in assets if asset.option and self.book.slots[asset.option.underlying] in named}
        return sorted(named | options)

    def range(self, slot: int) -> FractionRange:
        """The fractions of a slot that follow volatility. A slot that the base does not have begins at its entry."""
        symbol = self.book.assets[slot].symbol
        return _range(self.base.get(symbol, self.present[slot]), self.present)


def _range(base: ListedAsset, entries: Sequence[ListedAsset]) -> FractionRange:
    return FractionRange(base, entries[base.underlying] if base.underlying_initial_ppm else None)


def propose_margins(
    prices: Sequence[AssetPrices], fractions: BookFractions, told: Callable[[str], None] = lambda _: None
) -> MarginProposal:
    """Apply the rule to the assets of some histories. At most one change of an asset a day.

    Args:
        prices: past ones.
        fractions: of the book.
        told: what is looked at.

    Raises:
        InputError: two histories of one asset, an asset that the book does not have, too few prices, or prices that
            ended more than a day before the chain's time.
        ChainError: not reached.
    """
    contract, ends, made = fractions.contract, list[int](), list[ProposedAsset]()
    now = None if contract is None else contract.contract.chain.next_block_time()
    for slot, count in Counter(slot for one in prices for slot in fractions.slots_of(one.symbols)).items():
        if count > 1:
            raise InputError(f"--history: two histories are of {fractions.book.assets[slot].symbol}")
    for one in prices:
        told(f"looking at the prices of {', '.join(one.symbols)}")
        history = PriceHistory.load({one.symbols[0]: one.path})
        ends.append(int(history.times[-1]))
        if now is not None and ends[-1] < now - DAY:
            raise InputError(f"{one.path}: its prices end more than a day before the time of the chain")
        digest = hashlib.sha256(read_input_file(one.path, str(one.path))).hexdigest()
        seen = _Seen(history, Regimes.of(history, 0), one.path.name, digest)
        at = ends[-1] if now is None else now
        made += [_proposed(fractions, slot, seen, at) for slot in fractions.slots_of(one.symbols)]
    chain = None
    if contract is not None:
        chain = ProposalChain(chain_id=contract.contract.chain.chain_id, risk_parameters=contract.contract.address)
    return MarginProposal(
        format=FORMAT,
        made_at=max(ends) if now is None else now,
        book=fractions.book.name,
        chain=chain,
        assets=tuple(made),
    )


class _Seen(NamedTuple):
    """Prices of an asset, and the name and digest of their file."""

    history: PriceHistory
    regimes: Regimes
    name: str
    digest: str


def _proposed(fractions: BookFractions, slot: int, seen: _Seen, now: int) -> ProposedAsset:
    entry, range_ = fractions.present[slot], fractions.range(slot)
    found, after = _decided(fractions, slot, seen.regimes, now)
    change = _change(range_.of(entry), range_.of(after))
    return ProposedAsset(
        symbol=fractions.book.assets[slot].symbol,
        slot=slot,
        prices=seen.name,
        prices_sha256=seen.digest,
        change=change,
        reason=found.reason,
        before=_file(range_.of(entry)),
        after=_file(range_.of(after)),
        regime=_seen(found),
        last_year=_year(replay(seen.history, 0, seen.regimes, range_, fractions.delay)),
        call=fractions.call(change, slot, after),
    )


def _decided(fractions: BookFractions, slot: int, regimes: Regimes, now: int) -> tuple[Decision, ListedAsset]:
    """What the rule says of a slot, and its entry after that."""
    entry, range_ = fractions.present[slot], fractions.range(slot)
    present = range_.ratio(entry)
    found = decide(regimes, len(regimes), present, range_.bounds)
    after = range_.scaled(entry, found.ratio) if found.ratio != present else entry
    if after != entry and now - fractions.changed_at[slot] < DAY:
        return found._replace(reason="it changed less than a day ago"), entry
    if after == entry and found.ratio != present:
        return found._replace(reason=f"{found.reason}, but its fractions are at their bounds"), entry
    return found, after


def _change(before: tuple[int, int], after: tuple[int, int]) -> Change:
    if before == after:
        return Change.NONE
    return Change.TIGHTEN if after > before else Change.LOOSEN


def _file(fractions: tuple[int, int]) -> Fractions:
    return Fractions(maintenance_ppm=fractions[0], initial_ppm=fractions[1])


def _seen(found: Decision) -> SeenRegime:
    regime, states = found.regime, found.states
    return SeenRegime(
        since=regime.since,
        days=regime.days,
        volatility_ppm=round(regime.volatility * PPM),
        reference_ppm=round(regime.reference * PPM),
        states_ppm=None
        if states is None
        else SeenStates(**{name: round(value * PPM) for name, value in states._asdict().items()}),
    )


def _year(replayed: Replay) -> LastYear:
    return LastYear(**{**replayed._asdict(), "mean_ppm": round(replayed.mean_ppm)})
