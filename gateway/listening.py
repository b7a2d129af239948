"""How many channels are heard: by one person over all connections, and by all, of one gateway."""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from gateway.errors import Refused

# (hotel, user id): ids are a hotel's own.
Person: TypeAlias = tuple[str, str]
# A connection whose line broke without a word is noticed within a minute; who came back asks meanwhile.
AGAIN_SECONDS = 10.0


class Listening:
    """Counts them. `most_of_one`, `most`: of a person, of all."""

    def __init__(self, most_of_one: int, most: int) -> None:
        self.most_of_one, self.most = most_of_one, most
        self._people: Counter[Person] = Counter()
        self._all = 0

    def demand(self, person: Person, new: int) -> None:
        """There is room for `new` more. Refused with `retry_after`: 429 of this person's, 503 of all."""
        if not new:
            return
        if self._people[person] + new > self.most_of_one:
            message = f"At most {self.most_of_one} channels a person, all connections together: leave some."
            raise Refused(429, "too_many_channels", message, AGAIN_SECONDS)
        if self._all + new > self.most:
            raise Refused(503, "busy", "This gateway's connections hear all they can.", AGAIN_SECONDS)

    def more(self, person: Person, new: int) -> None:
        """So many more are heard."""
        self._people[person] += new
        self._all += new

    def less(self, person: Person) -> None:
        """One is heard no more."""
        self._all -= 1
        self._people[person] -= 1
        if not self._people[person]:
            del self._people[person]
