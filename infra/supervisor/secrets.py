"""`secrets.env` in the data folder: made once, readable by its owner only, never printed."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from infra.runtime.settings import SECRETS_FILE


def ensure(data_dir: Path) -> bool:
    """Makes the file if there is none; True if made now. Written whole under another name, then renamed."""
    path = data_dir / SECRETS_FILE
    if path.exists():
        return False
    half = path.with_suffix(".half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text())
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)
    return True


def text() -> str:
    """Fresh secrets as environment lines."""
    lines = {
        "CONCIERGE_JWT_SECRET": secrets.token_urlsafe(48),
        "CONCIERGE_CLICKHOUSE_WRITER_PASSWORD": secrets.token_urlsafe(24),
        "CONCIERGE_CLICKHOUSE_READER_PASSWORD": secrets.token_urlsafe(24),
        "CONCIERGE_VAPID_PRIVATE_KEY": vapid_key(),
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def vapid_key() -> str:
    """A P-256 private key: its 32 bytes as base64url without padding."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
