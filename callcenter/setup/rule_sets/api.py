"""Versions of the routing rules over HTTP: drafted, compared, published, rolled back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidatorFunctionWrapHandler, WrapValidator

from callcenter.platform.api.editions import Expects
from callcenter.platform.api.inputs import Cursor, read_number, write_cursor
from callcenter.platform.api.problems import ProblemField, echo
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Database, Tx
from callcenter.platform.plumbing.editions import Expected, edition_of
from callcenter.platform.plumbing.errors import FieldError, Invalid
from callcenter.setup.audit.rules import author
from callcenter.setup.rule_sets import flow, store
from callcenter.setup.rule_sets.actions import Transfer
from callcenter.setup.rule_sets.differences import DifferenceKind, differences
from callcenter.setup.rule_sets.model import RuleSetState
from callcenter.setup.rule_sets.places import actions_of
from callcenter.setup.rule_sets.rules import Rule, RuleSetBody, parse
from callcenter.setup.rule_sets.store import Version
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(tags=["rule sets"], dependencies=[Depends(Permit(Permission.READ_SETUP))])

MOST_VERSIONS = 200
LONGEST_NOTE = 500

Editor = Annotated[Principal, Depends(Permit(Permission.EDIT_SETUP))]


def _which(text: str) -> str:
    if text in ("draft", "published") or (text.isascii() and text.isdecimal() and 0 < int(text[:20]) < 2**31):
        return text
    raise ValueError("draft, published, or the number of a version")


Which = Annotated[str, AfterValidator(_which)]
WhichPath = Annotated[Which, Path(alias="which", description="`draft`, `published`, or a version's number.")]


class RuleSetSummary(BaseModel):
    """`…_by`: the e-mail address of who did it, or what else they are."""

    version: int
    state: RuleSetState
    revision: int = Field(description="How often it was written while it was a draft.")
    note: str
    based_on: int | None = Field(description="The version that was published when this one was begun.")
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    published_at: datetime | None = Field(description="When it was published last.")
    published_by: str | None


class RuleSetItem(RuleSetSummary):
    rules: int = Field(description="How many rules it has.")


class RuleSetList(BaseModel):
    items: list[RuleSetItem]
    next_cursor: str | None


class RuleSet(RuleSetSummary):
    """A version with its rules. Published ones stay as they are; what is edited is the one draft."""

    published_version: int | None = Field(description="The version that routes calls now.")
    rules: tuple[Rule, ...]


class RuleSetDraft(RuleSetBody):
    """The rules as a file holds them, and a note for whoever reads the list of versions."""

    note: str = Field("", max_length=LONGEST_NOTE)


class Validation(BaseModel):
    valid: bool
    errors: list[ProblemField]


class RuleSetSide(BaseModel):
    version: int
    state: RuleSetState
    revision: int


class RuleSetDifference(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: DifferenceKind
    rule: str
    position_before: int | None
    position_after: int | None
    field: str | None = Field(description="What changed within the rule: `rules.2.then.priority`.")
    words: str


class Comparison(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    from_: RuleSetSide = Field(alias="from")
    to: RuleSetSide
    differences: list[RuleSetDifference]


Ask = Callable[[], Awaitable[frozenset[str] | None]]


def the_trunks(request: Request) -> Ask:
    return cast(Ask, request.app.state.trunks)


Trunks = Annotated[Ask, Depends(the_trunks)]


async def _trunks(db: Database, which: str, ask: Ask) -> frozenset[str] | None:
    """The outbound trunks there are, asked for only where a rule names one, and outside of any transaction; None when
    the media server does not tell."""
    async with snapshot(db) as tx:
        body = (await flow.find(tx, which)).body
    if not any(isinstance(action, Transfer) and action.trunk for _, action in actions_of(body)):
        return None
    try:
        return await ask()
    except ConnectionError:
        return None


def _can_be_kept(text: str) -> bool:
    """Postgres holds Unicode without the null character."""
    return "\x00" not in text and text.encode(errors="replace").decode() == text


def _read_draft(data: Any, _: ValidatorFunctionWrapHandler) -> RuleSetDraft:
    """Read as `callcenter rules validate` reads a file, for its errors name the fields as they were written."""
    if isinstance(data, RuleSetDraft):
        return data
    note = data.get("note", "") if isinstance(data, dict) else ""
    body, errors = parse({k: v for k, v in data.items() if k != "note"} if isinstance(data, dict) else data)
    if not isinstance(note, str) or len(note) > LONGEST_NOTE or not _can_be_kept(note):
        errors.append(FieldError("note", note, f"text of at most {LONGEST_NOTE} characters, null not among them"))
    if body is None or errors:
        raise Invalid("These are no rules.", tuple(errors))
    return RuleSetDraft(rules=body.rules, note=note)


def shown(version: Version, published_version: int | None) -> dict[str, Any]:
    """A version as `RuleSet`, without the fields of rules that were left out."""
    summary = RuleSetSummary.model_validate(version, from_attributes=True).model_dump(mode="json")
    return summary | {"published_version": published_version, "rules": store.written(version.body)["rules"]}


async def _answer(tx: Tx, version: Version, status: int = 200) -> Response:
    content = shown(version, await store.published_version(tx))
    return JSONResponse(content, status, {"ETag": f'"{edition_of(content)}"'})


async def _edition(tx: Tx, version: Version | None) -> str | None:
    """It changes as well when another version is published: whoever publishes a draft knows what it replaces."""
    return None if version is None else edition_of(shown(version, await store.published_version(tx)))


@router.get("/api/rule-sets")
async def list_rule_sets(
    db: TheDatabase, limit: Annotated[int, Query(ge=1, le=MOST_VERSIONS)] = 50, cursor: Cursor = None
) -> RuleSetList:
    """All versions, newest first, the draft among them."""
    before = read_number(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        rows = await store.versions(tx, limit + 1, before)
    items = [RuleSetItem.model_validate(dict(row)) for row in rows[:limit]]
    return RuleSetList(items=items, next_cursor=write_cursor(items[-1].version) if len(rows) > limit else None)


@router.get("/api/rule-sets/compare", responses={404: {}})
async def compare_rule_sets(
    db: TheDatabase,
    from_: Annotated[Which, Query(alias="from", description="`draft`, `published`, or a number.")],
    to: Annotated[Which, Query(description="`draft`, `published`, or a number.")],
) -> Comparison:
    """What has become of one version in another, in words."""
    async with snapshot(db) as tx:
        before, after = await flow.find(tx, from_), await flow.find(tx, to)
    told = await asyncio.to_thread(lambda: list(differences(before.body, after.body)))
    return Comparison(
        from_=RuleSetSide(version=before.version, state=before.state, revision=before.revision),
        to=RuleSetSide(version=after.version, state=after.state, revision=after.revision),
        differences=[RuleSetDifference.model_validate(found) for found in told],
    )


@router.get("/api/rule-sets/{which}", response_model=RuleSet, responses={404: {}})
async def get_rule_set(which: WhichPath, db: TheDatabase) -> Response:
    """One version with its rules. Its ETag is what an edit of the draft sends as If-Match."""
    async with snapshot(db) as tx:
        return await _answer(tx, await flow.find(tx, which))


@router.put("/api/rule-sets/draft", response_model=RuleSet, responses={201: {"model": RuleSet}, 412: {}, 428: {}})
async def put_draft(
    draft: Annotated[RuleSetDraft, WrapValidator(_read_draft)], principal: Editor, expected: Expects, db: TheDatabase
) -> Response:
    """Write the draft. A new one needs no If-Match, or that of the published version it begins with. It may still have
    mistakes: `validate` tells them, and `publish` refuses them."""
    async with db.transaction() as tx:
        found = await flow.begin_change(tx)
        if not (found is None and await _begins(tx, expected)):
            expected.check(await _edition(tx, found))
        saved = await flow.save_draft(tx, RuleSetBody(rules=draft.rules), draft.note, author(principal))
        return await _answer(tx, saved, 201 if found is None else 200)


async def _begins(tx: Tx, expected: Expected) -> bool:
    """Where no draft is, none can be overwritten: nothing has to be said, or what was read instead of it."""
    if expected == Expected():
        return True
    number = await store.published_version(tx)
    published = None if number is None else await _edition(tx, await store.version(tx, number))
    return expected.editions is not None and published in expected.editions


@router.delete("/api/rule-sets/draft", status_code=204, responses={404: {}, 412: {}, 428: {}})
async def delete_draft(principal: Editor, expected: Expects, db: TheDatabase) -> None:
    """Throw the draft away. Its number is not used again."""
    async with db.transaction() as tx:
        if (found := await flow.begin_change(tx)) is not None:
            expected.check(await _edition(tx, found))
        await flow.discard_draft(tx, author(principal))


@router.post(
    "/api/rule-sets/{which}/validate", responses={404: {}}, dependencies=[Depends(Permit(Permission.REPLAY_RULES))]
)
async def validate_rule_set(which: WhichPath, db: TheDatabase, ask: Trunks) -> Validation:
    """Whether it could be published, judged as a whole against the set-up as it is now."""
    trunks = await _trunks(db, which, ask)
    async with snapshot(db) as tx:
        errors = await flow.mistakes(tx, (await flow.find(tx, which)).body, trunks)
    said = [ProblemField(field=e.field, value=echo(e.field, e.value), expected=e.expected) for e in errors]
    return Validation(valid=not said, errors=said)


@router.post("/api/rule-sets/draft/publish", response_model=RuleSet, responses={404: {}, 412: {}, 428: {}})
async def publish_draft(principal: Editor, expected: Expects, db: TheDatabase, ask: Trunks) -> Response:
    """The draft routes every call that comes in from now on; calls that are there already go on as they are."""
    trunks = await _trunks(db, "draft", ask)
    async with db.transaction() as tx:
        if (found := await flow.begin_change(tx)) is not None:
            expected.check(await _edition(tx, found))
        return await _answer(tx, await flow.publish_draft(tx, author(principal), trunks))


@router.post("/api/rule-sets/{version}/roll-back", response_model=RuleSet, responses={404: {}, 409: {}, 412: {}})
async def roll_back(
    version: Annotated[int, Path(ge=1, lt=2**31)], principal: Editor, expected: Expects, db: TheDatabase, ask: Trunks
) -> Response:
    """An older version routes calls again. If-Match is not needed: the number says what is wanted."""
    trunks = await _trunks(db, str(version), ask)
    async with db.transaction() as tx:
        await flow.begin_change(tx)
        if expected != Expected():
            expected.check(await _edition(tx, await store.version(tx, version)))
        return await _answer(tx, await flow.roll_back(tx, version, author(principal), trunks))
