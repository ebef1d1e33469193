"""`ETag`, `If-Match` and `If-None-Match`, in one place for everything that is edited."""

import re
from typing import Annotated

from fastapi import Depends, Header, Response

from callcenter.platform.plumbing.editions import Expected
from callcenter.platform.plumbing.errors import FieldError, Invalid

_TAG = r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"'
_TAGS = re.compile(rf"\s*{_TAG}(?:\s*,\s*{_TAG})*\s*")


class NoEditions(Invalid):
    """This is no list of ETags."""


def expected(
    if_match: Annotated[str | None, Header(description="The ETag of what you change, as you read it.")] = None,
    if_none_match: Annotated[str | None, Header(description="`*`: for something new only.")] = None,
) -> Expected:
    """What the request's headers expect to find. A weak ETag counts like a strong one: it is ours, made weak by a proxy
    that compressed the answer. Raises NoEditions."""
    if if_none_match is not None:
        if if_none_match.strip() != "*" or if_match is not None:
            wanted = "*, without If-Match, to make something new"
            raise NoEditions(errors=(FieldError("header.if-none-match", if_none_match, wanted),))
        return Expected(new=True)
    if if_match is None:
        return Expected()
    if if_match.strip() == "*":
        return Expected(any=True)
    if not _TAGS.fullmatch(if_match):
        raise NoEditions(
            errors=(FieldError("header.if-match", if_match, 'an ETag in its quotes, such as "5f0c…", or *'),)
        )
    return Expected(editions=frozenset(re.findall(_TAG, if_match)))


Expects = Annotated[Expected, Depends(expected)]


def tag(response: Response, edition: str) -> None:
    """Tell the edition that an answer holds."""
    response.headers["ETag"] = f'"{edition}"'
