"""Only bytes that the lock names are run."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import pytest

from infra.engines.kafka import jars, lock
from infra.runtime.problems import Problem


@pytest.fixture
def one_jar(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A lock of one jar, whose content is b"good"; a cache folder without it."""
    file = tmp_path / "jars.lock"
    file.write_text(f"{hashlib.sha256(b'good').hexdigest()}  org.example:thing:1.0\n")
    monkeypatch.setattr(lock, "LOCK_FILE", file)
    cache = tmp_path / "cache"
    cache.mkdir()
    return cache


def test_a_jar_with_the_locked_hash_is_used(one_jar: Path) -> None:
    (one_jar / "thing-1.0.jar").write_bytes(b"good")
    assert jars.ensure(folder=one_jar) == [one_jar / "thing-1.0.jar"]


def test_a_changed_jar_is_refused(one_jar: Path) -> None:
    (one_jar / "thing-1.0.jar").write_bytes(b"evil")
    with pytest.raises(Problem, match=r"thing-1\.0\.jar is not the jar .* Kafka is not started: delete"):
        jars.ensure(folder=one_jar)


def test_a_download_that_fails_is_one_sentence_and_leaves_nothing(
    one_jar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:  # bound, not listening: every connection to it is refused
        unused.bind(("127.0.0.1", 0))
        mirror = f"http://127.0.0.1:{unused.getsockname()[1]}"
        config = tmp_path / "jgo.conf"
        config.write_text(f"[repositories]\ncentral = {mirror}\n")
        monkeypatch.setenv("JGO_CONFIG_FILE", str(config))
        with pytest.raises(Problem, match=r"thing-1\.0\.jar of Kafka could not be downloaded .* start again"):
            jars.ensure(folder=one_jar)
    assert [path.name for path in one_jar.iterdir()] == [".lock"]


def test_a_download_is_checked_before_it_is_kept(one_jar: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int, str]] = []
    bytes_sent = [b"evil", b"good"]

    def fetcher(temp: Path) -> object:
        def fetch(jar: lock.Jar) -> Path:
            path = temp / jar.file_name
            path.write_bytes(bytes_sent.pop(0))
            return path

        return fetch

    monkeypatch.setattr(jars, "_fetcher", fetcher)
    (one_jar / ".download-of-one-that-was-ended").mkdir()
    with pytest.raises(Problem, match="SHA-256 differs"):
        jars.ensure(lambda *step: seen.append(step), one_jar)
    assert not (one_jar / "thing-1.0.jar").exists()
    assert jars.ensure(lambda *step: seen.append(step), one_jar) == [one_jar / "thing-1.0.jar"]
    assert seen == [(1, 1, "thing-1.0.jar")]
    assert sorted(path.name for path in one_jar.iterdir()) == [".lock", "thing-1.0.jar"]


def test_the_cache_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jars.cache_folder() == tmp_path / "concierge-live" / f"kafka-{lock.VERSION}"
