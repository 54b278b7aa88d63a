"""Price feeds: files and URLs that say prices."""

from pathlib import Path
from typing import Final, Protocol

from prover.chain import RequestPolicy, endpoint
from prover.market import AssetList
from prover.oracle._downloads import Download
from prover.oracle._feed_file import FeedPrices, parse_feed
from verifier import read_input_file

MAX_BYTES: Final = 4 << 20

_WEB: Final = ("http://", "https://")


class PriceFeed(Protocol):
    """Where a reporter takes prices from."""

    @property
    def name(self) -> str:
        """What it is called in errors and logs, without a secret of its URL."""

    def start(self) -> None:
        """Begin to read; returns at once."""

    def read(self, book: AssetList) -> FeedPrices:
        """What it says.

        Args:
            book: whose symbols count.

        Raises:
            InputError, ChainError: it says nothing that can be read.
        """


class FileFeed:
    """A file that another program writes again and again.

    Args:
        path: its path.

    Attributes:
        name: the path.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path

    def start(self) -> None:
        """Nothing to do: it is read at once."""

    def read(self, book: AssetList) -> FeedPrices:
        """What the file says. Raises InputError also for a pipe, a device or a file that is too large."""
        where = f"price feed {self._path}"
        return parse_feed(read_input_file(self._path, where, MAX_BYTES), where, book)


class UrlFeed:
    """A document on a web server, which is asked by GET.

    Args:
        url: of the document.
        policy: timeouts.

    Attributes:
        name: scheme, host and port of the URL.

    Raises:
        ChainError: it is no HTTP URL.
    """

    def __init__(self, url: str, policy: RequestPolicy) -> None:
        self.name = endpoint(url)
        self._download = Download(url, "price feed", policy, MAX_BYTES)

    def start(self) -> None:
        """Ask for the document."""
        self._download.start()

    def read(self, book: AssetList) -> FeedPrices:
        """What the document says."""
        return parse_feed(self._download.result(), f"price feed {self.name}", book)


def open_feed(place: str, policy: RequestPolicy) -> PriceFeed:
    """A feed by its place.

    Args:
        place: a path, or a URL of HTTP.
        policy: timeouts of requests.

    Raises:
        ChainError: a malformed URL.
    """
    return UrlFeed(place, policy) if place.startswith(_WEB) else FileFeed(Path(place))
