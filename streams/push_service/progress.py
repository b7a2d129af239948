"""Up to where everything is done, while pushes end in any order."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """One partition: records taken and not finished yet, and the next offset to take."""

    open: set[int] = field(default_factory=set)
    next: int = 0

    def took(self, offset: int) -> None:
        """Work on the record at `offset` began."""
        self.open.add(offset)
        self.next = offset + 1

    def done(self, offset: int) -> None:
        """Work on it ended."""
        self.open.discard(offset)

    def committable(self) -> int:
        """Every record below this is done."""
        return min(self.open, default=self.next)
