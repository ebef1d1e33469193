"""The trunks over HTTP: what LiveKit holds beside what the trunk files want, what came in over them, what was refused.

The trunk files are code: they are changed there and applied by `python -m sip apply`; this only reads.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from callcenter.platform.api.inputs import Cursor, read_time_and_id, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.api.traffic import Traffic, by_number, by_trunk, refused
from callcenter.platform.wire.settings import Settings
from callcenter.setup.users.rules import Permission
from sip.config import Guard, default_files, load
from sip.desired import desired
from sip.edge.behind import VARIABLE as BEHIND_EDGE
from sip.edge.behind import addresses, behind
from sip.errors import ConfigError, SipError
from sip.existing import Existing, LiveKitSip
from sip.standing import Standing, State, standings, without_secrets

router = APIRouter(tags=["trunks"], dependencies=[Depends(Permit(Permission.READ_SETUP))])

MOST_REFUSED = 200
ASK_SECONDS = 5.0
LOOPBACK = "127.0.0.1"

Stored = Callable[[], Awaitable[Existing]]
"""What LiveKit holds. Raises SipError."""


class Difference(BaseModel):
    field: str
    change: str = Field(description="What applying the files would change, in words; never a secret.")


class CallFigures(BaseModel):
    """Calls of the last 30 days."""

    calls: int
    refused: int
    last_call_id: str | None
    last_call_at: datetime | None


class TrunkRead(BaseModel):
    """One trunk: as the files want it where they name it, else as LiveKit holds it."""

    name: str
    direction: Literal["inbound", "outbound"]
    state: State = Field(
        description="`as_wanted`; `differs`: see differences; `missing` in LiveKit; `not_wanted`: ours, but no longer "
        "in the files; `foreign`: somebody else's, which is never touched."
    )
    id: str | None = Field(description="LiveKit's id.")
    owner: str | None
    numbers: list[str]
    catch_all: bool = Field(description="Takes every number that no other trunk takes.")
    addresses: list[str] = Field(description="Who may send calls (inbound), or where calls are sent (outbound).")
    digest: bool = Field(description="Authenticates with a username and a password.")
    guard: Guard | None
    differences: list[Difference]
    figures: CallFigures


class TrunkList(BaseModel):
    items: list[TrunkRead]
    next_cursor: str | None = None
    files: list[str]
    unavailable: str = Field(description="Why LiveKit and the files cannot be compared now; empty when they were.")
    secrets_compared: bool = Field(description="False where the passwords that files refer to are not told to the API.")
    refusals: list[str] = Field(description="Why the files may not be applied at all.")
    warnings: list[str]


class NumberTraffic(BaseModel):
    """A number that was called, is entered, or stands at a trunk."""

    number: str
    trunks: list[str]
    figures: CallFigures


class NumberTrafficList(BaseModel):
    items: list[NumberTraffic]
    next_cursor: str | None = None


class RefusedAttempt(BaseModel):
    """A call that was not let in (`inbound`), or that a trunk's guard did not let out (`outbound`)."""

    id: str
    direction: Literal["inbound", "outbound"]
    at: datetime
    trunk: str
    from_: str = Field(alias="from", description="Empty for a withheld number, and for calls out.")
    to: str
    because: str = Field(description="Inbound: the last step of its routing; outbound: the guard's word.")
    call_id: str | None


class RefusedList(BaseModel):
    items: list[RefusedAttempt]
    next_cursor: str | None


async def nothing_stored() -> Existing:
    """Where no media server is set up, as in tests of the API alone."""
    raise SipError("this process knows no media server")


def stored_in(settings: Settings) -> Stored:
    """Ask the LiveKit of these settings."""

    async def ask() -> Existing:
        secret = settings.livekit_api_secret.get_secret_value()
        async with LiveKitSip(settings.livekit_url, settings.livekit_api_key, secret) as server:
            try:
                return await asyncio.wait_for(server.existing(), ASK_SECONDS)
            except TimeoutError:
                raise SipError(f"LiveKit did not answer within {ASK_SECONDS:g} seconds") from None

    return ask


def the_stored(request: Request) -> Stored:
    return cast(Stored, request.app.state.stored_trunks)


def the_settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.settings)


@router.get("/api/trunks")
async def list_trunks(
    db: TheDatabase,
    stored: Annotated[Stored, Depends(the_stored)],
    settings: Annotated[Settings, Depends(the_settings)],
) -> TrunkList:
    """Every trunk with how it stands. Where LiveKit or the files cannot be read, `unavailable` says why."""
    found = await _compared(stored, settings)
    async with snapshot(db) as tx:
        traffic = await by_trunk(tx)
    found.items = [_counted(trunk, traffic) for trunk in found.items]
    return found


@router.get("/api/trunks/numbers")
async def list_number_traffic(
    db: TheDatabase,
    stored: Annotated[Stored, Depends(the_stored)],
    settings: Annotated[Settings, Depends(the_settings)],
) -> NumberTrafficList:
    """What came in by number within 30 days, and the inbound trunks that bring each number."""
    trunks = [trunk for trunk in (await _compared(stored, settings)).items if trunk.direction == "inbound"]
    async with snapshot(db) as tx:
        traffic = await by_number(tx)
    numbers = sorted({*traffic, *(number for trunk in trunks for number in trunk.numbers)})
    return NumberTrafficList(
        items=[
            NumberTraffic(
                number=number,
                trunks=[trunk.name for trunk in trunks if number in trunk.numbers],
                figures=_figures(traffic.get(number)),
            )
            for number in numbers
        ]
    )


@router.get("/api/trunks/refused")
async def list_refused(
    db: TheDatabase, limit: Annotated[int, Query(ge=1, le=MOST_REFUSED)] = 50, cursor: Cursor = None
) -> RefusedList:
    """Calls that were refused, in and out, latest first. What the SIP edge turns away leaves no record here: its own
    log has it."""
    before = read_time_and_id(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        rows = await refused(tx, limit + 1, before)
    items = [RefusedAttempt.model_validate(dict(row)) for row in rows[:limit]]
    more = write_cursor(items[-1].at, items[-1].id) if len(rows) > limit else None
    return RefusedList(items=items, next_cursor=more)


async def _compared(stored: Stored, settings: Settings) -> TrunkList:
    files = default_files()
    answer = TrunkList(
        items=[], files=[file.name for file in files], unavailable="", secrets_compared=True, refusals=[], warnings=[]
    )
    try:
        existing = await stored()
        environ, untold = without_secrets(files, os.environ)
        edge = addresses(os.environ.get(BEHIND_EDGE) or (LOOPBACK if settings.sip_edge else ""))
        wanted = behind(desired(await asyncio.to_thread(load, files, environ)), edge)
        found, plan = standings(wanted, existing, secrets=not untold)
    except ConfigError as error:
        answer.unavailable = f"The trunk files cannot be used: {error}"
    except (SipError, OSError) as error:
        answer.unavailable = f"LiveKit cannot be asked: {error}"
    else:
        answer.items = [_read(each) for each in found]
        answer.secrets_compared = not untold
        answer.refusals, answer.warnings = list(plan.refusals), list(plan.warnings)
    return answer


def _read(found: Standing) -> TrunkRead:
    differences = [Difference(field=each.field, change=each.what) for each in found.differences]
    return TrunkRead(**asdict(found) | {"guard": found.guard, "differences": differences, "figures": _figures(None)})


def _counted(trunk: TrunkRead, traffic: Mapping[tuple[str, str], Traffic]) -> TrunkRead:
    return trunk.model_copy(update={"figures": _figures(traffic.get((trunk.direction, trunk.name)))})


def _figures(traffic: Traffic | None) -> CallFigures:
    if traffic is None:
        return CallFigures(calls=0, refused=0, last_call_id=None, last_call_at=None)
    return CallFigures(
        calls=traffic.calls, refused=traffic.refused, last_call_id=traffic.last_id, last_call_at=traffic.last_at
    )
