"""What a number of the company may say."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class NumberBody(BaseModel):
    """A number that the company has entered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80, examples=["Main line"])

    @model_validator(mode="before")
    @classmethod
    def _a_name_alone_will_do(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) else data
