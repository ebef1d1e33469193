"""What every answer carries to keep browsers safe, and the last resort for errors that nobody foresaw."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callcenter.platform.api.problems import unexpected

# Styles need 'unsafe-inline' because the component library (Mantine) writes style attributes; scripts do not.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# OWASP Secure Headers Project; the microphone is for supervisors who speak from the console.
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


def policy(media_url: str) -> str:
    """The policy for a console that reaches LiveKit at this address: by web socket, and by HTTP to be told why that
    failed. Without one it connects to nobody but us."""
    parts = urlsplit(media_url)
    if parts.scheme not in ("ws", "wss", "http", "https") or not re.fullmatch(r"[\w.:\[\]-]+", parts.netloc):
        return CONTENT_SECURITY_POLICY
    secure = "s" if parts.scheme in ("wss", "https") else ""
    sources = f"connect-src 'self' ws{secure}://{parts.netloc} http{secure}://{parts.netloc}"
    return CONTENT_SECURITY_POLICY.replace("connect-src 'self'", sources)


class SecureHeaders:
    """ASGI middleware: security headers on every answer, no caching of anything under /api (it is personal data)."""

    def __init__(self, app: ASGIApp, media_url: str = "") -> None:
        self.app = app
        self._headers = SECURITY_HEADERS | {"Content-Security-Policy": policy(media_url)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
                if scope["path"].startswith("/api/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            if started:
                raise
            await unexpected(error)(scope, receive, send_with_headers)
