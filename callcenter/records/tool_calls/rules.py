"""When two tool calls ask for the same change."""

import hashlib
import json
import unicodedata
from typing import Any


def effect_key(arguments: dict[str, Any]) -> str:
    """The same for arguments that mean the same: their order, case, spaces and the mark at a sentence's end are left
    out of account, as a model that says a thing twice seldom writes it alike twice."""
    canonical = json.dumps(_canonical(arguments), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: Any) -> Any:
    match value:
        case str():
            words = unicodedata.normalize("NFKC", value).casefold().split()
            return " ".join(words).rstrip(" .,;:!?")
        case dict():
            return {str(name): _canonical(part) for name, part in value.items()}
        case list() | tuple():
            return [_canonical(part) for part in value]
        case _:
            return value
