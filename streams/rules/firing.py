"""What passing time makes true, and which deadlines can't be fired: those are set aside, the others go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streams.rules.deciding import Decision, Rules

# A search takes about 2 log2(entities) looks for each that fails: enough for six of 100,000.
LOOKS = 200


def due(rules: Rules) -> int | None:
    """The earliest deadline (ms), None without one. Rules that can't even say are due at once: 0."""
    try:
        return rules.due()
    except Exception:  # firing finds out which of them it is
        return 0


def fired(rules: Rules, until: int, context: Any) -> Decision | None:
    """What is due by `until`, None: nothing. Where it throws, the rules are as they were."""
    earliest = rules.due()
    if earliest is None or earliest > until:
        return None
    numbers = _numbers(rules)
    try:
        return rules.fire(until, context)
    except Exception:
        vars(rules).update(numbers)
        raise


def culprits(rules: Rules, until: int, context: Any) -> frozenset[str]:
    """The entities whose deadlines make firing throw; empty: no single one does. Changes nothing.

    Beyond LOOKS looks, what is not cleared counts as one of them.
    """
    already = rules.aside
    every = frozenset(own for found in rules.entities().values() for own in found)

    def throws(group: Sequence[str]) -> bool:
        numbers = _numbers(rules)
        rules.aside = every.difference(group) | already
        try:
            fired(rules, until, context)
        except Exception:
            return True
        finally:
            vars(rules).update(numbers)
            rules.aside = already
        return False

    if throws(()):
        return frozenset()
    found: list[str] = []
    groups: list[Sequence[str]] = [sorted(every - already)]
    looks = LOOKS
    while groups:
        group = groups.pop()
        looks -= 1
        if looks >= 0 and not throws(group):
            continue
        if looks < 0 or len(group) < 2:
            found += group
        else:
            middle = len(group) // 2
            groups += [group[middle:], group[:middle]]
    return frozenset(found)


def _numbers(rules: Rules) -> dict[str, int]:
    """What rules keep beside their entities: moments. Firing may change them, but nothing else."""
    return {name: value for name, value in vars(rules).items() if isinstance(value, int)}
