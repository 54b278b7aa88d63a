"""A proof that the chain overtakes is made again, a bounded number of times."""

import pytest
from tenacity import nap

from prover.onchain._retries import OutdatedProofError, retried
from verifier import ChainError


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nap.time, "sleep", lambda _: None)


class Attempts:
    """An attempt that fails some times."""

    def __init__(self, failures: int, error: ChainError) -> None:
        self.failures, self.error, self.made = failures, error, 0

    def __call__(self) -> str:
        self.made += 1
        if self.made <= self.failures:
            raise self.error
        return "done"


OUTDATED = OutdatedProofError("the node's words", "RoundSuperseded")


@pytest.mark.parametrize("failures", [0, 1, 3])
def test_an_overtaken_proof_is_made_again(failures: int) -> None:
    attempts = Attempts(failures, OUTDATED)
    assert retried(attempts) == "done"
    assert attempts.made == failures + 1


def test_after_four_proofs_it_says_that_nothing_was_done() -> None:
    attempts = Attempts(99, OUTDATED)
    with pytest.raises(ChainError, match=r"before each of 4 proofs .*\(RoundSuperseded\): nothing was done") as gave_up:
        retried(attempts)
    assert (attempts.made, gave_up.value.refusal) == (4, "RoundSuperseded")


def test_any_other_refusal_is_final() -> None:
    attempts = Attempts(1, ChainError("refused", "NotPermitted"))
    with pytest.raises(ChainError, match=r"^refused$"):
        retried(attempts)
    assert attempts.made == 1
