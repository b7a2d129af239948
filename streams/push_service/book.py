"""Everybody's subscriptions, from `people`, by hotel and person."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.records.people import PeopleRecord, PushSubscription

# More browsers than anybody has; beyond it the oldest one gives way.
MAX_PER_PERSON = 20


@dataclass(slots=True)
class Book:
    """(hotel, person) -> their subscriptions by id."""

    _of: dict[tuple[str, str], dict[str, PushSubscription]] = field(default_factory=dict)
    _owner: dict[tuple[str, str], str] = field(default_factory=dict)

    def learn(self, record: PeopleRecord) -> None:
        """Take a record of `people`; only subscriptions matter here."""
        if record.subscription is None:
            return
        self.forget(record.property_id, record.id)
        own = self._of.setdefault((record.property_id, record.subscription.user_id), {})
        own[record.id] = record.subscription
        self._owner[record.property_id, record.id] = record.subscription.user_id
        while len(own) > MAX_PER_PERSON:
            self.forget(record.property_id, next(iter(own)))

    def forget(self, property_id: str, subscription_id: str) -> None:
        """The subscription is gone."""
        user_id = self._owner.pop((property_id, subscription_id), None)
        if user_id is not None:
            self._of[property_id, user_id].pop(subscription_id, None)

    def of(self, property_id: str, user_id: str) -> list[PushSubscription]:
        """The person's browsers now."""
        return list(self._of.get((property_id, user_id), {}).values())
