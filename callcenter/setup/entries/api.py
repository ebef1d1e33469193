"""The same four operations over HTTP for every kind of thing that is kept by name."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AfterValidator, BaseModel, Field, create_model

from callcenter.platform.api.editions import Expects, tag
from callcenter.platform.api.inputs import Cursor, PlainText, read_number, read_text, write_cursor
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.setup.audit.rules import author
from callcenter.setup.entries import flow, store
from callcenter.setup.entries.rules import LONGEST_NAME, Body, Entry, Kind, plain
from callcenter.setup.users.rules import Permission, Principal

MOST_ENTRIES = 200

Reader = Depends(Permit(Permission.READ_SETUP))
Editor = Annotated[Principal, Depends(Permit(Permission.EDIT_SETUP))]
Limit = Annotated[int, Query(ge=1, le=MOST_ENTRIES)]
_EDITED: dict[int | str, dict[str, Any]] = {409: {}, 412: {}, 428: {}}


def key_path(kind: Kind[Body]) -> Any:
    """The path's part that names an entry."""
    described = Path(alias=kind.key_field, max_length=LONGEST_NAME, description=f"The {kind.words}'s {kind.key_field}.")
    return Annotated[PlainText, AfterValidator(kind.any_key), described]


def read_model(kind: Kind[Body]) -> type[BaseModel]:
    """A body with its name, its edition, and when it was changed."""
    etag = Field(description="As in the header ETag; send it as If-Match to change this.")
    own: dict[str, Any] = {kind.key_field: (str, ...), "changed_at": (datetime, ...), "etag": (str, etag)}
    name = "".join(word.title() for word in kind.words.split())
    return create_model(name, __base__=kind.body, __doc__=kind.body.__doc__, **own)


def router(kind: Kind[Body], *known_by_key: Permission) -> APIRouter:
    """List, read, write and delete entries of this kind under `/api/`. `known_by_key`: what it also takes to read one
    by its key, where finding it there tells something."""
    made = APIRouter(tags=["setup"])
    read = read_model(kind)
    listed = create_model(f"{read.__name__}Page", items=(list[read], ...), next_cursor=(str | None, ...))  # type: ignore[valid-type]
    key, path, noun = key_path(kind), f"/api/{kind.section.replace('_', '-')}", kind.thing.value

    def shown(entry: Entry[Body]) -> dict[str, Any]:
        own = {kind.key_field: entry.key, "changed_at": entry.changed_at, "etag": f'"{entry.edition}"'}
        return plain(entry.body) | own

    async def list_entries(db: TheDatabase, limit: Limit = 50, cursor: Cursor = None) -> Any:
        # A place in a list of numbers is told by how many were read: its last number is not for everybody to see.
        read = read_number(cursor) if cursor is not None and kind.by_number else 0
        after = read_text(cursor) if cursor is not None and not kind.by_number else None
        async with snapshot(db) as tx:
            found = await store.page(tx, kind, limit + 1, after, read)
        place = read + limit if kind.by_number else found[min(limit, len(found)) - 1].key if found else None
        more = write_cursor(place) if len(found) > limit else None
        return {"items": [shown(entry) for entry in found[:limit]], "next_cursor": more}

    async def get_entry(key: Any, db: TheDatabase, response: Response) -> Any:
        async with snapshot(db) as tx:
            entry = await flow.get(tx, kind, key)
        tag(response, entry.edition)
        return shown(entry)

    async def put_entry(
        key: Any, body: Any, editor: Editor, expected: Expects, db: TheDatabase, response: Response
    ) -> Any:
        async with db.transaction() as tx:
            entry, new = await flow.put(tx, kind, author(editor), key, body, expected)
        response.status_code = 201 if new else 200
        tag(response, entry.edition)
        return shown(entry)

    async def delete_entry(key: Any, editor: Editor, expected: Expects, db: TheDatabase) -> None:
        async with db.transaction() as tx:
            await flow.delete(tx, kind, author(editor), key, expected)

    for endpoint in (get_entry, put_entry, delete_entry):
        endpoint.__annotations__["key"] = key  # FastAPI reads from here what each kind's path and body look like
    put_entry.__annotations__["body"] = kind.body
    made.get(
        path, name=f"list_{kind.section}", response_model=listed, dependencies=[Reader],
        description=f"Every {kind.words} with its edition, in the order of their {kind.key_field}s.",
    )(list_entries)  # fmt: skip
    made.get(
        f"{path}/{{{kind.key_field}}}", name=f"get_{noun}", response_model=read,
        dependencies=[Reader, *(Depends(Permit(needed)) for needed in known_by_key)],
        responses={404: {}}, description=f"One {kind.words}. The header ETag names its edition.",
    )(get_entry)  # fmt: skip
    made.put(
        f"{path}/{{{kind.key_field}}}", name=f"put_{noun}", response_model=read,
        responses={201: {"model": read, "description": "It is new."}, **_EDITED},
        description=f"Make a {kind.words} (If-None-Match: *) or change the one you have read (If-Match).",
    )(put_entry)  # fmt: skip
    made.delete(
        f"{path}/{{{kind.key_field}}}", name=f"delete_{noun}", status_code=204, responses={404: {}, **_EDITED},
        description=f"Delete the {kind.words} you have read (If-Match); refused while routing rules or calls need it.",
    )(delete_entry)  # fmt: skip
    return made
