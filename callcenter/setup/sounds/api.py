"""Sounds over HTTP: the file itself is the body of the upload."""

import io
import wave
from typing import Annotated, Protocol, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from callcenter.platform.api.inputs import PlainText
from callcenter.platform.api.security import Permit, TheDatabase, snapshot
from callcenter.platform.plumbing.db import Tx
from callcenter.platform.plumbing.errors import FieldError, Invalid, ProductError
from callcenter.platform.plumbing.speaking import NotSpoken
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.setup.audit.rules import author
from callcenter.setup.profiles import store as profiles
from callcenter.setup.sounds import flow, store
from callcenter.setup.sounds.model import SoundKind
from callcenter.setup.sounds.rules import LONGEST_SECONDS, MOST_BYTES, RATE, Prepared, Unusable, prepare
from callcenter.setup.sounds.store import About, SoundEntry
from callcenter.setup.users.rules import Permission, Principal

router = APIRouter(prefix="/api/sounds", tags=["setup"])
Reader = Depends(Permit(Permission.READ_SETUP))
Editor = Annotated[Principal, Depends(Permit(Permission.EDIT_SETUP))]
Named = Annotated[PlainText, Query(max_length=80, description="Its name, as queues and rules will say it.")]
LANGUAGE = r"^[a-z]{2}(-[A-Z]{2})?$"
Language = Annotated[str | None, Query(pattern=LANGUAGE, description="Of its words, BCP 47; left out for music.")]
LONGEST_TEXT = 1000
UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("audio/wav", "audio/mpeg", "audio/ogg", "audio/flac")
        },
    }
}


class SoundRead(SoundEntry):
    used_by: list[str] = Field(description="What plays it: `queues.support.music`, `published.rules.2.then.audio`.")


class SoundPage(BaseModel):
    """Every sound there is; there are few."""

    items: list[SoundRead]
    next_cursor: str | None = None


class SpokenSound(BaseModel):
    """A text that a profile's model speaks once, in its voice; what it said is kept as a sound."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=80, description="Its name, as queues and rules will say it.")
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    profile: str = Field(min_length=1, max_length=80, description="Whose model and voice speak it.")
    kind: SoundKind = SoundKind.MESSAGE
    language: str | None = Field(None, pattern=LANGUAGE, description="The profile's, if left out.")


class Voice(Protocol):
    """Speaks a text. Raises NotSpoken."""

    async def spoken(self, text: str, voice: str, endpoint: ModelEndpoint) -> bytes: ...


class VoiceAway(ProductError):
    """The model that was to speak it did not. Try again later, or choose another profile."""

    status = 503
    retry_after_seconds = 10


def the_voice(request: Request) -> Voice:
    return cast(Voice, request.app.state.voice)


@router.post(
    "", status_code=201, responses={409: {}, 413: {}}, openapi_extra=UPLOAD,
    description=f"Upload a WAV, MP3, Ogg or FLAC file of at most {MOST_BYTES >> 20} MiB and {LONGEST_SECONDS:g} "
    "seconds. It is kept as 24 kHz mono and brought to -23 LUFS.",
)  # fmt: skip
async def add_sound(
    request: Request,
    editor: Editor,
    db: TheDatabase,
    name: Named,
    kind: SoundKind = SoundKind.MUSIC,
    language: Language = None,
) -> SoundRead:
    """Make a sound out of the file in the body."""
    if (wrong := flow.wrong_name(name)) is not None:
        raise Invalid(errors=(wrong,))
    sound = await _prepared(await request.body(), "body")
    async with db.transaction() as tx:
        return await _shown(tx, await flow.add(tx, author(editor), name, kind, sound, About(language)))


@router.post("/spoken", status_code=201, responses={409: {}, 503: {}})
async def speak_sound(
    asked: SpokenSound, editor: Editor, db: TheDatabase, voice: Annotated[Voice, Depends(the_voice)]
) -> SoundRead:
    """Have a text spoken once, and keep it as a sound."""
    if (wrong := flow.wrong_name(asked.name)) is not None:
        raise Invalid(errors=(FieldError("name", wrong.value, wrong.expected),))
    if "\x00" in asked.text + asked.profile:
        raise Invalid(errors=(FieldError("text", None, "text without null characters"),))
    async with snapshot(db) as tx:
        profile = await profiles.find(tx, asked.profile)
        known = sorted(await profiles.names(tx))
        if await store.find(tx, asked.name) is not None:
            raise flow.SoundExists()
    if profile is None:
        expected = f"an existing profile: {', '.join(known) or 'none is set up yet'}"
        raise Invalid(errors=(FieldError("profile", asked.profile, expected),))
    try:
        file = await voice.spoken(asked.text, profile.voice, profile.tts)
    except NotSpoken as error:
        raise VoiceAway(f"The model of the profile '{asked.profile}' did not speak it: {error}.") from error
    sound = await _prepared(file, "text")
    about = About(asked.language or profile.language, asked.text)
    async with db.transaction() as tx:
        return await _shown(tx, await flow.add(tx, author(editor), asked.name, asked.kind, sound, about))


async def _prepared(data: bytes, field: str) -> Prepared:
    try:
        return await prepare(data)
    except Unusable as unusable:
        given = f"{len(data)} bytes"
        raise Invalid("The sound cannot be used.", (FieldError(field, given, str(unusable)),)) from unusable


async def _shown(tx: Tx, entry: SoundEntry) -> SoundRead:
    return SoundRead(**entry.model_dump(), used_by=(await flow.used_by(tx)).get(entry.name, []))


@router.get("", dependencies=[Reader])
async def list_sounds(db: TheDatabase) -> SoundPage:
    """Every sound, in the order of their names."""
    async with snapshot(db) as tx:
        used = await flow.used_by(tx)
        entries = await store.all_sounds(tx)
    return SoundPage(items=[SoundRead(**each.model_dump(), used_by=used.get(each.name, [])) for each in entries])


@router.get("/{name}", dependencies=[Reader], responses={404: {}})
async def get_sound(name: PlainText, db: TheDatabase) -> SoundRead:
    """One sound, without its audio."""
    async with snapshot(db) as tx:
        return await _shown(tx, await flow.get(tx, name))


@router.get("/{name}/audio", dependencies=[Reader], responses={404: {}, 200: {"content": {"audio/wav": {}}}})
async def get_sound_audio(name: PlainText, db: TheDatabase) -> Response:
    """The sound as callers hear it."""
    async with snapshot(db) as tx:
        pcm = await store.audio(tx, (await flow.get(tx, name)).digest) or b""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pcm)
    return Response(file.getvalue(), media_type="audio/wav")


@router.delete("/{name}", status_code=204, responses={404: {}, 409: {}})
async def delete_sound(name: PlainText, editor: Editor, db: TheDatabase) -> None:
    """Delete a sound; refused while routing rules or queues play it."""
    async with db.transaction() as tx:
        await flow.remove(tx, author(editor), name)
