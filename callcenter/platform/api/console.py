"""The web console's files: hashed assets are kept by browsers for ever, every page of the console is index.html."""

import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

DIST = Path(__file__).parents[3] / "admin" / "dist"
NOT_CONSOLE = ("/api/", "/livekit/", "/desk")
HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.[a-z0-9]+$")  # as Vite names what it bundles: index-D3k_x9Qa.js
FOREVER = "public, max-age=31536000, immutable"

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The console is not built</title></head>
<body><h1>The console is not built</h1>
<p>The API is running, but the console's files are missing. Build them with <code>make run</code>, or in the folder
<code>admin</code> with <code>npm ci &amp;&amp; npm run build</code>, then reload this page.</p></body></html>"""


class Console:
    """ASGI application for every path that no route has. Unknown paths outside the console are a 404."""

    def __init__(self, folder: Path = DIST) -> None:
        self.folder = folder
        self.files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise HTTPException(404)
        response = await self.response(scope)
        await response(scope, receive, send)

    async def response(self, scope: Scope) -> Response:
        """The file, or index.html for a page of the console. Raises HTTPException 404 or 405."""
        path = scope["path"]
        if path.startswith(NOT_CONSOLE) or path == "/api":
            raise HTTPException(404)
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        index = self.folder / "index.html"
        if not index.is_file():
            return HTMLResponse(NOT_BUILT, 503)
        if path != "/":
            try:
                found = await self.files.get_response(self.files.get_path(scope), scope)
            except (HTTPException, ValueError):
                if "." in path.rsplit("/", 1)[-1]:
                    raise HTTPException(404) from None
            else:
                found.headers["Cache-Control"] = FOREVER if HASHED.search(path) else "no-cache"
                return found
        return FileResponse(index, headers={"Cache-Control": "no-cache"})
