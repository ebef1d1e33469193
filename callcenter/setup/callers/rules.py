"""What may be kept of a known caller."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(min_length=1, max_length=64)]
Value = Annotated[str, Field(max_length=500)]


class CallerBody(BaseModel):
    """A known caller. Rules ask for the attributes (`attribute`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", max_length=120)
    attributes: dict[Key, Value] = Field({}, max_length=50, examples=[{"tier": "gold"}])
