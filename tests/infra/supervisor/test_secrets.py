"""Secrets are made once, and only their owner can read them."""

from __future__ import annotations

import base64
from pathlib import Path

from infra.runtime.settings import SECRETS_FILE, parse, read
from infra.supervisor import secrets


def test_made_once_for_the_owner_only(tmp_path: Path) -> None:
    assert secrets.ensure(tmp_path)
    file = tmp_path / SECRETS_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    before = file.read_bytes()
    assert not secrets.ensure(tmp_path)
    assert file.read_bytes() == before


def test_settings_read_them(tmp_path: Path) -> None:
    secrets.ensure(tmp_path)
    found = read(parse((tmp_path / SECRETS_FILE).read_text()))
    assert len(found.jwt_secret.get_secret_value()) >= 32
    assert found.clickhouse_writer_password != found.clickhouse_reader_password


def test_the_vapid_key_is_32_bytes() -> None:
    key = secrets.vapid_key()
    assert len(base64.urlsafe_b64decode(key + "=")) == 32
    assert "=" not in key
