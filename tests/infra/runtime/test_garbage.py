"""What was set aside is not looked at again, and is freed all the same when nothing refers to it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from infra.runtime import garbage


class Thing:
    """Something that can be referred to weakly."""


@pytest.fixture(autouse=True)
def looked_at_again() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    assert gc.isenabled()


def test_nothing_is_collected_while_loading_and_what_was_loaded_stays() -> None:
    with garbage.loading():
        assert not gc.isenabled()
        thing = [Thing()]
    assert not any(one is thing for one in gc.get_objects())
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] == garbage.SEARCH_AFTER


def test_what_fails_to_load_leaves_the_collector_on() -> None:
    with pytest.raises(ImportError), garbage.loading():
        raise ImportError
    assert gc.isenabled()


def test_what_is_kept_is_freed_when_nothing_refers_to_it() -> None:
    circle: list[object] = [Thing()]
    gone = weakref.ref(circle[0])
    circle.append(circle)
    thing = Thing()
    held = weakref.ref(thing)
    del circle
    garbage.keep()
    assert gone() is None, "garbage was collected before"
    assert held() is thing
    del thing
    assert held() is None
