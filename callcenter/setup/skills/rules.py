"""Where a skill is asked for: pure."""

from collections.abc import Iterator, Mapping
from typing import Any

FIELDS = frozenset({"required_skills", "preferred_skills", "drop"})


def asked_for_by(queues: Mapping[str, Any], name: str) -> Iterator[str]:
    """The queues (their plain bodies by name) that require a skill."""
    yield from (queue for queue, body in sorted(queues.items()) if name in body.get("required_skills", ()))
