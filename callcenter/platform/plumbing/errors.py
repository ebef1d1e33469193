"""Errors that reach a user: the class docstring is the default message, the status sits on the class."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One wrong field: where it is, what was given, and what would be right."""

    field: str
    value: Any
    expected: str


class ProductError(Exception):
    """Something went wrong."""

    status = 500
    retry_after_seconds: int | None = None

    def __init__(self, message: str | None = None, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message or type(self).__doc__ or "")
        self.errors = errors

    @property
    def message(self) -> str:
        return str(self)


class NotFound(ProductError):
    """There is no such thing."""

    status = 404


class Conflict(ProductError):
    """Somebody else was faster."""

    status = 409


class Invalid(ProductError):
    """What was sent is not valid."""

    status = 422


class NotSignedIn(ProductError):
    """Sign in, or send an API key."""

    status = 401


class NotAllowed(ProductError):
    """Your role does not allow this."""

    status = 403


class TooManyTries(ProductError):
    """Too many tries. Wait a minute."""

    status = 429
