"""Agent profiles over HTTP: their versions, and their models' keys, which are written and never read."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field, SecretStr

from callcenter.platform.api.editions import Expects, tag
from callcenter.platform.api.inputs import Cursor, PlainText, read_number, read_text, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.keyring import Keyring
from callcenter.platform.wire.endpoints import own_url
from callcenter.platform.wire.settings import Settings
from callcenter.platform.wire.tool_names import TOOLS
from callcenter.setup.audit.rules import author
from callcenter.setup.entries import flow as entries
from callcenter.setup.entries import store as rows
from callcenter.setup.entries.rules import LONGEST_NAME, Entry, plain
from callcenter.setup.profiles import flow, store
from callcenter.setup.profiles.addresses import House
from callcenter.setup.profiles.differences import differences
from callcenter.setup.profiles.rules import Part, ProfileBody
from callcenter.setup.profiles.store import PROFILES, KeptKey
from callcenter.setup.queues import store as queues
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(tags=["profiles"])

MOST = 200
NEWEST = 2_147_483_647
Reader = Depends(Permit(Permission.READ_SETUP))
Editor = Annotated[Principal, Depends(Permit(Permission.EDIT_SETUP))]
NamePath = Annotated[
    PlainText,
    AfterValidator(PROFILES.any_key),
    Path(alias="name", max_length=LONGEST_NAME, description="The profile's name."),
]
PartPath = Annotated[Part, Path(alias="part", description="Which of its models.")]
Number = Annotated[int, Field(ge=1, le=NEWEST)]
Limit = Annotated[int, Query(ge=1, le=MOST)]
_EDITED: dict[int | str, dict[str, Any]] = {404: {}, 409: {}, 412: {}, 428: {}}


class ProfileKeyRead(BaseModel):
    """A key that was entered. The key itself is never told."""

    ends_in: str = Field(description="Its last characters; empty for one so short that they would tell too much.")
    set_at: datetime
    used: bool = Field(description="False: it was entered for another address than the one that is set now.")


class KeysRead(BaseModel):
    stt: ProfileKeyRead | None
    llm: ProfileKeyRead | None
    tts: ProfileKeyRead | None


class Profile(ProfileBody):
    __doc__ = ProfileBody.__doc__

    name: str
    version: int
    changed_at: datetime
    etag: str = Field(description="As in the header ETag; send it as If-Match to change this.")
    keys: KeysRead
    queues: list[str] = Field(description="The queues that its agents serve.")


class ProfilePage(BaseModel):
    items: list[Profile]
    next_cursor: str | None


class ProfileVersionRead(BaseModel):
    """A version: it stays as it is for ever."""

    version: int
    made_at: datetime
    made_by: str
    restores: int | None = Field(description="The version that was rolled back to.")
    body: ProfileBody


class ProfileVersionPage(BaseModel):
    items: list[ProfileVersionRead]
    next_cursor: str | None


class ProfileDifference(BaseModel):
    field: str
    words: str
    before: Any
    after: Any


class ProfileDifferences(BaseModel):
    items: list[ProfileDifference]
    next_cursor: None = None


class RollBackTo(BaseModel):
    version: Number


class NewKey(BaseModel):
    key: SecretStr


class ToolRead(BaseModel):
    name: str
    description: str


class ToolList(BaseModel):
    items: list[ToolRead]
    next_cursor: None = None


def _settings(request: Request) -> Settings:
    found = request.app.state.settings
    assert isinstance(found, Settings)
    return found


def keyring(request: Request) -> Keyring:
    return Keyring.of(_settings(request))


def house(request: Request) -> House:
    """Hosts in private networks that may be named: the operator's list, and where the product's own models are."""
    settings = _settings(request)
    own = urlsplit(settings.openai_base_url).hostname if settings.openai_base_url else None
    return House(frozenset({*settings.private_model_hosts, *([own] if own else [])}), own_url(settings))


TheHouse = Annotated[House, Depends(house)]


def _key(body: ProfileBody, part: Part, key: KeptKey | None) -> ProfileKeyRead | None:
    if key is None:
        return None
    return ProfileKeyRead(ends_in=key.ends_in, set_at=key.set_at, used=key.base_url == getattr(body, part).base_url)


async def _shown(tx: Tx, found: list[Entry[ProfileBody]]) -> list[dict[str, Any]]:
    names = [entry.key for entry in found]
    versions, keys = await store.numbers(tx, names), await store.keys(tx, names)
    served = sorted((await queues.bodies(tx)).items())
    return [
        plain(entry.body)
        | {
            "name": entry.key, "version": versions[entry.key], "changed_at": entry.changed_at,
            "etag": f'"{entry.edition}"',
            "keys": {part.value: _key(entry.body, part, keys[entry.key].get(part)) for part in Part},
            "queues": [name for name, queue in served if queue.profile == entry.key],
        }
        for entry in found
    ]  # fmt: skip


@router.get("/api/profiles", response_model=ProfilePage, dependencies=[Reader])
async def list_profiles(db: TheDatabase, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """Every profile, in the order of their names."""
    after = read_text(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        found = await rows.page(tx, PROFILES, limit + 1, after)
        items = await _shown(tx, found[:limit])
    more = write_cursor(found[limit - 1].key) if len(found) > limit else None
    return {"items": items, "next_cursor": more}


@router.get("/api/profiles/{name}", response_model=Profile, dependencies=[Reader], responses={404: {}})
async def get_profile(name: NamePath, db: TheDatabase, response: Response) -> Any:
    """One profile. The header ETag names its edition."""
    async with snapshot(db) as tx:
        entry = await entries.get(tx, PROFILES, name)
        (shown,) = await _shown(tx, [entry])
    tag(response, entry.edition)
    return shown


@router.put(
    "/api/profiles/{name}", response_model=Profile,
    responses={**_EDITED, 201: {"model": Profile, "description": "It is new."}},
)  # fmt: skip
async def put_profile(
    name: NamePath, body: ProfileBody, editor: Editor, expected: Expects, operator: TheHouse, db: TheDatabase,
    response: Response,
) -> Any:  # fmt: skip
    """Make a profile (If-None-Match: *) or change the one you have read (If-Match). Each change is a version."""
    async with db.transaction() as tx:
        saved = await flow.put(tx, author(editor), name, body, expected, operator)
        (shown,) = await _shown(tx, [saved.entry])
    response.status_code = 201 if saved.new else 200
    tag(response, saved.entry.edition)
    return shown


@router.delete("/api/profiles/{name}", status_code=204, responses=_EDITED)
async def delete_profile(name: NamePath, editor: Editor, expected: Expects, db: TheDatabase) -> None:
    """Delete the profile you have read (If-Match); refused while queues or routing rules use it. Its versions stay."""
    async with db.transaction() as tx:
        await flow.delete(tx, author(editor), name, expected)


@router.get("/api/profiles/{name}/versions", dependencies=[Reader], responses={404: {}})
async def list_profile_versions(
    name: NamePath, db: TheDatabase, limit: Limit = 50, cursor: Cursor = None
) -> ProfileVersionPage:
    """What the profile has said, latest first."""
    before = read_number(cursor) if cursor is not None else None
    async with snapshot(db) as tx:
        await entries.get(tx, PROFILES, name)
        found = await store.versions(tx, name, limit + 1, before)
    items = [ProfileVersionRead.model_validate(dict(row)) for row in found[:limit]]
    more = write_cursor(found[limit - 1]["version"]) if len(found) > limit else None
    return ProfileVersionPage(items=items, next_cursor=more)


@router.get("/api/profiles/{name}/compare", dependencies=[Reader], responses={404: {}})
async def compare_profile_versions(
    name: NamePath, db: TheDatabase, before: Annotated[Number, Query()], after: Annotated[Number, Query()]
) -> ProfileDifferences:
    """What is not the same in two versions, in words."""
    async with snapshot(db) as tx:
        old, new = await store.version(tx, name, before), await store.version(tx, name, after)
    found = differences(flow.read_version(old["body"]), flow.read_version(new["body"]))
    return ProfileDifferences(items=[ProfileDifference(**vars(each)) for each in found])


@router.post("/api/profiles/{name}/roll-back", response_model=Profile, responses=_EDITED)
async def roll_profile_back(
    name: NamePath,
    to: RollBackTo,
    editor: Editor,
    expected: Expects,
    operator: TheHouse,
    db: TheDatabase,
    response: Response,
) -> Any:
    """Let the profile you have read (If-Match) say what an earlier version says; that is a new version."""
    async with db.transaction() as tx:
        saved = await flow.roll_back(tx, author(editor), name, to.version, expected, operator)
        (shown,) = await _shown(tx, [saved.entry])
    tag(response, saved.entry.edition)
    return shown


@router.put("/api/profiles/{name}/keys/{part}", responses={404: {}, 409: {}})
async def put_profile_key(
    name: NamePath, part: PartPath, new: NewKey, editor: Editor, db: TheDatabase,
    seals: Annotated[Keyring, Depends(keyring)],
) -> ProfileKeyRead:  # fmt: skip
    """Keep a model's key, for the address that the profile names now. It is sealed, and no answer ever tells it."""
    async with db.transaction() as tx:
        kept = await flow.set_key(tx, author(editor), name, part, new.key.get_secret_value(), seals)
    return ProfileKeyRead(ends_in=kept.ends_in, set_at=kept.set_at, used=True)


@router.delete("/api/profiles/{name}/keys/{part}", status_code=204, responses={404: {}})
async def delete_profile_key(name: NamePath, part: PartPath, editor: Editor, db: TheDatabase) -> None:
    """Forget a model's key."""
    async with db.transaction() as tx:
        await flow.forget_key(tx, author(editor), name, part)


@router.get("/api/tools", dependencies=[Reader])
async def list_tools() -> ToolList:
    """The tools that a profile may give its agents."""
    return ToolList(items=[ToolRead(name=name, description=words) for name, words in TOOLS.items()])
