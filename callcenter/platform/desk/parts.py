"""`GET /desk/parts`: what `callcenter up` and `status` ask of the workers, behind the desk's own secret."""

import hmac
from typing import Any

from fastapi import APIRouter, Request

from callcenter.platform.desk.workers import Workers
from callcenter.platform.plumbing.errors import NotSignedIn


def router(workers: Workers, secret: str) -> APIRouter:
    routes = APIRouter()

    @routes.get("/desk/parts", include_in_schema=False)
    async def parts(request: Request) -> dict[str, Any]:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            raise NotSignedIn("This door is for the desk's secret only.")
        return await workers.parts()

    return routes
