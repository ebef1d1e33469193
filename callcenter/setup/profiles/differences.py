"""What has become of one version of a profile in another, in words. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from callcenter.setup.profiles.rules import ProfileBody

LONGEST_QUOTED = 60
NAMES = {
    "stt": "speech to text", "llm": "language model", "tts": "text to speech", "api_key_env": "key's variable",
    "base_url": "address", "max_calls": "most calls at once", "turn_taking": "turn taking", "fields": "noted fields",
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One field that is not the same. `field` is as in errors (`llm.base_url`)."""

    field: str
    words: str
    before: Any
    after: Any


def differences(before: ProfileBody, after: ProfileBody) -> list[Difference]:
    """In the order in which a profile is written down."""
    old, new = dict(_flat(before.model_dump(mode="json"))), dict(_flat(after.model_dump(mode="json")))
    return [
        Difference(field, _words(field, old.get(field), new.get(field)), old.get(field), new.get(field))
        for field in {**old, **new}
        if old.get(field) != new.get(field)
    ]


def _flat(data: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{at}{key}.")
        else:
            yield f"{at}{key}", value


def _words(field: str, before: Any, after: Any) -> str:
    name = ", ".join(NAMES.get(part, part.replace("_", " ")) for part in field.split("."))
    if field == "fields":
        return f"{name}: {_named(before, after)}"
    if isinstance(before, list) and isinstance(after, list):
        gone, new = [x for x in before if x not in after], [x for x in after if x not in before]
        said = [f"{word} {', '.join(some)}" for word, some in (("without", gone), ("with", new)) if some]
        return f"{name}: {' and '.join(said) or 'in another order'}"
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > LONGEST_QUOTED:
        return f"{name}: {_lines(before, after)}"
    return f"{name}: {_shown(before)} → {_shown(after)}"


def _named(before: list[dict[str, str]], after: list[dict[str, str]]) -> str:
    """Of things that have a name and a description."""
    old, new = ({each["name"]: each["description"] for each in some} for some in (before, after))
    changes = {
        "without": [name for name in old if name not in new],
        "with": [name for name in new if name not in old],
        "another description of": [name for name in new if name in old and new[name] != old[name]],
    }
    return " and ".join(f"{word} {', '.join(some)}" for word, some in changes.items() if some) or "in another order"


def _lines(before: str, after: str) -> str:
    steps = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()
    changed = [step for step in steps if step[0] != "equal"]
    gone, new = sum(step[2] - step[1] for step in changed), sum(step[4] - step[3] for step in changed)
    said = [
        f"{count} {'line' if count == 1 else 'lines'} {word}" for count, word in ((new, "new"), (gone, "gone")) if count
    ]
    return " and ".join(said) or "other line ends"


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, str):
        return f"“{value}”"
    return f"{value:g}" if isinstance(value, float) else str(value)
