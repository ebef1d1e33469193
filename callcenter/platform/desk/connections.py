"""Who is connected to this desk replica, by address: an agent's job by its offer id, a worker by its name."""

import logging
import time

from fastapi import WebSocket, WebSocketDisconnect

from callcenter.platform.plumbing.keyring import Keyring
from callcenter.platform.wire.base import Message
from callcenter.platform.wire.brief import sent
from callcenter.platform.wire.messages import WORKER_BEAT_SECONDS

log = logging.getLogger(__name__)

QUIET_SECONDS = 2.5 * WORKER_BEAT_SECONDS


class Connections:
    """The newest connection of an address wins; an older one is closed by its own end."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._by_address: dict[str, WebSocket] = {}
        self._heard_at: dict[str, float] = {}

    def add(self, address: str, socket: WebSocket) -> None:
        self._by_address[address] = socket
        self.heard(address)

    def heard(self, address: str) -> None:
        """Something came from there just now."""
        self._heard_at[address] = time.monotonic()

    def is_quiet(self, address: str) -> bool:
        """Whether nothing has come from there for longer than a worker's beats are apart."""
        return time.monotonic() - self._heard_at.get(address, 0.0) > QUIET_SECONDS

    def drop(self, address: str, socket: WebSocket) -> bool:
        """Forget this connection; False when a newer one has taken its place."""
        if self._by_address.get(address) is not socket:
            return False
        del self._by_address[address], self._heard_at[address]
        return True

    def addresses(self) -> list[str]:
        return list(self._by_address)

    async def send(self, address: str, message: Message) -> bool:
        """Send, or return False when nobody is connected under this address."""
        socket = self._by_address.get(address)
        if socket is None:
            return False
        return await self.tell(socket, message)

    async def tell(self, socket: WebSocket, message: Message) -> bool:
        """Send one message, with the keys that its models need; False when the other side has gone."""
        return await _send(socket, sent(message, self._keyring.open))


async def send(socket: WebSocket, message: Message) -> bool:
    """Send one message that holds no keys; False when the other side has gone."""
    return await _send(socket, message.model_dump_json())


async def _send(socket: WebSocket, text: str) -> bool:
    try:
        await socket.send_text(text)
    except (WebSocketDisconnect, RuntimeError):
        return False
    return True
