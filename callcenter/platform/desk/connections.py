"""Who is connected to this desk replica, by address: an agent's job by its offer id, a worker by its name."""

import logging

from fastapi import WebSocket, WebSocketDisconnect

from callcenter.platform.wire.base import Message

log = logging.getLogger(__name__)


class Connections:
    """The newest connection of an address wins; an older one is closed by its own end."""

    def __init__(self) -> None:
        self._by_address: dict[str, WebSocket] = {}

    def add(self, address: str, socket: WebSocket) -> None:
        self._by_address[address] = socket

    def drop(self, address: str, socket: WebSocket) -> bool:
        """Forget this connection; False when a newer one has taken its place."""
        if self._by_address.get(address) is not socket:
            return False
        del self._by_address[address]
        return True

    def addresses(self) -> list[str]:
        return list(self._by_address)

    async def send(self, address: str, message: Message) -> bool:
        """Send, or return False when nobody is connected under this address."""
        socket = self._by_address.get(address)
        if socket is None:
            return False
        return await send(socket, message)


async def send(socket: WebSocket, message: Message) -> bool:
    """Send one message; False when the other side has gone."""
    try:
        await socket.send_text(message.model_dump_json())
    except (WebSocketDisconnect, RuntimeError):
        return False
    return True
