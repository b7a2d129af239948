"""The lock names every jar with a hash, and no address."""

from __future__ import annotations

import pytest

from infra.engines.kafka import lock


def test_the_checked_in_lock_is_whole_and_holds_no_address() -> None:
    jars = lock.load()
    assert len({jar.file_name for jar in jars}) == len(jars) == 45
    assert all(set(jar.sha256) <= set("0123456789abcdef") for jar in jars)
    roots = [f"{jar.group}:{jar.artifact}:{jar.version}" for jar in jars[:2]]
    assert roots == list(lock.ROOTS)
    assert "//" not in lock.LOCK_FILE.read_text()


def test_what_is_rendered_is_parsed() -> None:
    jars = (lock.Jar("org.a", "b", "1.0", "0" * 64),)
    assert lock.parse(lock.render(jars)) == jars
    assert jars[0].file_name == "b-1.0.jar"


@pytest.mark.parametrize("line", ["abc  a:b:1", f"{'0' * 64}  a:b", "a:b:1"])
def test_a_malformed_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        lock.parse(line)
