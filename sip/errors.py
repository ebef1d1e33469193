"""What can go wrong while trunks are planned or applied, as sentences for whoever runs the command."""

from collections.abc import Sequence
from dataclasses import dataclass


class SipError(Exception):
    """The trunks could not be planned or applied."""

    def __str__(self) -> str:
        return super().__str__() or (self.__doc__ or "")


@dataclass(frozen=True)
class Problem:
    """One mistake in a trunk file: where it is, what was written and what would be right."""

    file: str
    line: int
    field: str
    value: str
    expected: str

    def __str__(self) -> str:
        written = f" {self.value!r}:" if self.value else ""
        field = f" {self.field}:" if self.field else ""
        return f"{self.file}:{self.line}:{field}{written} {self.expected}"


class ConfigError(SipError):
    """A trunk file is not valid."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class RefusedError(SipError):
    """The plan would make calls unsafe or ambiguous."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


class DeleteNeedsConsentError(SipError):
    """The plan deletes something; run apply with --allow-delete to agree. Nothing was changed."""


class LiveKitUnreachableError(SipError):
    """LiveKit's API did not answer, or did not accept the key."""


class ChangedMeanwhileError(SipError):
    """LiveKit refused a change that fitted when the plan was made: somebody else is changing trunks."""
