"""From the broadcast of a transaction until it is mined and confirmed, through lost answers and reorganisations."""

import time
from collections.abc import Mapping
from typing import Any, Final

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import TransactionIndexingInProgress, TransactionNotFound, Web3Exception

from prover.chain._faults import Faults
from prover.chain._patience import NodeError, Patience, retrying
from prover.chain._sending_series import Answer, Sent
from verifier import ChainError, UndecidedError

FIRST_POLL: Final = 0.05
LONGEST_POLL: Final = 2.0
MAX_DROPS: Final = 5
SEARCHED_BLOCKS: Final = 256


class NonceTakenError(Exception):
    """The nonce does not serve: another transaction has it, or the one before it has gone. Nothing was sent."""


class FundsMissingError(Exception):
    """The account cannot pay; nothing was sent."""


class Delivery:
    """Brings one transaction, or one of those that replace it, onto the chain.

    Args:
        web3: of the node.
        faults: for words.
        sender: whose transaction it is.
        sent: what is to be mined.
        what: is done, for words.
        patience: how long to wait for what.
        confirmations: blocks that must stand, from its own on; 1 means mined.
    """

    def __init__(
        self, web3: Web3, faults: Faults, sender: str, sent: Sent, what: str, patience: Patience, confirmations: int
    ) -> None:
        self._web3 = web3
        self._faults = faults
        self._sender = sender
        self._sent = sent
        self._what = what
        self._patience = patience
        self._confirmations = confirmations
        self._to_broadcast = True
        self._bumps = 0
        self._drops = 0
        self._mined_in: int | None = None
        self._head = 0
        self._searched: HexBytes | None = None
        self._since = time.monotonic()
        self._bumps_due = 0
        self._pause = FIRST_POLL

    def run(self) -> Mapping[str, Any]:
        """Wait until it is confirmed.

        Returns:
            The receipt.

        Raises:
            NonceTakenError: build it anew.
            FundsMissingError: nothing was sent.
            ChainError: refused.
            UndecidedError: what became of it is not known.
            KeyboardInterrupt: with the same words.
        """
        try:
            return self._wait()
        except KeyboardInterrupt:
            raise KeyboardInterrupt(str(self._undecided("interrupted"))) from None

    def _wait(self) -> Mapping[str, Any]:
        answered = time.monotonic()
        while True:
            try:
                receipt = self._step()
                answered = time.monotonic()
            except (NodeError, Web3Exception) as error:  # a node that is behind another refuses what that one gives
                silent = time.monotonic() - answered
                if silent > self._patience.request_seconds or (isinstance(error, NodeError) and not error.passing):
                    words = self._faults.words(error)
                    is_unsent = self._to_broadcast and not self._sent.may_be_sent
                    raise (self._not_sent(words) if is_unsent else self._undecided(words)) from None
                receipt = None
            if receipt is not None:
                return receipt
            time.sleep(self._pause)
            self._pause = min(2 * self._pause, LONGEST_POLL)

    def _step(self) -> Mapping[str, Any] | None:
        if self._to_broadcast:
            self._try_to_broadcast()
        receipt = self._receipt()
        if receipt is not None:
            return self._confirmed(receipt)
        if self._mined_in is not None:
            self._take_back()
        elif self._nonce_is_taken():
            raise NonceTakenError
        elif time.monotonic() - self._since >= self._patience.bump_seconds * (self._bumps_due + 1):
            self._bump()
        return None

    def _try_to_broadcast(self) -> None:
        try:
            self._broadcast()
        except NodeError as error:  # it may have arrived: the receipt would tell
            if not error.passing:
                raise

    def _broadcast(self) -> None:
        answer = self._sent.broadcast(retrying(self._patience))
        if answer is Answer.UNDERPRICED and self._bumps < self._patience.bumps:
            self._replace()
            return
        self._to_broadcast = False
        if answer is Answer.ACCEPTED or self._sent.may_be_sent:
            return  # what a node may have already is waited for, whatever it says of the newest
        if answer is Answer.NONCE_AHEAD:  # of a node that is behind the one that told the nonce
            self._to_broadcast = True
            return
        if answer is Answer.NONCE_USED:
            return  # perhaps by ours: a gateway may have asked two nodes, and pass on what the second said
        if answer is Answer.NONCE_OCCUPIED:
            raise NonceTakenError
        if answer is Answer.FUNDS_MISSING:
            raise FundsMissingError
        refused = f"the node at {self._faults.node} refused: {self._faults.hide(self._sent.refusal)}"
        if answer is Answer.UNDERPRICED:
            raise ChainError(f"{self._what}: {refused}; fees are rising, and nothing was sent: try again later")
        if answer is Answer.INVALID:
            raise self._not_sent(refused)
        raise self._undecided(refused)

    def _receipt(self) -> Mapping[str, Any] | None:
        for digest in reversed(self._sent.hashes):
            try:
                return self._web3.eth.get_transaction_receipt(digest)
            except (TransactionNotFound, TransactionIndexingInProgress):
                continue
        return None

    def _confirmed(self, receipt: Mapping[str, Any]) -> Mapping[str, Any] | None:
        self._mined_in = int(receipt["blockNumber"])
        if self._confirmations <= 1:
            return receipt
        head = int(self._web3.eth.block_number)
        if head != self._head:
            self._head = head
            self._restart_clock()
        depth = head - self._mined_in + 1
        if depth >= self._confirmations and self._web3.eth.get_block(self._mined_in)["hash"] == receipt["blockHash"]:
            return receipt
        if time.monotonic() - self._since > self._longest:
            raise self._undecided(
                f"mined in block {self._mined_in}, but the chain stands still at block {head}, "
                f"before its {self._confirmations} confirmations"
            )
        return None

    def _take_back(self) -> None:
        """A reorganisation dropped the block that it was mined in."""
        self._mined_in = None
        self._drops += 1
        if self._drops > MAX_DROPS:
            raise self._undecided(f"reorganisations of the chain dropped it {self._drops} times")
        self._to_broadcast = True
        self._restart_clock()

    def _nonce_is_taken(self) -> bool:
        """Whether another transaction with the nonce is mined, and as deep as this one would have to be.

        The count alone does not tell: behind one URL may stand several nodes, and one that is ahead counts a
        transaction of which another has no receipt yet. Building anew on its word would do everything twice.
        """
        nonce = self._sent.nonce
        if nonce is None or self._web3.eth.get_transaction_count(Web3.to_checksum_address(self._sender)) <= nonce:
            return False
        head = int(self._web3.eth.block_number)
        searched = self._searched
        for number in range(head, max(head - SEARCHED_BLOCKS, -1), -1):
            block = self._web3.eth.get_block(number, True)
            if block["hash"] == searched:  # the same block has the same past
                return False
            if number == head:
                self._searched = block["hash"]
            for mined in reversed(block["transactions"]):
                transaction: Any = mined
                if transaction["from"] == self._sender and transaction["nonce"] <= nonce:
                    self._searched = None
                    other = transaction["nonce"] == nonce and transaction["hash"] not in self._sent.hashes
                    return other and head - number + 1 >= self._confirmations
        return False

    def _bump(self) -> None:
        if time.monotonic() - self._since > self._longest:
            raise self._undecided(f"not mined in {self._longest:.0f} s{self._held_up()}")
        if self._to_broadcast and not self._sent.may_be_sent:
            raise NonceTakenError
        self._bumps_due += 1
        self._to_broadcast = True  # even unchanged: a node may have forgotten it
        if self._bumps < self._patience.bumps:
            self._replace()

    def _replace(self) -> None:
        self._sent.replace()
        self._bumps += 1

    def _held_up(self) -> str:
        nonce = self._sent.nonce
        following = self._web3.eth.get_transaction_count(Web3.to_checksum_address(self._sender))
        if nonce is None or following >= nonce:
            return ""
        return f", for it waits for an earlier transaction of the account, with nonce {following}"

    def _restart_clock(self) -> None:
        """Something happened: wait as long as at first, and look as often."""
        self._since = time.monotonic()
        self._bumps_due = 0
        self._pause = FIRST_POLL

    @property
    def _longest(self) -> float:
        return self._patience.bump_seconds * (self._patience.bumps + 1)

    def _not_sent(self, why: str) -> ChainError:
        return ChainError(f"{self._what}: {why}; nothing was sent")

    def _undecided(self, why: str) -> UndecidedError:
        hashes = " or ".join(digest.to_0x_hex() for digest in self._sent.hashes)
        nonce = "" if self._sent.nonce is None else f", nonce {self._sent.nonce}"
        return UndecidedError(
            f"{self._what}: {why}. It was sent by {self._sender}{nonce} as {hashes} and may still be mined: "
            "look for it before you send it again"
        )
