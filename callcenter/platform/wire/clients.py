"""The HTTP clients for models: the one place where they are made.

None of them follows a redirect, as openai's own would: which addresses a profile may name is checked when it is saved
(`setup/profiles/addresses.py`), and a server must not lead our requests on to an address that was not. An answer 3xx is
an error.
"""

import ssl

import openai

from callcenter.platform.wire.endpoints import Access

HttpClient = openai.DefaultAsyncHttpxClient
KEPT_SECONDS = 5.0  # as openai's own clients


def http_client(
    seconds: float, certificates: ssl.SSLContext | None = None, kept_seconds: float = KEPT_SECONDS
) -> HttpClient:
    """A pool of connections with this timeout, each kept for so long without use."""
    usual = openai.DEFAULT_CONNECTION_LIMITS
    limits = type(usual)(
        max_connections=usual.max_connections,
        max_keepalive_connections=usual.max_keepalive_connections,
        keepalive_expiry=kept_seconds,
    )
    return HttpClient(
        verify=certificates or True, timeout=openai.Timeout(seconds), limits=limits, follow_redirects=False
    )


def model_client(
    reach: Access, seconds: float, *, retries: int, certificates: ssl.SSLContext | None = None
) -> openai.AsyncOpenAI:
    """A client with a pool of its own, which closing it closes."""
    http = http_client(seconds, certificates)
    return openai.AsyncOpenAI(
        api_key=reach.api_key, base_url=reach.base_url, max_retries=retries, timeout=seconds, http_client=http
    )
