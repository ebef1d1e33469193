"""Whether a part does its work, asked from outside: every check raises `UnhealthyError` with what is wrong."""

import asyncio
import secrets
import socket
import time
from typing import Any

import httpx
import psycopg

from callcenter.platform.embedded.parts import Check, ExcusedError, UnhealthyError

PARTS_MAX_AGE_SECONDS = 0.5
ASK_SECONDS = 2.0


def http_check(client: httpx.AsyncClient, url: str) -> Check:
    """200 to a GET."""

    async def check(_pid: int) -> None:
        try:
            response = await client.get(url)
        except httpx.HTTPError as error:
            raise UnhealthyError(f"{url} does not answer") from error
        if response.status_code != 200:
            raise UnhealthyError(f"{url} answers {response.status_code}")

    return check


def postgres_check(url: str) -> Check:
    """A query answered over a connection of its own."""

    async def check(_pid: int) -> None:
        try:
            async with await psycopg.AsyncConnection.connect(url, connect_timeout=2) as connection:
                await connection.execute("SELECT 1")
        except psycopg.Error as error:
            raise UnhealthyError(f"no query possible: {str(error).strip().splitlines()[-1]}") from error

    return check


def redis_check(host: str, port: int, password: str) -> Check:
    """AUTH and PING, in Redis' own protocol (https://redis.io/docs/latest/develop/reference/protocol-spec/)."""
    greeting = f"AUTH {password}\r\nPING\r\n".encode()

    async def check(_pid: int) -> None:
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError as error:
            raise UnhealthyError(f"does not listen on port {port}") from error
        try:
            writer.write(greeting)
            answers = [(await reader.readline()).decode().strip() for _ in range(2)]
        except OSError as error:
            raise UnhealthyError("closed the connection") from error
        finally:
            writer.close()
        if answers != ["+OK", "+PONG"]:
            raise UnhealthyError(f"answered {answers[-1] or 'nothing'} to PING")

    return check


def sip_check(host: str, port: int) -> Check:
    """A response to OPTIONS over UDP (RFC 3261, 11). livekit-sip's own health port would listen on every interface."""

    async def check(_pid: int) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.setblocking(False)
            client.connect((host, port))
            try:
                await loop.sock_sendall(client, _options(host, port, client.getsockname()[1]))
                answer = await loop.sock_recv(client, 4096)
            except OSError as error:
                raise UnhealthyError(f"does not answer on UDP port {port}") from error
        status = answer.split(b"\r\n", 1)[0].decode(errors="replace")
        if not status.startswith("SIP/2.0 200"):
            raise UnhealthyError(f"answers {status}")

    return check


def _options(host: str, port: int, local_port: int) -> bytes:
    token = secrets.token_hex(8)
    lines = (
        f"OPTIONS sip:{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{local_port};branch=z9hG4bK{token};rport",
        "Max-Forwards: 70",
        f"From: <sip:health@{host}>;tag={token}",
        f"To: <sip:{host}:{port}>",
        f"Call-ID: {token}",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


class DeskParts:
    """What the control plane knows of those that report to it (`GET /desk/parts`), asked at most every 0.5 s."""

    def __init__(self, client: httpx.AsyncClient, api_url: str, desk_secret: str) -> None:
        self._client = client
        self._url = f"{api_url}/desk/parts"
        self._headers = {"Authorization": f"Bearer {desk_secret}"}
        self._known: dict[int, dict[str, Any]] = {}
        self._asked_at = -PARTS_MAX_AGE_SECONDS
        self._lock = asyncio.Lock()

    async def by_pid(self) -> dict[int, dict[str, Any]]:
        """Workers and processes by pid. Raises `ExcusedError` while the API cannot be asked."""
        async with self._lock:
            if time.monotonic() - self._asked_at >= PARTS_MAX_AGE_SECONDS:
                self._known = await self._ask()
                self._asked_at = time.monotonic()
            return self._known

    def check(self) -> Check:
        """The process with the child's pid has reported and is healthy."""

        async def check(pid: int) -> None:
            part = (await self.by_pid()).get(pid)
            if part is None:
                raise UnhealthyError("has not reported to the desk")
            if part.get("draining"):
                raise ExcusedError("draining")
            if not part.get("healthy"):
                raise UnhealthyError("has stopped reporting to the desk")

        return check

    async def _ask(self) -> dict[int, dict[str, Any]]:
        try:
            response = await self._client.get(self._url, headers=self._headers, timeout=ASK_SECONDS)
            response.raise_for_status()
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ExcusedError("the API cannot be asked about it") from error
        known: dict[int, dict[str, Any]] = {}
        for part in [*answer.get("processes", []), *answer.get("workers", [])]:
            known[int(part["pid"])] = part
        return known
