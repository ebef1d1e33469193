"""Uploaded sounds, for attendants and agents: by digest, so that what is kept on their disk never grows old."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Response

from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.tokens import BadToken, JobTokens
from callcenter.setup.sounds import store


def router(db: Database, secret: str, tokens: JobTokens) -> APIRouter:
    """`GET /desk/sounds/{digest}`: 16-bit mono PCM at 24 kHz, for who has the desk's secret, and for an agent's job,
    which has the token of its offer instead: its caller may be put on hold."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/desk/sounds/{digest}")
    async def sound(digest: str, authorization: Annotated[str, Header()] = "") -> Response:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {secret}".encode()):
            scheme, _, token = authorization.partition(" ")
            try:
                tokens.offer_of(token if scheme == "Bearer" else "")
            except BadToken:
                raise HTTPException(401) from None
        async with db.transaction() as tx:
            audio = await store.audio(tx, digest)
        if audio is None:
            raise HTTPException(404)
        return Response(audio, media_type="application/octet-stream")

    return routes
