"""What a limit may say, and which limits are reached: pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from callcenter.setup.queues.rules import MoreThanEnough
from callcenter.setup.rule_sets.actions import Reject


class Per(StrEnum):
    """What is counted together."""

    TRUNK = "trunk"  # live inbound calls of one trunk
    CALLER = "caller"  # live inbound calls of one number; withheld numbers are not counted
    WAITING = "waiting"  # callers without an agent, on all trunks: attendants keep them company


class LimitBody(BaseModel):
    """How many calls there may be at once, and what one more gets: 486 (`reject`), a sentence, or a queue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per: Per
    trunk: str | None = Field(
        None, min_length=1, max_length=80, description="Only this trunk. Empty: each trunk is counted by itself."
    )
    max_calls: int | None = Field(
        None, ge=0, le=1_000_000, description="For `waiting` it may be empty: as many as attendants have seats."
    )
    then: MoreThanEnough = Reject(action="reject")

    @model_validator(mode="after")
    def _says_how_many_of_what(self) -> Self:
        if self.max_calls is None and self.per is not Per.WAITING:
            raise ValueError("max_calls: expected a number of calls, for only the limit per waiting has one by itself")
        if self.trunk is not None and self.per is not Per.TRUNK:
            raise ValueError("trunk: expected nothing beside a limit per caller or per waiting")
        return self


def concerning(limits: Mapping[str, LimitBody], trunk: str, caller: str) -> list[tuple[str, LimitBody]]:
    """The limits that a call of this trunk and caller ("" for a withheld number) is counted by, in the order in which
    they are judged: by kind and name, the same for every call, so that no two wait for one another."""
    found = [
        (name, limit)
        for name, limit in limits.items()
        if (limit.per is Per.WAITING)
        or (limit.per is Per.CALLER and caller)
        or (limit.per is Per.TRUNK and limit.trunk in (None, trunk))
    ]
    return sorted(found, key=lambda each: (each[1].per, each[0]))


def reached(name: str, limit: LimitBody, calls: int, most: int) -> str | None:
    """The words of a call's trace when there are so many other calls; None when there is room for one more."""
    if calls < most:
        return None
    of = {Per.TRUNK: "of this trunk", Per.CALLER: "of this caller", Per.WAITING: "that wait for an agent"}[limit.per]
    return f"limit '{name}': there are {calls} other calls {of}, at most {most} are let in"
