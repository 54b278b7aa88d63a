"""A bidding model in a process of its own: it is asked by a line of JSON, and answers with one.

A question is `{"id": 1, "elapsed": 61, "round": 7, "ground": "maintenance", "parcels": [...]}`; the answer names a
parcel by its `place`, as `{"id": 1, "place": 0}`, or none: `{"id": 1, "place": null}`. What answers late, or with
anything else, is not asked again for a while, and the built-in rate decides.
"""

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Sequence
from typing import IO, Any, Final

from liquidator.engine._alarms import AlarmKind, Alarms
from liquidator.engine._bids import Bids, PricedOffer
from liquidator.engine._clock import Clock
from prover.market import BALANCE_DECIMALS, QUOTE_DECIMALS, format_decimal

_MOST: Final = 4_096
"""Bytes of an answer."""

_AGAIN_SECONDS: Final = 60.0
"""Until a process that failed is started again."""


class _BidderError(Exception):
    """The process does not answer as it should."""


class BiddingProcess:
    """Asks a process, and falls back to other bids where it fails.

    Args:
        command: starts it.
        seconds: how long it may think.
        fallback: decides where it fails.
        alarms: told when it fails, and when it answers again.
        clock: steady.
        symbols: of the book's slots.
    """

    def __init__(
        self,
        command: Sequence[str],
        seconds: float,
        fallback: Bids,
        alarms: Alarms,
        clock: Clock,
        symbols: Sequence[str],
    ) -> None:
        self._command = list(command)
        self._seconds = seconds
        self._fallback = fallback
        self._alarms = alarms
        self._clock = clock
        self._symbols = symbols
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes] = queue.Queue()
        self._questions: queue.Queue[bytes | None] = queue.Queue()
        self._count = 0
        self._failed_at: float | None = None

    def choose(self, offer: PricedOffer) -> int | None:
        """The place of the parcel to take; None to wait."""
        if not offer.eligible:
            return None
        if self._failed_at is not None and self._clock.steady() < self._failed_at + _AGAIN_SECONDS:
            return self._fallback.choose(offer)
        try:
            place = self._ask(offer)
        except _BidderError as error:
            self.close()
            self._failed_at = self._clock.steady()
            self._alarms.begin(AlarmKind.BIDDER, f"the bidding process {error}: the built-in rate decides")
            return self._fallback.choose(offer)
        self._failed_at = None
        self._alarms.end(AlarmKind.BIDDER)
        return place

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            self._questions.put(None)
            process.kill()
            process.wait()

    def _ask(self, offer: PricedOffer) -> int | None:
        if self._process is None or self._process.poll() is not None:
            self._start()
        self._count += 1
        self._questions.put(json.dumps({"id": self._count, **_question(offer, self._symbols)}).encode() + b"\n")
        try:
            line = self._answers.get(timeout=self._seconds)
        except queue.Empty:
            raise _BidderError(f"has not answered within {self._seconds:g} s") from None
        return _answer(line, self._count, offer)

    def _start(self) -> None:
        self.close()
        self._answers, self._questions = queue.Queue(), queue.Queue()
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise _BidderError(f"does not start ({error.strerror})") from None
        self._process = process
        for work, pipe, lines in ((_write, process.stdin, self._questions), (_read, process.stdout, self._answers)):
            threading.Thread(target=work, args=(pipe, lines), name="bidder", daemon=True).start()


def _write(pipe: IO[bytes], questions: "queue.Queue[bytes | None]") -> None:
    """Hand questions over, in a thread: a process that hangs reads none."""
    with contextlib.suppress(OSError), pipe:
        while (question := questions.get()) is not None:
            pipe.write(question)
            pipe.flush()


def _read(pipe: IO[bytes], answers: "queue.Queue[bytes]") -> None:
    with pipe:
        while line := pipe.readline(_MOST + 1):
            answers.put(line)
    answers.put(b"")


def _question(offer: PricedOffer, symbols: Sequence[str]) -> dict[str, Any]:
    """A notice for the process: amounts as exact decimal strings."""
    return {
        "round": offer.round.id,
        "ground": str(offer.offer.notice.ground),
        "elapsed": offer.offer.elapsed,
        "parcels": [
            {
                "place": place,
                "rate": priced.parcel.claim.rate,
                "uncovered_rate": priced.parcel.claim.uncovered_rate,
                "cured": priced.parcel.claim.cured,
                "reward": format_decimal(priced.estimate.reward, QUOTE_DECIMALS),
                "impact": format_decimal(priced.estimate.impact, QUOTE_DECIMALS),
                "gas": format_decimal(priced.estimate.gas, QUOTE_DECIMALS),
                "profit": format_decimal(priced.estimate.profit, QUOTE_DECIMALS),
                "until": priced.times.stop - 1,
                "legs": {
                    symbols[slot]: format_decimal(amount, BALANCE_DECIMALS)
                    for slot, amount in priced.parcel.ticket.legs.items()
                },
            }
            for place, priced in offer.eligible.items()
        ],
    }


def _answer(line: bytes, number: int, offer: PricedOffer) -> int | None:
    """The place that an answer names. Its content is not shown: it may repeat the terms."""
    if not line:
        raise _BidderError("has ended")
    if len(line) > _MOST:
        raise _BidderError("answers with too long a line")
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        raise _BidderError("answers with no JSON") from None
    if not isinstance(content, dict) or content.keys() != {"id", "place"} or content["id"] != number:
        raise _BidderError("answers another question, or with other fields than id and place")
    place = content["place"]
    if place is not None and (type(place) is not int or place not in offer.eligible):
        raise _BidderError("names no parcel that was offered")
    return place
