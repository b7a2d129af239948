"""Gets Kafka's jars once into the user's cache folder and trusts only bytes whose SHA-256 the lock names.

Every start hashes all jars (43 MB, 0.1 s): a changed jar is refused, never run.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.engines.kafka import lock
from infra.runtime.problems import Problem

Progress = Callable[[int, int, str], None]
"""Called with (jars here, jars in all, name of the last one) after each download, from one thread."""

DOWNLOADS_AT_ONCE = 6


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/concierge-live/kafka-<version>`: one copy for all checkouts and tests of this user."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "concierge-live" / f"kafka-{lock.VERSION}"


def ensure(progress: Progress | None = None, folder: Path | None = None) -> list[Path]:
    """Paths of all jars in class path order, downloaded where missing. Problem if one differs."""
    folder = folder or cache_folder()
    wanted = lock.load()
    if missing(wanted, folder):
        _make(folder)
        with (folder / ".lock").open("w") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)  # two first starts at once download once
            for older in folder.glob(".download-*"):  # of one that was ended on its way
                shutil.rmtree(older, ignore_errors=True)
            _download(missing(wanted, folder), len(wanted), folder, progress)
    for jar in wanted:
        _check(jar, folder / jar.file_name)
    return [folder / jar.file_name for jar in wanted]


def missing(wanted: tuple[lock.Jar, ...], folder: Path) -> list[lock.Jar]:
    """Jars of `wanted` that `folder` does not hold yet."""
    return [jar for jar in wanted if not (folder / jar.file_name).exists()]


def sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"The cache folder {folder} can't be made ({error.strerror}): "
            "set XDG_CACHE_HOME to a folder you may write."
        ) from error


def _check(jar: lock.Jar, path: Path) -> None:
    if sha256(path) != jar.sha256:
        raise Problem(
            f"{path} is not the jar this project was tested with (its SHA-256 differs), "
            "so Kafka is not started: delete the file and start again; "
            "if that repeats, your network or Maven mirror alters downloads."
        )


def _download(jars: list[lock.Jar], total: int, folder: Path, progress: Progress | None) -> None:
    have = total - len(jars)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temp:
        fetch = _fetcher(Path(temp))
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            try:
                for jar, path in zip(jars, pool.map(fetch, jars), strict=True):
                    _check(jar, path)
                    path.rename(folder / jar.file_name)
                    have += 1
                    if progress:
                        progress(have, total, jar.file_name)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _fetcher(temp: Path) -> Callable[[lock.Jar], Path]:
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    remotes = {"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories}
    context = MavenContext(repo_cache=temp, remote_repos=remotes, timeout=30)

    def fetch(jar: lock.Jar) -> Path:
        try:
            path: Path = context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        except OSError as error:
            raise _failed(jar, error) from error
        except RuntimeError as error:  # jgo: in none of the repositories, or its own checksum differs
            raise _failed(jar, error) from error
        return path

    return fetch


def _failed(jar: lock.Jar, error: Exception) -> Problem:
    if isinstance(error, OSError) and error.errno == 28:
        return Problem(
            f"The disk is full: Kafka needs 45 MB in {cache_folder()}; free some space and start again."
        )
    return Problem(
        f"{jar.file_name} of Kafka could not be downloaded ({type(error).__name__}): "
        "check the network, or name your Maven mirror in jgo's configuration file, and start again."
    )
