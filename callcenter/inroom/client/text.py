"""Text that the desk can take: UTF-8, and what a Postgres text column holds."""

import re
from typing import Any

# Models emit both: NUL, which Postgres refuses, and halves of a surrogate pair, which UTF-8 cannot carry (RFC 3629, 3).
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text without NUL characters and lone surrogates."""
    return _UNSTORABLE.sub("", text)


def storable_values(value: Any) -> Any:
    """The same for every string in lists and dictionaries, keys included; other values as they are."""
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable_values(key): storable_values(item) for key, item in value.items()}
        case list() | tuple():
            return [storable_values(item) for item in value]
        case _:
            return value
