"""Changing profiles: checked, audited, each change a version, and only from the edition that was read."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.editions import Expected
from callcenter.platform.plumbing.errors import Conflict, FieldError, Invalid, NotFound
from callcenter.platform.plumbing.keyring import Keyring
from callcenter.platform.wire.endpoints import OWN_KEY
from callcenter.platform.wire.tool_names import TOOLS
from callcenter.setup.audit import store as audit
from callcenter.setup.audit.model import Change, Thing
from callcenter.setup.audit.rules import Author
from callcenter.setup.caller_lists import store as caller_lists
from callcenter.setup.entries import flow as entries
from callcenter.setup.entries import naming
from callcenter.setup.entries import store as rows
from callcenter.setup.entries.rules import Entry, plain
from callcenter.setup.profiles import store
from callcenter.setup.profiles.addresses import House, expected_instead
from callcenter.setup.profiles.mistakes import escalates_never, goes_on_after_nothing, repeated
from callcenter.setup.profiles.rules import Part, ProfileBody
from callcenter.setup.profiles.store import PROFILES, KeptKey
from callcenter.setup.queues import store as queues

SHORTEST_KEY, LONGEST_KEY = 8, 500
TOLD_CHARACTERS = 4
LONG_ENOUGH_TO_TELL = 20  # of a shorter key the last four characters would be too much of it


class ProfileInUse(Conflict):
    """Queues or routing rules use this profile: let them use another, then delete it."""


@dataclass(frozen=True)
class Saved:
    """A profile as it is now, the number of its version, and whether it is a new profile."""

    entry: Entry[ProfileBody]
    version: int
    new: bool = False


async def put(tx: Tx, author: Author, name: str, body: ProfileBody, expected: Expected, house: House) -> Saved:
    """Write a profile. Raises Invalid, EditionMissing, EditionChanged."""
    await naming.lock(tx)
    errors = await _wrong(tx, body, house)
    if errors:
        raise Invalid(errors=tuple(errors))
    entry, new = await entries.put(tx, PROFILES, author, name, body, expected)
    return Saved(entry, await store.keep_version(tx, entry.key, body, author.who), new)


async def roll_back(tx: Tx, author: Author, name: str, number: int, expected: Expected, house: House) -> Saved:
    """Write what an earlier version says as the next one. Raises NotFound, Invalid, EditionMissing, EditionChanged."""
    await naming.lock(tx)
    found = await _locked(tx, name, expected)
    body = read_version((await store.version(tx, name, number))["body"])
    errors = await _wrong(tx, body, house)
    if errors:
        raise Invalid("This version cannot be used any more.", tuple(errors))
    before = (await store.current(tx, name)).version
    if body == found.body:
        return Saved(found, before)
    entry = await rows.update(tx, PROFILES, name, body)
    after = await store.keep_version(tx, name, body, author.who, restores=number)
    about = ({"version": before, **plain(found.body)}, {"version": after, "restores": number, **plain(body)})
    await audit.record(tx, author, Change.ROLLED_BACK, Thing.PROFILE, name, before=about[0], after=about[1])
    return Saved(entry, after)


async def delete(tx: Tx, author: Author, name: str, expected: Expected) -> None:
    """Calls under way go on with its last version. Raises NotFound, EditionMissing, EditionChanged, ProfileInUse."""
    await naming.lock(tx)
    found = await _locked(tx, name, expected)
    used = [
        FieldError(f"queues.{queue}.profile", name, "another profile")
        for queue, body in sorted((await queues.bodies(tx)).items())
        if body.profile == name
    ]
    try:
        await naming.refuse_if_named(tx, PROFILES.named_in, name)
    except naming.NamedByRules as error:
        used += error.errors
    if used:
        raise ProfileInUse(errors=tuple(used))
    await rows.delete(tx, PROFILES, name)
    await audit.record(tx, author, Change.DELETED, Thing.PROFILE, name, before=plain(found.body))


async def set_key(tx: Tx, author: Author, name: str, part: Part, key: str, keyring: Keyring) -> KeptKey:
    """Keep a model's key for the address that the profile names now. Raises NotFound, Invalid, NothingToSealWith."""
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        wanted = f"{SHORTEST_KEY} to {LONGEST_KEY} characters of ASCII without spaces"
        raise Invalid(errors=(FieldError("key", None, wanted),))
    body = (await _locked(tx, name)).body
    before = (await store.keys(tx, [name]))[name].get(part)
    ends_in = key[-TOLD_CHARACTERS:] if len(key) >= LONG_ENOUGH_TO_TELL else ""
    await store.set_key(tx, name, part, getattr(body, part).base_url, keyring.seal(key), ends_in)
    after = (await store.keys(tx, [name]))[name][part]
    told = (_told(part, before), _told(part, after))
    await audit.record(tx, author, Change.CHANGED, Thing.PROFILE, name, before=told[0], after=told[1])
    return after


async def forget_key(tx: Tx, author: Author, name: str, part: Part) -> None:
    """Raises NotFound."""
    await _locked(tx, name)
    before = (await store.keys(tx, [name]))[name].get(part)
    if not await store.forget_key(tx, name, part):
        raise NotFound(f"No key was entered for the profile '{name}', {part}.")
    told = (_told(part, before), _told(part, None))
    await audit.record(tx, author, Change.CHANGED, Thing.PROFILE, name, before=told[0], after=told[1])


def read_version(body: Any) -> ProfileBody:
    """A version as it was kept. Raises Invalid where profiles may not say such a thing any more."""
    try:
        return ProfileBody.model_validate(body)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        errors = tuple(FieldError(".".join(map(str, each["loc"])), None, each["msg"]) for each in wrong)
        raise Invalid("This version cannot be used any more.", errors) from error


def _told(part: Part, key: KeptKey | None) -> dict[str, Any]:
    """What the audit says of a key: never the key."""
    words = "none" if key is None else f"set, ends in {key.ends_in}" if key.ends_in else "set"
    return {f"{part}.key": words, f"{part}.key_set_at": key.set_at.isoformat() if key else None}


async def _locked(tx: Tx, name: str, expected: Expected | None = None) -> Entry[ProfileBody]:
    found = await rows.find(tx, PROFILES, name, lock=True)
    if found is None:
        raise NotFound(f"There is no profile '{name}'.")
    if expected is not None:
        expected.check(found.edition)
    return found


async def _wrong(tx: Tx, body: ProfileBody, house: House) -> list[FieldError]:
    """Everything that is wrong with a profile beside the rest of the set-up, of which nothing is deleted meanwhile."""
    return [
        *_wrong_addresses(body, house),
        *_wrong_keys(body, house),
        *_unknown_tools(body),
        *escalates_never(body.escalation, body.not_understood),
        *goes_on_after_nothing(body.turn_taking),
        *repeated(body.fields),
        *await _unknown_list(tx, body),
    ]


async def _unknown_list(tx: Tx, body: ProfileBody) -> list[FieldError]:
    wanted = body.escalation.caller_list
    known = sorted(await caller_lists.names(tx)) if wanted is not None else []
    expected = f"an existing caller list: {', '.join(known) or 'none is set up yet'}"
    return [] if wanted is None or wanted in known else [FieldError("escalation.caller_list", wanted, expected)]


def _wrong_addresses(body: ProfileBody, house: House) -> list[FieldError]:
    urls = [(part, getattr(body, part).base_url) for part in Part]
    checked = [(part, url, expected_instead(url, house.private_hosts)) for part, url in urls]
    return [FieldError(f"{part}.base_url", url, expected) for part, url, expected in checked if expected]


def _wrong_keys(body: ProfileBody, house: House) -> list[FieldError]:
    """The product's own key is for the product's own address: whoever writes a profile must not have it sent to
    theirs. The processes that talk to models do not send it elsewhere either (`wire/endpoints.py`)."""
    expected = f"another variable, or an empty base_url: {OWN_KEY} goes to {house.own_url} alone"
    return [
        FieldError(f"{part}.api_key_env", OWN_KEY, expected)
        for part in Part
        if getattr(body, part).api_key_env == OWN_KEY and getattr(body, part).base_url not in ("", house.own_url)
    ]


def _unknown_tools(body: ProfileBody) -> list[FieldError]:
    return [
        FieldError(f"tools.{index}", name, f"one of {', '.join(TOOLS)}")
        for index, name in enumerate(body.tools)
        if name not in TOOLS
    ]
