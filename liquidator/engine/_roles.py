"""What a role is to the loop."""

from typing import Protocol

from liquidator.engine._events import Ordered


class RoleAgent(Protocol):
    """Acts for one role. It begins jobs, and returns at once."""

    def act(self, ordered: Ordered) -> None:
        """Begin what is due.

        Args:
            ordered: the newest look, and the accounts below a line.

        Raises:
            ChainError: the node is not reached: the next look tries again.
        """
