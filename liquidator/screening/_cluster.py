"""Workers on other machines: a Dask cluster. It takes the extra `cluster`."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from distributed import Client, wait
from distributed.security import Security

from verifier import InputError, ToolError

T = TypeVar("T")
R = TypeVar("R")


class DaskCluster:
    """The workers that a scheduler has when this connects. Use it as a context manager.

    They are given viewing keys and opened states, so all parts of the cluster show each other certificates. Start each
    worker with one thread, and with OPENBLAS_NUM_THREADS=1.

    Args:
        address: of the scheduler, such as tls://10.0.0.1:8786.
        authority: certificates that sign those of the cluster (PEM).
        certificate: of this client, with its key (PEM).
        timeout: of a call [s].

    Raises:
        InputError: an address without TLS, or a cluster without workers.
        OSError: the scheduler is not reached.
    """

    def __init__(self, address: str, authority: Path, certificate: Path, *, timeout: float = 60) -> None:
        if not address.startswith("tls://"):
            raise InputError("address of the cluster: it must begin with tls://, since secrets go there")
        security = Security(tls_ca_file=str(authority), tls_client_cert=str(certificate), require_encryption=True)
        self._timeout = timeout
        with ExitStack() as stack:
            self._client = stack.enter_context(Client(address, security=security, set_as_default=False))
            self._workers: Final = sorted(self._client.scheduler_info(n_workers=-1)["workers"])
            if not self._workers:
                raise InputError("cluster: it has no workers")
            self._stack = stack.pop_all()

    @property
    def workers(self) -> int:
        """How many items it works on at once."""
        return len(self._workers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def map(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """The result of each item: item i by worker i modulo their number.

        Raises:
            ToolError: a worker does not answer in time, or is gone.
        """
        futures = [
            self._client.submit(function, item, workers=[self._workers[place % self.workers]], pure=False)
            for place, item in enumerate(items)
        ]
        try:
            with self._client.as_current():
                wait(futures, self._timeout)
        except TimeoutError:
            raise ToolError(f"cluster: a worker did not answer within {self._timeout:g} s") from None
        results: list[R] = self._client.gather(futures)
        return results
