"""Fixtures for all tests: the engines are real, and each is started once a session."""

from __future__ import annotations

pytest_plugins = ["tests.fixtures_kafka", "tests.fixtures_warehouse"]
