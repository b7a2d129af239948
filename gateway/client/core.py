"""A client's side of the socket without I/O: frames and time in, effects out. Times are seconds of any clock.

Resume: each channel keeps the newest cursor it was told, and says it again after a drop. Events between a
`sub` and its own `subbed` are not taken, so what is taken of a channel has no gap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from gateway.client import comeback, frames
from gateway.client.effects import (
    Connect,
    Effect,
    End,
    Ended,
    Event,
    Hangup,
    Renew,
    Say,
    Settled,
    Tell,
    ended,
)
from gateway.client.heard import Heard
from gateway.client.outbox import Outbox
from gateway.client.uptime import Uptime
from gateway.errors import Refused
from gateway.protocol import (
    EXPIRED,
    RATE,
    VERSION,
    Auth,
    Got,
    Hello,
    Pub,
    Sub,
    Unsub,
)

# Silence of so many heartbeats: the connection is dead, whatever the socket says.
SILENT_BEATS = 2.5
# After so many what is shown may be old, though the connection may still live.
CURRENT_BEATS = 1.5
# Until there is a heartbeat to go by: connecting, and the answer to hello.
WELCOME_SECONDS = 10.0


Phase = Literal["away", "signing", "connecting", "greeting", "live", "leaving", "ended"]


@dataclass(slots=True)
class _Channel:
    cursor: str | None
    asked: bool = False
    joined: bool = False
    known: bool = False
    number: int | None = None


class Core:
    """One client. `token` None: Renew asks for one whenever one is needed; one that is given stays.

    `connections`: how often it was welcomed; `repeats`: by type, events that came again and were not told
    again; `uptime`: for how long it was connected and heard all its channels.
    """

    def __init__(self, outbox: Outbox, token: str | None, chance: Callable[[], float]) -> None:
        self.outbox = outbox
        self.phase: Phase = "away"
        self.paused = False
        self.connections = 0
        self.repeats = Counter[str]()
        self.stale_since: int | None = None
        self._token = token
        self._renewable = token is None
        self._chance = chance
        self._channels: dict[str, _Channel] = {}
        self._heard = Heard()
        self._failures = 0
        self._count = 0
        self._heard_at = 0.0
        self._patience = WELCOME_SECONDS
        self._fresh = 0.0
        self._back_at: float | None = 0.0
        self._leave_at: float | None = None
        self._resub: dict[str, float] = {}
        self._numbers = 0
        self._silent = False
        self._limits = frames.Limits()
        self.uptime = Uptime()

    # -- what the person wants ------------------------------------------------------------------------

    def sub(self, name: str, cursor: str | None = None) -> list[Effect]:
        """Hear a channel, from a cursor or a snapshot on."""
        known = self._channels.get(name)
        if known is not None:
            return [Settled(name)] if known.joined else []
        self._channels[name] = _Channel(cursor)
        return self._listen()

    def unsub(self, name: str) -> list[Effect]:
        """Hear it no more."""
        known = self._channels.pop(name, None)
        self._resub.pop(name, None)
        return [_say(Unsub(ch=name))] if known is not None and known.asked and self.phase == "live" else []

    def send(self, cmd: str, d: dict[str, Any], own_id: str | None, now: float) -> tuple[str, list[Effect]]:
        """(its id, effects)."""
        return self.outbox.add(cmd, d, own_id).id, self._publish(now)

    def got(self, name: str, cursor: str) -> list[Effect]:
        """A person's device has everything of this channel up to here."""
        return [_say(Got(cur=cursor, ch=name))] if self.phase == "live" else []

    def pause(self) -> list[Effect]:
        """No room for events: leave the channels; their cursors stay."""
        self.paused = True
        asked = [name for name, one in self._channels.items() if one.asked]
        for one in self._channels.values():
            one.asked = one.joined = False
        return [_say(Unsub(ch=name)) for name in asked] if self.phase == "live" else []

    def go_on(self) -> list[Effect]:
        """Room again: the channels from where they were."""
        self.paused = False
        return self._listen()

    def close(self) -> list[Effect]:
        """For good."""
        return self._end(Ended(0, "closed", "This client was closed."))

    # -- what happened --------------------------------------------------------------------------------

    def opened(self, now: float) -> list[Effect]:
        """The socket is open."""
        self.phase, self._count, self._heard_at, self._leave_at = "greeting", 0, now, None
        # Those beyond what a connection hears are asked for later: each of them gets an answer.
        names = [] if self.paused else list(self._channels)[: self._limits.channels]
        resume = {name: self._channels[name].cursor for name in names}
        for name in resume:
            self._channels[name].asked, self._channels[name].number = True, None
        return [_say(Hello(v=VERSION, token=self._token or "", resume=resume))]

    def lost(self, code: int | None, now: float) -> list[Effect]:
        """The socket is closed, or could not be opened. `code`: the close frame's, None without one."""
        if self.phase == "ended":
            return []
        if code is not None and (comeback.stays_away(code) or (code == EXPIRED and not self._renewable)):
            return self._end(ended(code))
        if code == EXPIRED:
            self._token = None
        if code == RATE:
            self._failures = max(self._failures, comeback.TOO_MUCH)
        self.uptime.away(self._heard_at if self._silent else now)
        self.outbox.lost()
        self._resub.clear()
        for one in self._channels.values():
            one.asked = one.joined = False
        self._wait(now)
        return []

    def signed(self, token: str, now: float) -> list[Effect]:
        """Here is a token."""
        self._token = token
        if self.phase == "signing":
            return self._connect(now)
        return [_say(Auth(token=token))] if self.phase == "live" else []

    def unsigned(self, now: float) -> list[Effect]:
        """No token is to be had now. An open socket goes on with the old one while that holds."""
        if self.phase == "signing":
            self._wait(now)
        return []

    def tick(self, now: float) -> list[Effect]:
        """Time has passed; see `wake_at`."""
        if self.phase == "away" and self._back_at is not None and now >= self._back_at:
            return self._connect(now)
        if self._leave_at is not None and now >= self._leave_at:
            self.phase = "leaving"
            return [Hangup()]
        if self.phase in ("connecting", "greeting", "live") and now >= self._heard_at + self._patience:
            self.phase, self._silent = "leaving", True
            return [Hangup()]
        if self.phase != "live":
            return []
        due = [name for name, at in self._resub.items() if now >= at]
        for name in due:
            del self._resub[name]
        return self._publish(now) + (self._listen() if due else [])

    def current(self, now: float) -> bool:
        """Whether all channels are heard, and what they say is what is true now."""
        fresh = self.stale_since is None and now - self._heard_at <= self._fresh
        return fresh and self.phase == "live" and self._all_joined

    def wake_at(self) -> float | None:
        """When `tick` may have something to do."""
        if self.phase == "away":
            return self._back_at
        if self.phase not in ("connecting", "greeting", "live"):
            return None
        times = [self._heard_at + self._patience, self._leave_at]
        if self.phase == "live":
            times += [self.outbox.wake_at(), *self._resub.values()]
        return min(one for one in times if one is not None)

    def received(self, text: str | bytes, now: float) -> list[Effect]:
        """What one message means."""
        if self.phase not in ("greeting", "live"):
            return []
        self._heard_at = now
        match frames.read(text):
            case frames.Ev() as frame:
                return self._event(frame)
            case frames.Ack(id=about):
                return [Settled(about), *self._publish(now)] if self.outbox.settled(about) else []
            case frames.Nack() as frame:
                return self._refused(frame, now)
            case frames.Subbed() as frame:
                return self._subbed(frame, now)
            case frames.Beat() as frame:
                return self._beat(frame)
            case frames.Welcome() as frame:
                return self._welcome(frame, now)
            case frames.Stale(since=since):
                self.stale_since = since
            case frames.Drain() as frame:
                self._leave_at = now + (frame.after + frame.jitter * self._chance()) / 1000
            case frames.AuthExpiring() if self._renewable:
                return [Renew()]
            case _:
                pass
        return []

    @property
    def _all_joined(self) -> bool:
        return all(one.joined for one in self._channels.values())

    # -- how ------------------------------------------------------------------------------------------

    def _connect(self, now: float) -> list[Effect]:
        self._back_at, self._heard_at, self._patience = None, now, WELCOME_SECONDS
        if self._token is None:
            self.phase = "signing"
            return [Renew()]
        self.phase = "connecting"
        return [Connect()]

    def _wait(self, now: float) -> None:
        asked = self._leave_at is not None and now >= self._leave_at  # and when is the gateway's choice
        self.phase, self._leave_at, self._silent = "away", None, False
        self._back_at = now if asked else now + comeback.delay(self._failures, self._chance())
        self._failures += 1

    def _end(self, why: Ended) -> list[Effect]:
        if self.phase == "ended":
            return []
        self.phase = "ended"
        return [Hangup(), End(why)]

    def _welcome(self, frame: frames.Welcome, now: float) -> list[Effect]:
        if frame.v != VERSION:
            return self._end(Ended(400, "version", f"The gateway speaks version {frame.v}, not {VERSION}."))
        self.phase, self._failures, self._limits = "live", 0, frame.limits
        self.connections += 1
        self._patience = SILENT_BEATS * frame.heartbeat / 1000
        self._fresh, self.stale_since = CURRENT_BEATS * frame.heartbeat / 1000, None
        return self._listen() + self._publish(now)

    def _listen(self) -> list[Effect]:
        if self.phase != "live" or self.paused:
            return []
        wanted = {n: c for n, c in self._channels.items() if not c.asked and n not in self._resub}
        for one in wanted.values():
            self._numbers += 1
            one.asked, one.number = True, self._numbers
        return [_say(Sub(ch=name, cur=one.cursor, n=one.number)) for name, one in wanted.items()]

    def _publish(self, now: float) -> list[Effect]:
        if self.phase != "live":
            return []
        found: list[Effect] = []
        while due := self.outbox.due(now):
            for one in due:
                said = _say(Pub(id=one.id, cmd=one.cmd, d=one.d))
                size, most = len(said.text.encode()), self._limits.frame_bytes
                if size <= most:
                    found.append(said)
                else:  # sent, it would end the connection
                    self.outbox.settled(one.id)
                    message = f"A command of {size} bytes: at most {most}."
                    found.append(Settled(one.id, Refused(413, "too_large", message)))
        return found

    def _subbed(self, frame: frames.Subbed, now: float) -> list[Effect]:
        channel = self._channels.get(frame.ch)
        if channel is None or not channel.asked:
            return []
        if not channel.joined and frame.n != channel.number:
            return []  # of a sub that was taken back: what came behind its end is in the answer to this one
        channel.joined = channel.known = True
        if self._all_joined:
            self.uptime.heard(now)
        channel.cursor = frame.cur
        told: list[Effect] = []
        if frame.snapshot is not None:
            self._heard.learn(frame.snapshot)
            told = [Tell(Event("snapshot", frame.ch, "", 0, frame.cur, frame.snapshot))]
        for d in frame.system_alerts:
            own, at = str(d.get("event_id")), int(d.get("at", 0))
            if self._heard.first("system_alert", own):
                told.append(Tell(Event("system_alert", frame.ch, own, at, None, d)))
        return [*told, Settled(frame.ch)]

    def _event(self, frame: frames.Ev) -> list[Effect]:
        self._count += 1
        channel = self._channels.get(frame.ch)
        if channel is None or not channel.joined:
            return []
        channel.cursor = frame.cur or channel.cursor
        if not self._heard.first(frame.type, frame.id):
            self.repeats[frame.type] += 1
            return []
        stale = self._heard.stale(frame.d)
        return [Tell(Event(frame.type, frame.ch, frame.id, frame.at, frame.cur, frame.d, stale))]

    def _beat(self, frame: frames.Beat) -> list[Effect]:
        if self._count < frame.count:
            self.phase = "leaving"
            return [Hangup()]
        if frame.cur is not None:
            for channel in self._channels.values():
                channel.cursor = frame.cur if channel.joined else channel.cursor
        return []

    def _refused(self, frame: frames.Nack, now: float) -> list[Effect]:
        refusal = Refused(400, frame.code, frame.message)
        if frame.retry_after is not None:
            at = now + max(0.05, frame.retry_after)
            if not self.outbox.put_off(frame.id, at) and (one := self._channels.get(frame.id)) is not None:
                one.asked, self._resub[frame.id] = False, at
            return []
        if self.outbox.settled(frame.id):
            return [Settled(frame.id, refusal), *self._publish(now)]
        channel = self._channels.pop(frame.id, None)
        if channel is None:
            return []
        if not channel.known:
            return [Settled(frame.id, refusal)]
        d = {"code": frame.code, "message": frame.message}
        return [Tell(Event("refused", frame.id, "", 0, None, d))]


def _say(frame: msgspec.Struct) -> Say:
    return Say(msgspec.json.encode(frame).decode())
