"""The shape of a rule's condition: what is given must be true. `stages/routing/conditions.py` judges it."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{1,14}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]
LOTS = 10_000  # a share is drawn in hundredths of a percent
ANY_VALUE = "*"  # as a wanted value of a header or an attribute: that it is there at all

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Strict(BaseModel):
    """Immutable, and refuses fields that it does not know. Written with the names that people use (`from`)."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True, allow_inf_nan=False
    )


class Between(Strict):
    """A figure from `at_least` on and below `below`; one of them may be left out."""

    at_least: float | None = Field(None, ge=0)
    below: float | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.at_least is None and self.below is None:
            raise ValueError("at_least, below, or both")
        if self.at_least is not None and self.below is not None and self.at_least >= self.below:
            raise ValueError(f"at_least below {self.below:g}, for it has to be less than `below`")
        return self


class OnWeekday(Strict):
    """The day of the week, as it is in this IANA time zone."""

    days: tuple[Day, ...] = Field(min_length=1)
    zone: str = Field(min_length=1, description="IANA name, such as Europe/Berlin.")


class QueueIs(Strict):
    """How a queue stands when the call is routed; all figures given must fit."""

    name: Name
    waiting: Between | None = Field(None, description="Calls in line.")
    free_seats: Between | None = Field(None, description="Agents' seats that could take one of its calls now.")
    expected_wait_seconds: Between | None = Field(None, description="What a call would wait that came in now.")
    supervisors: Between | None = Field(None, description="People who could be asked now.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, figure) is None for figure in FIGURES):
            raise ValueError(f"one of {', '.join(FIGURES)} besides the name")
        return self


FIGURES = ("waiting", "free_seats", "expected_wait_seconds", "supervisors")


class Share(Strict):
    """A part of all callers. The same caller always falls on the same side of the same share (`of`)."""

    percent: float = Field(ge=0, le=100)
    of: Name = Field(description="The share's name; two rules with the same one draw the same lot.")

    @property
    def lots(self) -> int:
        """How many of all LOTS are drawn for it."""
        return round(self.percent * LOTS / 100)


Wanted = dict[Annotated[str, Field(min_length=1)], Annotated[tuple[str, ...], Field(min_length=1)]]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]


class When(Strict):
    """All that is given must be true; nothing given is always true."""

    to: tuple[E164, ...] | None = Field(None, description="Dialled number is one of these.")
    from_numbers: tuple[E164, ...] | None = Field(None, alias="from", description="Caller's number is one of these.")
    from_prefix: tuple[Annotated[str, Field(pattern=r"^\+[1-9][0-9]{0,14}$")], ...] | None = Field(
        None, description="Caller's number starts with one of these."
    )
    from_country: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] | None = Field(
        None, description="Caller's number belongs to one of these countries (ISO 3166 alpha-2)."
    )
    anonymous: bool | None = Field(None, description="The caller withholds their number (or does not).")
    entered: bool | None = Field(None, description="Dialled number is (not) among the company's numbers.")
    in_list: Names | None = Field(None, description="The caller is in one of these caller lists.")
    attribute: Wanted | None = Field(None, description="Kept of this caller: each key with one of its values, or *.")
    last_queue: Names | None = Field(None, description="The queue of the caller's last call is one of these.")
    last_profile: Names | None = Field(None, description="Who the caller spoke with last is one of these profiles.")
    open_call_back: bool | None = Field(None, description="A call-back is (not) promised to this caller.")
    open: Name | None = Field(None, description="This calendar is open.")
    closed: Name | None = Field(None, description="This calendar is closed.")
    weekday: OnWeekday | None = None
    language: tuple[Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")], ...] | None = Field(
        None, description="The call's language is one of these tags, or a variant (`de` is also de-AT)."
    )
    header: Wanted | None = Field(None, description="SIP headers of the INVITE: each with one of its values, or *.")
    digits: tuple[Annotated[str, Field(pattern=r"^[0-9*#]+$")], ...] | None = Field(
        None, description="The keys pressed so far are one of these."
    )
    waited_seconds: Between | None = Field(None, description="Waited since the call came in.")
    queue: QueueIs | None = None
    share: Share | None = None
    all: "tuple[When, ...] | None" = Field(None, min_length=1, description="Every one of these is true.")
    any: "tuple[When, ...] | None" = Field(None, min_length=1, description="At least one of these is true.")
    none: "tuple[When, ...] | None" = Field(None, min_length=1, description="Not one of these is true.")


ALWAYS = When()
