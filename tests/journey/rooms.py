"""A media server that only takes notes, and fails as told."""

from collections import defaultdict
from dataclasses import dataclass, field

from callcenter.platform.plumbing.livekit_rooms import Presence, Rights


@dataclass
class NotedRooms:
    """Takes notes instead of calling LiveKit. `fail`: nothing happens, as when the server is down; `mute`: it does what
    it is told and the answer is lost on the way. `may_publish`: who has the right to, by room."""

    presences: dict[str, Presence] = field(default_factory=dict)  # by identity; whoever is not named is here
    done: list[tuple[str, ...]] = field(default_factory=list)
    fail: bool = False
    mute: bool = False
    may_publish: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def _note(self, *what: str) -> None:
        if self.fail:
            raise ConnectionError("the media server is down")
        self.done.append(what)

    def _answer(self) -> None:
        if self.mute:
            raise TimeoutError("the media server's answer was lost")

    async def presence(self, room: str, identity: str) -> Presence:
        if self.fail or self.mute:
            raise ConnectionError("the media server is down")
        return self.presences.get(identity, Presence.HERE)

    async def grant(self, room: str, identity: str) -> None:
        self._note("grant", room, identity)
        self.may_publish[room].add(identity)
        self._answer()

    async def remove(self, room: str, identity: str) -> None:
        self._note("remove", room, identity)
        self.may_publish[room].discard(identity)
        self._answer()

    async def supervise(self, room: str, identity: str, caller_identity: str, rights: Rights) -> None:
        self._note("supervise", room, identity, "heard" if rights.to_caller else "unheard")
        self._answer()

    async def delete(self, room: str) -> None:
        self._note("delete", room)
        self.may_publish.pop(room, None)
        self._answer()
