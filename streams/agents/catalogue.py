"""Which agents there are: deciders and folders by name, imported only where they run."""

from __future__ import annotations

import importlib

from streams.rules.answering import Agent
from streams.rules.folding import Kind

DECIDERS = ("rooms", "services", "staff", "alerts", "notifications")
FOLDERS = ("occupancy", "service_load", "performance", "revenue")


def decider(name: str) -> Agent:
    """The decider of this name: `AGENT` of its module. KeyError for any other name."""
    if name not in DECIDERS:
        raise KeyError(name)
    found = importlib.import_module(f"streams.agents.{name}").AGENT
    assert isinstance(found, Agent)
    return found


def folder(name: str) -> Kind:
    """The folder of this name: `KIND` of its module. KeyError for any other name."""
    if name not in FOLDERS:
        raise KeyError(name)
    found = importlib.import_module(f"streams.agents.{name}").KIND
    assert isinstance(found, Kind)
    return found
