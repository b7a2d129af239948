"""What each client sent and heard, held against the log: nothing lost, twice, or out of order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(slots=True)
class History:
    """One client's, append-only: ids it sent and ids that were acked, and by channel the ids it heard."""

    sent: list[str] = field(default_factory=list)
    acked: list[str] = field(default_factory=list)
    heard: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many deliveries were right, and what was wrong."""

    deliveries: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    foreign: int = 0
    acked_and_gone: int = 0
    unsettled: int = 0


def judge(log: Mapping[str, Sequence[str]], histories: Sequence[History]) -> Verdict:
    """`log`: of each channel the ids in its order, each once, by its first place.

    lost: on the log, not heard by one who listens to the channel; foreign: heard, not on the log of it;
    reordered: heard after one that lies behind it; acked_and_gone: acked, on no channel's log; unsettled:
    sent and never acked.
    """
    places = {channel: {own: at for at, own in enumerate(ids)} for channel, ids in log.items()}
    everywhere = {own for ids in log.values() for own in ids}
    found: dict[str, int] = dict.fromkeys(Verdict.__dataclass_fields__, 0)
    for history in histories:
        for channel, heard in history.heard.items():
            place = places.get(channel, {})
            once = dict.fromkeys(heard)
            known = [place[own] for own in once if own in place]
            found["deliveries"] += len(known)
            found["foreign"] += len(once) - len(known)
            found["doubled"] += len(heard) - len(once)
            found["lost"] += len(place) - len(known)
            found["reordered"] += sum(after < before for before, after in pairwise(known))
        found["acked_and_gone"] += sum(own not in everywhere for own in history.acked)
        found["unsettled"] += len(set(history.sent) - set(history.acked))
    return Verdict(**found)
