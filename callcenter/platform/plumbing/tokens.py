"""The desk's job tokens: signed, short-lived, good for one offer of one call."""

import time
from dataclasses import dataclass

import jwt

from callcenter.platform.plumbing.ids import is_id

ALGORITHM = "HS256"


class BadToken(Exception):
    """The token is not ours, or its time is over."""


@dataclass(frozen=True)
class JobTokens:
    """Signs and checks with the desk's secret. A token outlives the longest call by ten minutes and not more."""

    secret: str
    lifetime_seconds: int

    def sign(self, call_id: str, offer_id: str) -> str:
        claims = {"sub": offer_id, "call": call_id, "aud": "job", "exp": int(time.time()) + self.lifetime_seconds}
        return jwt.encode(claims, self.secret, algorithm=ALGORITHM)

    def offer_of(self, token: str, *, late_seconds: float = 0) -> str:
        """The offer this token is good for, or was until so many seconds ago; raises BadToken."""
        try:
            claims = jwt.decode(
                token, self.secret, algorithms=[ALGORITHM], audience="job", options={"require": ["sub", "exp"]},
                leeway=late_seconds,
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise BadToken from error
        if not is_id(str(claims["sub"])):
            raise BadToken
        return str(claims["sub"])
