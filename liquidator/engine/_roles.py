"""What a role is to the loop."""

from abc import ABC, abstractmethod

from liquidator.engine._events import Ordered


class RoleAgent(ABC):
    """Acts for one role. It begins jobs, and returns at once."""

    def hurry(self, ordered: Ordered) -> None:  # noqa: B027 - most roles have nothing that is so urgent
        """Begin what does not wait for the news of accounts, at a new round.

        Args:
            ordered: the accounts below a line at the round, in the states in which they were at the last look.

        Raises:
            ChainError: the node is not reached: the next look tries again.
        """

    @abstractmethod
    def act(self, ordered: Ordered) -> None:
        """Begin what is due.

        Args:
            ordered: the newest look, and the accounts below a line.

        Raises:
            ChainError: the node is not reached: the next look tries again.
        """
