"""Which program this is, where what one wrote may be read by another only if both fold facts alike."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[2]
# What decides how facts become state. A version kept by hand would be forgotten once.
FOLDERS = ("schemas", "schemas/records", "schemas/published", "streams/rules", "gateway/readmodel")


@cache
def program() -> str:
    """32 hex digits of the sources that fold facts. Any change of them is another program."""
    digest = hashlib.blake2b(digest_size=16)
    for folder in FOLDERS:
        for file in sorted((_ROOT / folder).iterdir()):
            if file.suffix in (".py", ".avsc", ".json"):
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
