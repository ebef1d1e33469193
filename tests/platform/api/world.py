"""A running application on a database of its own, and rows to read through it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import FastAPI

from callcenter.journey.model import Effect
from callcenter.platform.api.security import COOKIE
from callcenter.platform.plumbing.db import Database
from callcenter.platform.plumbing.ids import new_id
from callcenter.records.calls.model import Call, Leg
from callcenter.records.timeline.model import TimelineEvent
from callcenter.records.transcripts.model import Segment
from callcenter.setup.users import flow, rules, store
from callcenter.setup.users.hashing import Hashing
from callcenter.setup.users.model import Role, User, UserSession
from callcenter.setup.users.rules import Verdict
from callcenter.stages.offers.model import Offer, Seat, Worker

ARRIVED = datetime(2026, 11, 20, 17, 42, 0, 123456, tzinfo=UTC)
SITE = "http://console.test"
PASSWORD = "correct horse battery staple"
NOBODYS = "no password fits"


@dataclass
class World:
    app: FastAPI
    database: Database

    def client(self, address: str = "192.0.2.1", **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 50000))
        return httpx.AsyncClient(transport=transport, base_url=SITE, headers=headers)

    async def key(self, role: Role = Role.SUPERVISOR, email: str | None = None) -> str:
        async with self.database.transaction() as tx:
            return await flow.add_key(tx, role, email)

    async def reader(self, role: Role = Role.SUPERVISOR) -> httpx.AsyncClient:
        return self.client(Authorization=f"Bearer {await self.key(role)}")

    async def user(self, email: str = "sam@demo.test", role: Role = Role.SUPERVISOR) -> None:
        async with self.database.transaction() as tx:
            await flow.seed_users(tx, [(email, "Sam", role.value, PASSWORD)])

    async def browser(self, email: str = "sam@demo.test") -> httpx.AsyncClient:
        """A browser in which this user (added if need be) has just signed in."""
        await self.user(email)
        async with self.client() as first:
            answer = await first.post("/api/session", json={"email": email, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            browser = self.client()
            browser.cookies = first.cookies
        return browser

    async def browser_of_an_admin(self) -> httpx.AsyncClient:
        """As `browser`, of an admin, who changes things from the console's own page."""
        await self.user("ada@demo.test", Role.ADMIN)
        browser = await self.browser("ada@demo.test")
        browser.headers["X-CSRF"] = "1"
        return browser

    async def somebody(self, role: Role, email: str | None = None) -> httpx.AsyncClient:
        """A browser of a new user with this role, signed in past the password, which takes its time."""
        email = email or f"{role}-{new_id()}@demo.test"
        user_id, token = new_id(), rules.new_token()
        values = {"id": user_id, "email": email, "name": role.title(), "role": role, "password_hash": NOBODYS}
        async with self.database.transaction() as tx:
            await tx.execute(sa.insert(User).values(values))
            await store.add_session(tx, user_id, rules.token_hash(token), "Firefox on Linux", "192.0.2.1")
        browser = self.client(**{"X-CSRF": "1"})
        browser.cookies.set(COOKIE, token)
        return browser

    async def hashes(self, email: str) -> list[str]:
        """Of the tokens of a user's sessions."""
        query = sa.select(UserSession.token_hash).join(User, User.id == UserSession.user_id).where(User.email == email)
        async with self.database.transaction() as tx:
            return [row["token_hash"] for row in await tx.rows(query)]

    async def run(self, sql: str, **values: Any) -> int:
        """Change the database behind the application's back; how many rows."""
        async with self.database.transaction() as tx:
            return (await tx.execute(sa.text(sql), values)).rowcount

    async def _insert(self, table: type[Any], values: dict[str, Any]) -> Any:
        async with self.database.transaction() as tx:
            return await tx.scalar(sa.insert(table).values(values).returning(*sa.inspect(table).primary_key))

    async def call(self, **values: Any) -> str:
        identifier = values.get("id", new_id())
        defaults: dict[str, Any] = {
            "id": identifier,
            "sip_call_id": f"{identifier}@phone.test",
            "room": f"room-{identifier}",
            "caller_identity": "sip_+15550199",
            "channel": "sip",
            "direction": "inbound",
            "from_number": "+15550111",
            "to_number": "+15550100",
            "trunk": "demo",
            "state": "ringing",
            "lead": "none",
            "arrived_at": ARRIVED,
        }
        await self._insert(Call, defaults | values)
        return str(identifier)

    async def ended_call(self, **values: Any) -> str:
        after = (values.get("answered_at") or values.get("arrived_at") or ARRIVED) + timedelta(seconds=60)
        return await self.call(
            **{"state": "ended", "outcome": "completed", "ended_by": "caller", "ended_at": after} | values
        )

    async def leg(self, call_id: str, kind: str = "caller", **values: Any) -> str:
        row = {"id": new_id(), "call_id": call_id, "kind": kind, "identity": f"{kind}-1", "joined_at": ARRIVED}
        return str(await self._insert(Leg, row | values))

    async def seat(self, worker: str = "agent-1", kind: str = "agent") -> int:
        """A new seat on a worker, which is added if need be."""
        async with self.database.transaction() as tx:
            known = await tx.scalar(sa.select(Worker.name).where(Worker.name == worker))
            if known is None:
                await tx.execute(sa.insert(Worker).values(name=worker, kind=kind, state="up", pid=1))
            number = await tx.scalar(sa.select(sa.func.count()).where(Seat.worker == worker)) + 1
            seat = sa.insert(Seat).values(worker=worker, number=number).returning(Seat.id)
            return int(await tx.scalar(seat))

    async def offer(self, call_id: str, **values: Any) -> str:
        """An accepted offer that holds a seat, unless `values` say otherwise."""
        worker = values.get("worker", "agent-1")
        seat_id = values.pop("seat_id", None) or await self.seat(worker, values.get("kind", "agent"))
        row = {
            "id": new_id(),
            "call_id": call_id,
            "kind": "agent",
            "worker": worker,
            "seat_id": seat_id,
            "state": "accepted",
            "offered_at": ARRIVED,
            "lease_until": ARRIVED + timedelta(seconds=5),
            "accepted_at": ARRIVED + timedelta(seconds=1),
        }
        offer_id = str(await self._insert(Offer, row | values))
        if values.get("released_at") is None:
            await self.run("UPDATE seats SET offer_id = :offer WHERE id = :seat", offer=offer_id, seat=seat_id)
        return offer_id

    async def effect(
        self, call_id: str, kind: str, address: str, created_at: datetime, done_at: datetime, **payload: str
    ) -> None:
        row = {"call_id": call_id, "kind": kind, "address": address, "payload": payload, "created_at": created_at,
               "due_at": created_at, "give_up_at": created_at + timedelta(seconds=600), "done_at": done_at}  # fmt: skip
        await self._insert(Effect, row)

    async def segment(self, call_id: str, offer_id: str, leg_id: str, seq: int = 1, **values: Any) -> str:
        row = {
            "id": new_id(),
            "call_id": call_id,
            "offer_id": offer_id,
            "leg_id": leg_id,
            "seq": seq,
            "speaker": "caller",
            "text": f"utterance {seq}",
            "started_at": ARRIVED + timedelta(seconds=seq),
            "ended_at": ARRIVED + timedelta(seconds=seq, milliseconds=900),
            "interrupted": False,
            "language": "en",
        }
        return str(await self._insert(Segment, row | values))

    async def event(self, call_id: str, seq: int, kind: str = "call_routed", **values: Any) -> int:
        """The new event's `stream_id`."""
        row = {"call_id": call_id, "seq": seq, "type": kind, "actor": "system", "summary": f"event {seq}"}
        return int(await self._insert(TimelineEvent, row | values))


class Meanwhile(Hashing):
    """While a password is being checked, something else happens in the database."""

    def __init__(self, world: World, sql: str) -> None:
        super().__init__()
        self._world = world
        self._sql = sql

    async def check(self, stored: str | None, password: str) -> Verdict:
        verdict = await super().check(stored, password)
        await self._world.run(self._sql)
        return verdict
