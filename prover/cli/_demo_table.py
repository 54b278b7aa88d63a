"""The table at the end of the first story: what the owner knows beside what the chain saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from prover.chain import Chain, Contract
from prover.onchain import transaction_lines


@dataclass(frozen=True)
class Step:
    """One transaction of the story.

    Attributes:
        title: what happened.
        known: what the owner knows at that moment, as lines; some of it secret.
        contract: whose call it was; None for a deployment.
    """

    title: str
    known: Sequence[str]
    contract: Contract | None = None


def two_columns(chain: Chain, steps: Sequence[Step], transactions: Sequence[Mapping[str, Any]]) -> Table:
    """The table.

    Args:
        chain: to decode calls with.
        steps: one a transaction, in order.
        transactions: as the network sees them.
    """
    table = Table(show_lines=True, expand=True)
    table.add_column("what the owner knows", ratio=2, overflow="fold")
    table.add_column("what the chain saw: every field of every transaction", ratio=5, overflow="fold")
    for step, transaction in zip(steps, transactions, strict=True):
        lines = transaction_lines(chain, transaction, step.contract)
        public = Text.assemble((step.title + "\n", "bold"), "\n".join(lines))
        table.add_row(Text("\n".join(step.known), style="yellow"), public)
    return table
