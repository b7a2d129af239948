"""Everybody's subscriptions, from `people`, by hotel and person."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.records.people import PeopleRecord, PushSubscription
from schemas.records.settings import Revocation

EVERY_HOTEL = "*"

# More browsers than anybody has; beyond it the oldest one gives way.
MAX_PER_PERSON = 20


@dataclass(slots=True)
class Book:
    """(hotel, person) -> their subscriptions by id."""

    _of: dict[tuple[str, str], dict[str, PushSubscription]] = field(default_factory=dict)
    _owner: dict[tuple[str, str], str] = field(default_factory=dict)
    # When each was made (ms), and who was shut out: (kind, hotel, id) -> everything made before (ms).
    _made_at: dict[tuple[str, str], int] = field(default_factory=dict)
    _revoked: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def learn(self, record: PeopleRecord) -> None:
        """Take a record of `people`; only subscriptions matter here."""
        if record.subscription is None:
            return
        self.forget(record.property_id, record.id)
        own = self._of.setdefault((record.property_id, record.subscription.user_id), {})
        own[record.id] = record.subscription
        self._owner[record.property_id, record.id] = record.subscription.user_id
        self._made_at[record.property_id, record.id] = record.at
        while len(own) > MAX_PER_PERSON:
            self.forget(record.property_id, next(iter(own)))

    def forget(self, property_id: str, subscription_id: str) -> None:
        """The subscription is gone."""
        user_id = self._owner.pop((property_id, subscription_id), None)
        self._made_at.pop((property_id, subscription_id), None)
        if user_id is not None:
            self._of[property_id, user_id].pop(subscription_id, None)

    def revoke(self, property_id: str, gone: Revocation) -> None:
        """A person, a whole hotel or a single token is shut out."""
        key = (gone.kind, property_id, gone.id)
        self._revoked[key] = max(gone.before, self._revoked.get(key, 0))

    def lost(self) -> list[tuple[str, str]]:
        """(hotel, id) of what was subscribed before its person was shut out: nothing goes there any more."""
        return [
            (property_id, own)
            for (property_id, _), browsers in self._of.items()
            for own, one in browsers.items()
            if self._shut_out(property_id, one)
        ]

    def _shut_out(self, property_id: str, one: PushSubscription) -> bool:
        made_at = self._made_at[property_id, one.subscription_id]
        for hotel in (property_id, EVERY_HOTEL):
            named = (("user", hotel, one.user_id), ("property", hotel, property_id))
            if any(made_at < self._revoked.get(key, 0) for key in named):
                return True
            # Signing out ends a token as of its own issue, which is before all that it subscribed.
            if one.token_id is not None and ("token", hotel, one.token_id) in self._revoked:
                return True
        return False

    def of(self, property_id: str, user_id: str) -> list[PushSubscription]:
        """The person's browsers now, but for those that were shut out."""
        found = self._of.get((property_id, user_id), {})
        return [one for one in found.values() if not self._shut_out(property_id, one)]
