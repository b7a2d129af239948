"""The Python client: one connection that comes back by itself, and REST beside it."""

from gateway.client.client import Client
from gateway.client.effects import Ended, Event
from gateway.client.rest import Rest
from gateway.errors import Refused

__all__ = ["Client", "Ended", "Event", "Refused", "Rest"]
