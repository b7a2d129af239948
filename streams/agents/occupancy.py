"""Occupancy: facts of the house over the inventory of `settings`."""

from __future__ import annotations

from schemas import topics
from schemas.records.settings import SettingsRecord
from streams.rules import folding
from streams.rules.folding import Kind
from streams.rules.occupancy import Fold


def _settings(fold: folding.Fold, record: SettingsRecord) -> None:
    assert isinstance(fold, Fold)
    fold.settings(record)


KIND = Kind("occupancy", (topics.ROOMS, topics.SETTINGS), topics.OCCUPANCY_STATE, Fold, _settings)
