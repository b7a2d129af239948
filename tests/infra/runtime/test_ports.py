"""Ports in a row that neither a listener nor the kernel's own choice of ports can take."""

from __future__ import annotations

import contextlib
import socket

import pytest

from infra.runtime import ports
from infra.runtime.problems import Problem


def test_a_row_can_be_had() -> None:
    base = ports.free_row(12)
    with contextlib.ExitStack() as held:
        for port in range(base, base + 12):
            held.enter_context(socket.create_server(("127.0.0.1", port)))


def test_a_used_port_is_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    base = ports.free_row(100)
    monkeypatch.setattr(ports, "FIRST", base)
    monkeypatch.setattr(ports, "LAST", base + 100)
    with socket.create_server(("127.0.0.1", base + 37)):
        assert all(base + 37 not in range(row, row + 2) for row in (ports.free_row(2) for _ in range(20)))


def test_none_left_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_free", lambda _port: False)
    with pytest.raises(Problem, match="There are no 3 free ports in a row"):
        ports.free_row(3)
