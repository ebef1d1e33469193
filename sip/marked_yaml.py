"""YAML read as plain text values, each with the line it stands on."""

from dataclasses import dataclass, field
from typing import Any

import yaml

from sip.errors import ConfigError, Problem

Path = tuple[str | int, ...]


@dataclass
class MarkedDocument:
    """A YAML document: its value and the line (counted from 1) of every key and item, by path."""

    file: str
    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    duplicates: list[Problem] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of the value at `path`, or of the closest parent that is written down."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def written_at(self, path: Path) -> Any:
        """The value at `path` as it is written, or None."""
        value = self.value
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def read(file: str, text: str) -> MarkedDocument:
    """Parse `text`; scalars stay text, so an unquoted `+15550100` is not taken for a number.

    Raises:
        ConfigError: not YAML, or a key is written twice (which YAML libraries let pass, keeping the last).
    """
    document = MarkedDocument(file)
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError([Problem(file, line, "", "", f"not valid YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise ConfigError([Problem(file, 1, "", "", f"not valid YAML: {error}")]) from error
    try:
        document.value = _value(root, (), document) if root is not None else None
    except RecursionError as error:
        raise ConfigError([Problem(file, 1, "", "", "an alias contains itself")]) from error
    if document.duplicates:
        raise ConfigError(document.duplicates)
    return document


def _value(node: yaml.Node, path: Path, document: MarkedDocument) -> Any:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, index), document) for index, item in enumerate(node.value)]
    return None if node.value == "" and getattr(node, "style", None) is None else node.value


def _mapping(node: yaml.MappingNode, path: Path, document: MarkedDocument) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in result:
            first = document.lines[(*path, key)]
            where = ".".join(str(step) for step in (*path, key))
            document.duplicates.append(
                Problem(document.file, line, where, "", f"written twice; the first one is on line {first}")
            )
        document.lines[(*path, key)] = line
        result[key] = _value(value_node, (*path, key), document)
    return result
