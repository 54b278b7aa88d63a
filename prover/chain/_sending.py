"""Sending transactions: built and signed once, brought onto the chain at most once."""

from collections.abc import Mapping
from typing import Any

from eth_account.signers.local import LocalAccount
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential
from web3 import Web3
from web3.exceptions import ContractLogicError, Web3RPCError

from prover.chain._faults import Faults
from prover.chain._patience import NodeError, Patience
from prover.chain._sending_delivery import LONGEST_POLL, Delivery, FundsMissingError, NonceTakenError
from prover.chain._sending_fees import gas_limit
from prover.chain._sending_series import Answer, Entrusted, Sent, Series, classify
from verifier import ChainError, UndecidedError


class Sender:
    """Sends the transactions of one account.

    Programs that share its key come to different nonces, unless they send the same call for the same fees at the same
    time: that is one transaction, and happens once.

    Args:
        web3: of the node.
        faults: for words.
        address: of the account.
        signer: of the account; None lets the node sign.
        patience: how long to wait for what.
        confirmations: blocks that must stand, from a transaction's own on; 1 means mined.
    """

    def __init__(
        self,
        web3: Web3,
        faults: Faults,
        address: str,
        signer: LocalAccount | None,
        patience: Patience,
        confirmations: int,
    ) -> None:
        self._web3 = web3
        self._faults = faults
        self._address = address
        self._signer = signer
        self._patience = patience
        self._confirmations = confirmations

    def next_nonce(self) -> int:
        """The nonce after those of the account's mined transactions."""
        return int(self._web3.eth.get_transaction_count(Web3.to_checksum_address(self._address)))

    def send(self, request: dict[str, Any], what: str) -> Mapping[str, Any]:
        """Send a call, and wait until it is mined and confirmed.

        Args:
            request: the call: chain, sender, receiver, data and value.
            what: is done, for words.

        Returns:
            The receipt.

        Raises:
            ChainError: refused, or the node does not answer; nothing was sent.
            UndecidedError: what became of it is not known.
            ContractLogicError: the contract refuses it; nothing was sent.
        """
        try:
            return self._anew()(self._attempt, request, what)
        except NodeError as error:
            raise ChainError(f"{what}: {self._faults.words(error)}; nothing was sent") from None
        except NonceTakenError:
            raise ChainError(
                f"{what}: other transactions of {self._address} took its nonce {self._patience.nonces} times, and "
                "nothing was sent; stop the other program that sends with this key, and try again"
            ) from None
        except FundsMissingError:
            raise self._funds_missing(what) from None
        except Web3RPCError as error:
            if classify(error) is Answer.FUNDS_MISSING:
                raise self._funds_missing(what) from None
            raise

    def _anew(self) -> Retrying:
        return Retrying(
            stop=stop_after_attempt(self._patience.nonces),
            wait=wait_random_exponential(multiplier=self._patience.first_pause, max=LONGEST_POLL),
            retry=retry_if_exception_type(NonceTakenError),
            reraise=True,
        )

    def _attempt(self, call: dict[str, Any], what: str) -> Mapping[str, Any]:
        request = {**call, "gas": gas_limit(self._web3, call)}
        sent: Sent
        if self._signer is None:
            sent = self._entrust(request, what)
        else:
            nonce = self._web3.eth.get_transaction_count(self._signer.address, "pending")
            sent = Series(self._web3, self._signer, request, nonce)
        delivery = Delivery(self._web3, self._faults, self._address, sent, what, self._patience, self._confirmations)
        receipt = delivery.run()
        if receipt["status"] != 1:
            self._explain_failure(request, receipt, what)
        return receipt

    def _entrust(self, request: Any, what: str) -> Entrusted:
        try:
            return Entrusted(self._web3.eth.send_transaction(request))
        except NodeError as error:
            if error.is_unheard:
                raise
            raise UndecidedError(
                f"{what}: the node at {self._faults.node} {error}. It was told to sign and send a transaction of "
                f"{self._address}, which may have happened: look for it before you send it again"
            ) from None

    def _funds_missing(self, what: str) -> ChainError:
        balance = self._web3.eth.get_balance(Web3.to_checksum_address(self._address))
        return ChainError(
            f"{what}: {self._address} has {Web3.from_wei(balance, 'ether'):f} ETH, which does not pay for it, and "
            "nothing was sent; send it ETH, and try again"
        )

    def _explain_failure(self, request: Any, receipt: Mapping[str, Any], what: str) -> None:
        """Replay what failed when it was mined, on the state after its block and on the one before, to name the error.

        Raises:
            ChainError: always, with the contract's error if one of the states gives one.
        """
        number = int(receipt["blockNumber"])
        digest = receipt["transactionHash"].to_0x_hex()
        failed = f"{what}: the transaction {digest} failed when it was mined in block {number}"
        with self._faults.during(failed):
            for block in (number, number - 1):
                try:
                    self._web3.eth.call(request, block)
                except ContractLogicError:
                    raise
                except Web3RPCError:  # a node without the state of that block
                    continue
        reason = "it ran out of gas" if receipt["gasUsed"] >= request["gas"] else "a replay names no error: try again"
        raise ChainError(f"{failed}: {reason}")
