"""A steward's desk: the fractions of a book as the chain has them, and the key that signs proposals about them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from liquidator.engine._keys import open_signer
from liquidator.engine._settings import Settings
from liquidator.risk import AssetPrices, BookFractions, Change, MarginProposal, propose_margins
from liquidator.sending import lock_key
from prover.chain import AccountSigner, Chain, RequestPolicy
from prover.onchain import DeploymentKind, DeploymentRecord
from prover.toolchain import ProgressSink, compile_contracts, ignore_progress
from verifier import InputError


@dataclass(frozen=True)
class Steward:
    """A steward of a book.

    Attributes:
        chain: of the book.
        fractions: in force on it.
        signer: the steward's account.
        may_send: whether what tightens may be sent at once.
    """

    chain: Chain
    fractions: BookFractions
    signer: AccountSigner
    may_send: bool

    def propose(self, prices: Sequence[AssetPrices], told: Callable[[str], None]) -> MarginProposal:
        """A signed proposal. Arguments and errors as for `propose_margins`; SignerError too."""
        return propose_margins(prices, self.fractions, told).signed(self.signer)

    def tighten(self, proposal: MarginProposal) -> Iterator[tuple[str, str]]:
        """Carry out what tightens, and nothing else.

        Args:
            proposal: made by this steward.

        Yields:
            The symbol of an asset, and the hash of the transaction that is mined.

        Raises:
            InputError: another process sends with this key now.
            ChainError: refused, or not reached.
        """
        risk = self.fractions.contract
        due = [asset for asset in proposal.assets if asset.change is Change.TIGHTEN]
        if risk is None or not due:
            return
        with lock_key(self.chain.chain_id, self.signer.address):
            for asset in due:
                entry, after = self.fractions.present[asset.slot], asset.after
                raised = self.fractions.range(asset.slot).put(entry, after.maintenance_ppm, after.initial_ppm)
                receipt = risk.tighten(asset.slot, raised)
                yield asset.symbol, receipt["transactionHash"].to_0x_hex()


def open_steward(settings: Settings, *, progress: ProgressSink = ignore_progress) -> Steward:
    """A steward, as the table [steward] of the settings says.

    Args:
        settings: of an engine.
        progress: receives what is built.

    Raises:
        InputError: there is no such table, a key of it cannot be used, the account is no steward of the book, or the
            node serves another chain.
        ChainError: the node is not reached.
        ToolError: a tool is missing.
    """
    if settings.steward is None:
        raise InputError("settings: the account of the table [steward] signs a proposal, and there is none")
    node = settings.node
    policy = RequestPolicy(response_seconds=node.timeout_seconds, request_seconds=1.5 * node.timeout_seconds)
    record = DeploymentRecord.load(settings.book.deployment, DeploymentKind.BOOK)
    signer = open_signer(settings.steward, policy, "steward")
    code = compile_contracts(progress=progress)
    chain = Chain(node.rpc, code, signer, confirmations=node.confirmations, policy=policy)
    book = record.open_book(chain)
    if not book.contracts.risk_parameters.is_steward(signer.address):
        raise InputError(
            f"settings: {signer.address} of [steward] is no steward of the book; governance grants the role"
        )
    return Steward(chain, BookFractions.of_chain(book, record.assets()), signer, settings.steward.send_tightening)
