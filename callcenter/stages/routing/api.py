"""Rules tried on one call, and replayed over past ones. Nothing is routed by either."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, cast
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from callcenter.platform.api.inputs import Cursor, PlainText, read_number, write_cursor
from callcenter.platform.api.numbers import Sight
from callcenter.platform.api.security import NumbersHidden, Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError, Invalid, NotFound
from callcenter.setup.audit.rules import author
from callcenter.setup.rule_editing.api import Written, body_of
from callcenter.setup.rule_sets import flow as rule_sets
from callcenter.setup.rule_sets.api import WhichPath
from callcenter.setup.rule_sets.rules import RuleSetBody
from callcenter.setup.users.rules import Permission, Principal
from callcenter.stages.routing import flow, store
from callcenter.stages.routing.facts import Facts, QueueFigures
from callcenter.stages.routing.flow import Measure, Promised
from callcenter.stages.routing.replay import AS_IT_IS_NOW, ChangeKind, Summary, replay
from callcenter.stages.routing.rules import compiled
from callcenter.stages.routing.trial import Trial, trial_of

router = APIRouter(tags=["rule sets"])

LONGEST = 200
Short = Annotated[PlainText, Field(max_length=LONGEST)]
Words = dict[Short, Annotated[PlainText, Field(max_length=1000)]]


class TriedQueue(BaseModel):
    """How a queue stands, as far as it is to be tried; the rest is measured."""

    waiting: int = Field(0, ge=0)
    free_seats: int = Field(0, ge=0)
    expected_wait_seconds: float | None = Field(None, ge=0)
    supervisors: int = Field(0, ge=0)


class TriedCall(BaseModel):
    """A call to try rules on. What is left out or null is looked up, as it would be for a call that comes in now."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    to: Short = Field(description="The dialled number, E.164.")
    from_: Short = Field("", alias="from", description="The caller's number, E.164; empty: withheld.")
    at: AwareDatetime | None = Field(None, description="When it comes in; now, if it is left out.")
    language: Short | None = None
    headers: Words = Field({}, max_length=100, description="SIP headers of the INVITE.")
    digits: list[Annotated[str, Field(pattern=r"^[0-9*#]$")]] = Field(
        [], max_length=50, description="Keys that are pressed in menus, in their order."
    )
    waited_seconds: float = Field(0, ge=0)
    attributes: Words = Field({}, max_length=100, description="Besides those kept of the caller.")
    queues: dict[Short, TriedQueue] = Field({}, max_length=200)
    lists: list[Short] | None = Field(None, description="The caller lists that the caller is in.")
    last_queue: Short | None = None
    last_profile: Short | None = None
    open_call_back: bool | None = None


class TriedRules(BaseModel):
    """Rules that are kept nowhere yet, and a call to try them on."""

    model_config = ConfigDict(extra="forbid")

    rules: Written
    call: TriedCall


def the_measure(request: Request) -> Measure:
    return cast(Measure, request.app.state.measure)


def the_promised(request: Request) -> Promised:
    return cast(Promised, request.app.state.promised)


Measures = Annotated[Measure, Depends(the_measure)]
AllPromised = Annotated[Promised, Depends(the_promised)]


def refuse_to_tell(request: Request, call: TriedCall) -> None:
    """What is looked up of a caller tells whether they have called: whoever may not see numbers tries a withheld one.
    Raises NumbersHidden."""
    if call.from_ and not Sight.of(request.scope).full:
        raise NumbersHidden(errors=(FieldError("from", None, "nothing"),))


@router.post("/api/rule-sets/try", dependencies=[Depends(Permit(Permission.READ_SETUP))])
async def try_rules(
    tried: TriedRules, db: TheDatabase, measure: Measures, promised: AllPromised, request: Request
) -> Trial:
    """What rules that somebody is still writing would do with a call, and why. They are kept nowhere; their version
    is 0."""
    refuse_to_tell(request, tried.call)
    body = await body_of(tried.rules)
    async with snapshot(db) as tx:
        return trial_of(await flow.settle(tx, 0, body, await _facts(tx, tried.call, body, measure, promised)))


@router.post("/api/rule-sets/{which}/try", dependencies=[Depends(Permit(Permission.READ_SETUP))], responses={404: {}})
async def try_rule_set(
    which: WhichPath, call: TriedCall, db: TheDatabase, measure: Measures, promised: AllPromised, request: Request
) -> Trial:
    """What these rules would do with a call, and why, rule by rule."""
    refuse_to_tell(request, call)
    async with snapshot(db) as tx:
        version = await rule_sets.find(tx, which)
        facts = await _facts(tx, call, version.body, measure, promised)
        return trial_of(await flow.settle(tx, version.version, version.body, facts))


async def _facts(tx: Tx, call: TriedCall, body: RuleSetBody, measure: Measure, promised: Promised) -> Facts:
    """What is looked up, with what is given instead."""

    async def measured(tx: Tx, names: frozenset[str]) -> Mapping[str, QueueFigures]:
        found = dict(await measure(tx, names))
        for name, given in call.queues.items():
            found[name] = replace(found.get(name, QueueFigures()), **given.model_dump(exclude_unset=True))
        return found

    headers = {name.lower(): value for name, value in call.headers.items()}
    brought = Facts(
        to=call.to, from_=call.from_, entered=False, call_id="", at=call.at or datetime.now(UTC),
        language=call.language, headers=headers, digits=tuple(call.digits), waited_seconds=call.waited_seconds,
    )  # fmt: skip
    facts = await flow.gather(tx, compiled(body).needs, brought, measured, promised)
    given = {name: getattr(call, name) for name in ("last_queue", "last_profile", "open_call_back")}
    lists = facts.lists if call.lists is None else frozenset(call.lists)
    return replace(
        facts, attributes={**facts.attributes, **call.attributes}, lists=lists,
        **{name: value for name, value in given.items() if value is not None},
    )  # fmt: skip


class ReplayPeriod(BaseModel):
    """The calls that came in from `from` on and before `to`."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    from_: AwareDatetime = Field(alias="from")
    to: AwareDatetime


class ReplayCount(BaseModel):
    change: int = Field(description="By which calls name it.")
    kind: ChangeKind = Field(description="`destination`: it goes elsewhere. `terms`: there, but treated otherwise.")
    before: str
    after: str
    calls: int
    words: str


class ReplayGap(BaseModel):
    """A fact that the rules ask for and that was not looked up when these calls were routed."""

    fact: str = Field(description="The name of the condition that asks for it.")
    calls: int
    words: str


class ReplayCall(BaseModel):
    """A call that these rules would have treated otherwise; its numbers are null once it was deleted."""

    model_config = ConfigDict(populate_by_name=True)

    call_id: str
    arrived_at: datetime | None
    from_: str | None = Field(alias="from")
    to: str | None
    change: int
    before: str
    after: str
    rule: str | None = Field(description="The rule that decides now; null when none matches.")


class ReplayResult(BaseModel):
    """`items` are the calls that would have gone elsewhere, in the order of their arrival. Kept for a day."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    rule_set_version: int
    revision: int
    from_: datetime = Field(alias="from")
    to: datetime
    created_at: datetime
    created_by: str
    calls: int = Field(description="How many calls were replayed.")
    changed: int = Field(description="How many would have gone elsewhere.")
    adjusted: int = Field(description="How many would have gone where they went, but treated otherwise.")
    counts: list[ReplayCount] = Field(description="Per change, the most frequent first.")
    gaps: list[ReplayGap]
    items: list[ReplayCall]
    next_cursor: str | None


class NoSuchReplay(NotFound):
    """There is no such replay. They are kept for a day."""


Replayer = Annotated[Principal, Depends(Permit(Permission.REPLAY_RULES))]
Limit = Annotated[int, Query(ge=1, le=500, description="Calls on a page.")]


@router.post("/api/rule-sets/{which}/replay", responses={404: {}, 429: {}})
async def replay_rule_set(
    which: WhichPath, period: ReplayPeriod, principal: Replayer, db: TheDatabase, limit: Limit = 100
) -> ReplayResult:
    """Ask these rules about every call of a period, with the facts by which it was routed, and compare with what was
    decided. 100,000 calls take some seconds; the answer has the first page of those that would have gone elsewhere."""
    if period.to <= period.from_:
        raise Invalid(errors=(FieldError("to", period.to.isoformat(), "a time after `from`"),))
    async with db.transaction() as tx:
        await tx.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        version = await rule_sets.find(tx, which)
        replay_id = await replay(tx, version, period.from_, period.to, author(principal))
        return await _result(tx, replay_id, None, 0, limit)


@router.get("/api/rule-sets/replays/{replay_id}", responses={404: {}})
async def get_replay(
    replay_id: UUID, _: Replayer, db: TheDatabase, limit: Limit = 100, cursor: Cursor = None,
    change: Annotated[int | None, Query(ge=0, description="Calls of this change only, of either kind.")] = None,
) -> ReplayResult:  # fmt: skip
    """A replay that was made, and a page of its calls. Pages agree with one another, whatever has changed since."""
    after = read_number(cursor) if cursor is not None else 0
    async with snapshot(db) as tx:
        return await _result(tx, str(replay_id), change, after, limit)


async def _result(tx: Tx, replay_id: str, change: int | None, after: int, limit: int) -> ReplayResult:
    row = await store.find(tx, replay_id)
    if row is None:
        raise NoSuchReplay()
    summary = Summary(**row["summary"])
    counts = [
        ReplayCount(change=number, words=f"{found['before']} → {found['after']}: {found['calls']}", **found)
        for number, found in enumerate(summary.changes)
    ]
    elsewhere = [count.change for count in counts if count.kind is ChangeKind.DESTINATION]
    wanted = elsewhere if change is None else [change]
    rows = await store.replayed_calls(tx, replay_id, wanted, after, limit + 1)
    changed = sum(counts[number].calls for number in elsewhere)
    return ReplayResult(
        id=replay_id, rule_set_version=row["version"], revision=row["revision"], from_=row["from_at"], to=row["to_at"],
        created_at=row["created_at"], created_by=row["created_by"], calls=summary.calls, changed=changed,
        adjusted=sum(count.calls for count in counts) - changed,
        counts=sorted(counts, key=lambda count: -count.calls),
        gaps=[_gap(fact, calls) for fact, calls in sorted(summary.gaps.items())],
        items=[_call(found, counts[found["change"]]) for found in rows[:limit]],
        next_cursor=write_cursor(rows[limit - 1]["number"]) if len(rows) > limit else None,
    )  # fmt: skip


def _call(row: sa.RowMapping, count: ReplayCount) -> ReplayCall:
    return ReplayCall(
        call_id=row["call_id"], arrived_at=row["arrived_at"], from_=row["from_number"], to=row["to_number"],
        change=row["change"], before=count.before, after=count.after, rule=row["rule"],
    )  # fmt: skip


def _gap(fact: str, calls: int) -> ReplayGap:
    taken = "taken as it is now" if fact in AS_IT_IS_NOW else "taken as unknown"
    return ReplayGap(fact=fact, calls=calls, words=f"`{fact}` was not looked up for {calls} of the calls: {taken}")
