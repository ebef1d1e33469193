"""Scanning traffic as it comes from the internet: many sources, no right to anything, no end."""

import asyncio
import random
import socket
import time

from tests.edge.messages import SDP, invite, request
from tests.edge.mutations import SEED

PER_SECOND = 150
LOUD = "127.0.0.66"  # one that sends half of it
SOURCES = tuple(f"127.0.1.{last}" for last in range(1, 61))


class Scanner:
    """`run` sends at an even pace; `sent` counts."""

    def __init__(self, to: tuple[str, int]) -> None:
        self._to = to
        self._chance = random.Random(SEED)
        self._sockets: dict[str, socket.socket] = {}
        self.sent = 0

    async def run(self, seconds: float, over: asyncio.Event) -> float:
        """Send for so long at least, and until it is over; returns how many requests a second it was."""
        began = time.monotonic()
        due = 0
        while (elapsed := time.monotonic() - began) < seconds or not over.is_set():
            while due < elapsed * PER_SECOND:
                source = LOUD if due % 2 else self._chance.choice(SOURCES)
                self._socket(source).sendto(self._message(source), self._to)
                due += 1
            await asyncio.sleep(0.005)
        self.sent += due
        return due / (time.monotonic() - began)

    def close(self) -> None:
        for one in self._sockets.values():
            one.close()

    def _socket(self, source: str) -> socket.socket:
        if source not in self._sockets:
            one = self._sockets[source] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.setblocking(False)
            one.bind((source, 0))
        return self._sockets[source]

    def _message(self, source: str) -> bytes:
        number = f"{self._chance.choice(('00', '011', '9', '+'))}{self._chance.randrange(10**9, 10**12)}"
        kind = self._chance.randrange(6)
        if kind == 0:
            return request("OPTIONS", source=source, extra="User-Agent: friendly-scanner\r\n")
        if kind == 1:
            return request(
                "REGISTER", f"sip:{self._to[0]}", source=source, number=str(self._chance.randrange(100, 9999))
            )
        if kind == 2:
            return invite(source=source, body=SDP.replace("0 8 101", "0 8 255"))
        if kind == 3:
            return invite(source=source)
        if kind == 4:
            return request("INVITE", f"sip:{number}@{self._to[0]}", source=source)
        return invite(number, source=source, extra="User-Agent: VaxSIPUserAgent/3.1\r\n")
