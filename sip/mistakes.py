"""Mistakes in trunk files as sentences: the file, the line, the field, what was written and what would be right."""

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from sip import marked_yaml
from sip.errors import ConfigError, Problem

if TYPE_CHECKING:
    from sip.config import TrunkFile

_EXPECTED = {
    "string_pattern_mismatch": "expected a lower-case name of letters, digits and hyphens, such as demo-digest",
    "int_parsing": "expected a whole number",
    "bool_parsing": "expected true or false",
    "missing": "is missing",
    "tuple_type": "expected a list",
    "dict_type": "expected a mapping of names",
    "model_type": "expected a mapping of fields",
    "string_type": "expected text",
    "string_too_short": "expected some text",
    "too_short": "expected at least one entry",
}
_MISSING = {
    "guard": "is missing: without it a stolen key could call any number in the world all night; expected guard with "
    "prefixes, such as [+49], and calls_per_hour, calls_per_day and concurrent if the defaults do not fit",
    "authentication": "is missing: a trunk without authentication is refused",
}
_SECRET = {"password", "headers"}


def problem(schema: type[BaseModel], document: marked_yaml.MarkedDocument, details: ErrorDetails) -> Problem:
    """One of pydantic's errors about a file of this `schema`. Nothing that may be a secret is repeated."""
    path = tuple(step for step in details["loc"] if step != "[key]")
    written = document.written_at(path)
    shown = str(written) if isinstance(written, str) and not _SECRET & set(path) else ""
    expected = str(details.get("ctx", {}).get("error", "")) or _EXPECTED.get(details["type"], details["msg"])
    match details["type"]:
        case "extra_forbidden":
            shown, expected = "", _unknown_field(schema, path)
        case "missing":
            expected = _MISSING.get(str(path[-1]), expected)
        case "literal_error":
            expected = f"expected {details['ctx']['expected']}".replace("'", "")
    return Problem(document.file, document.line_of(path), ".".join(map(str, path)), shown, expected)


def problems_as_json(error: ConfigError) -> list[dict[str, Any]]:
    """The mistakes as plain data, for `--json`."""
    return [
        {"file": p.file, "line": p.line, "field": p.field, "value": p.value, "expected": p.expected}
        for p in error.problems
    ]


def overlaps(loaded: Iterable[tuple[marked_yaml.MarkedDocument, "TrunkFile"]]) -> list[Problem]:
    """Numbers, names and catch-alls that more than one trunk claims. Caller IDs of outbound trunks may be shared."""
    seen: dict[str, str] = {}
    problems: list[Problem] = []

    def claim(
        document: marked_yaml.MarkedDocument, path: tuple[str | int, ...], key: str, value: str, why: str
    ) -> None:
        here = f"{document.file}:{document.line_of(path)}"
        if key in seen:
            field = ".".join(map(str, path))
            problems.append(Problem(document.file, document.line_of(path), field, value, f"{why} ({seen[key]})"))
        seen.setdefault(key, here)

    for document, file in loaded:
        for name in file.outbound:
            claim(
                document, ("outbound", name), f"outbound {name}", name, "another outbound trunk already has this name"
            )
        for name, trunk in file.inbound.items():
            at: tuple[str | int, ...] = ("inbound", name)
            claim(document, at, f"name {name}", name, "another trunk already has this name")
            for index, number in enumerate(trunk.numbers):
                why = "another trunk already has this number; LiveKit would answer its calls with 503"
                claim(document, (*at, "numbers", index), f"number {number}", number, why)
            if trunk.catch_all:
                why = "another trunk is the catch-all already; LiveKit takes one only, whatever the addresses"
                claim(document, (*at, "catch_all"), "catch_all", "true", why)
    return problems


def _unknown_field(schema: type[BaseModel], path: tuple[int | str, ...]) -> str:
    known = list(_fields_at(schema, path[:-1]))
    close = difflib.get_close_matches(str(path[-1]), known, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    return f"is not a field here{meant} Fields: {', '.join(known)}" if known else "is not a field here"


def _fields_at(schema: type[BaseModel], path: tuple[int | str, ...]) -> Iterable[str]:
    """The fields of the model at `path`, going through models and mappings of models."""
    here: Any = schema
    for step in path:
        if get_origin(here) is dict:
            here = get_args(here)[1]
            continue
        model = _model(here)
        if model is None or step not in model.model_fields:
            return ()
        here = model.model_fields[str(step)].annotation
    model = _model(here)
    return model.model_fields if model else ()


def _model(kind: Any) -> type[BaseModel] | None:
    """The model among a field's types, such as the one beside None."""
    kinds = (kind, *get_args(kind)) if get_origin(kind) is not dict else ()
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
