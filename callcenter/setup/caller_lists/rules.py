"""What a caller list may say."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from callcenter.setup.entries.rules import a_number

MOST_LISTED = 10_000
LONGEST_NUMBER = 15  # digits, ITU-T E.164
_PREFIX = re.compile(rf"\+[1-9][0-9]{{0,{LONGEST_NUMBER - 1}}}")
_SEPARATORS = re.compile(r"[\s().\-/]")


def _wrong(expected: str) -> PydanticCustomError:
    return PydanticCustomError("expected", "{expected}", {"expected": expected})


def _a_number(text: str) -> str:
    try:
        return a_number(text)
    except ValueError as error:
        raise _wrong(str(error)) from error


def _a_prefix(text: str) -> str:
    found = _SEPARATORS.sub("", text)
    if not _PREFIX.fullmatch(found):
        raise _wrong("the start of a number in E.164, + and 1 to 15 digits, such as +49 or +4930")
    return found


E164 = Annotated[str, AfterValidator(_a_number)]


class Listed(BaseModel):
    """A caller, or all whose numbers start alike."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: E164 | None = Field(None, description="The whole number, E.164.")
    prefix: Annotated[str, AfterValidator(_a_prefix)] | None = Field(None, description="The start of a number, E.164.")
    note: str = Field("", max_length=200)

    @model_validator(mode="before")
    @classmethod
    def _one_of_both(cls, data: Any) -> Any:
        if isinstance(data, dict) and (data.get("number") is None) == (data.get("prefix") is None):
            raise _wrong("either number or prefix")
        return data

    @property
    def digits(self) -> str:
        return self.number or self.prefix or ""


class CallerListBody(BaseModel):
    """Callers that rules treat alike (`in_list`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    note: str = Field("", max_length=200)
    entries: tuple[Listed, ...] = Field((), max_length=MOST_LISTED)

    @field_validator("entries")
    @classmethod
    def _each_once(cls, entries: tuple[Listed, ...]) -> tuple[Listed, ...]:
        seen: dict[tuple[str, bool], int] = {}
        for index, entry in enumerate(entries):
            first = seen.setdefault((entry.digits, entry.number is not None), index)
            if first != index:
                raise _wrong(f"every entry once; entries {first + 1} and {index + 1} are both {entry.digits}")
        return entries


def prefixes(number: str) -> list[str]:
    """Every start of a number in E.164, itself included; none of a caller without such a number."""
    if not _PREFIX.fullmatch(number):
        return []
    return [number[:length] for length in range(2, len(number) + 1)]
