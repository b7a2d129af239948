"""Channels and who may listen to them. Pure: asked at subscribe and again at replay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from gateway import stays
from gateway.claims import EVERY_PROPERTY, Claims
from gateway.errors import Refused, forbidden
from gateway.readmodel.model import ReadModel

ChannelKind = Literal["property", "staff", "department", "ops", "room", "thread", "user"]
_PARTS: dict[ChannelKind, int] = {
    "property": 1,
    "staff": 1,
    "department": 2,
    "ops": 1,
    "room": 2,
    "thread": 1,
    "user": 1,
}
MAX_CHANNEL_CHARS = 500


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel's parts. `property_id` of thread and user channels is the one of who asks."""

    kind: ChannelKind
    property_id: str
    id: str


def parse(name: str, claims: Claims) -> Channel:
    """The parts of a channel's name. Refused 400 where it is none."""
    kind, _, rest = name.partition(":")
    if len(name) > MAX_CHANNEL_CHARS or kind not in get_args(ChannelKind) or not rest:
        raise Refused(400, "unknown_channel", f"{name[:80]!r} is not a channel.")
    channel_kind: ChannelKind = kind  # type: ignore[assignment]  # membership was just checked
    if channel_kind in ("thread", "user"):
        if claims.property_id == EVERY_PROPERTY:
            raise Refused(400, "unknown_channel", "A token for every property has no threads of its own.")
        return Channel(channel_kind, claims.property_id, rest)
    property_id, _, own = rest.partition(":")
    if not property_id or (_PARTS[channel_kind] == 2) != bool(own):
        raise Refused(400, "unknown_channel", f"{name[:80]!r} is not a channel.")
    return Channel(channel_kind, property_id, own)


def may(claims: Claims, channel: Channel, model: ReadModel) -> bool:
    """Whether these claims may listen to this channel, as of now."""
    if not claims.in_property(channel.property_id) or claims.role == "data":
        return False
    if claims.role == "system" and channel.kind != "thread":
        return True
    match channel.kind:
        case "property":
            return True
        case "staff":
            return claims.is_staff
        case "department":
            return claims.works_in(channel.id)
        case "ops":
            return claims.is_manager
        case "room":
            hotel = model.hotel(channel.property_id)
            return claims.is_staff or (claims.role == "guest" and stays.in_room(claims, hotel, channel.id))
        case "user":
            return claims.user_id == channel.id
        case "thread":
            return may_thread(claims, channel.property_id, channel.id, model)


def may_thread(claims: Claims, property_id: str, thread_id: str, model: ReadModel) -> bool:
    """Members, the guest it is with, and the department's staff see a thread."""
    hotel = model.hotel(property_id)
    thread = hotel.threads.get(thread_id) if hotel else None
    if thread is None or not claims.in_property(property_id):
        return False
    if thread.opened.kind == "staff" and claims.role == "guest":
        return False
    if claims.role == "system" or claims.user_id in thread.members:
        return True
    if claims.user_id == thread.opened.guest_id:
        return True
    return thread.opened.kind == "guest_department" and claims.works_in(thread.opened.department)


def demand(claims: Claims, name: str, model: ReadModel) -> Channel:
    """The channel, if these claims may listen to it; else Refused (400 no channel, 403)."""
    channel = parse(name, claims)
    if not may(claims, channel, model):
        raise forbidden(f"{name[:80]} is not yours.")
    return channel
