"""Voicemail over HTTP: lists, sound and ranges of it, who may hear and delete."""

import io
import wave
from datetime import timedelta

import httpx
import numpy as np
import pytest

from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.wire.telephone import RATE, from_ulaw, to_ulaw
from callcenter.records.voicemails.api import CHUNK_SAMPLES
from callcenter.setup.users.model import Role
from tests.platform.api.world import ARRIVED, World

pytestmark = pytest.mark.postgres

SOUND = to_ulaw((4000 * np.sin(2 * np.pi * 400 * np.arange(2 * RATE + 100) / RATE)).astype(np.int16))
LONG = to_ulaw((4000 * np.sin(2 * np.pi * np.arange(CHUNK_SAMPLES + 100) ** 1.1 / RATE)).astype(np.int16))


async def message(
    world: World, state: str = "transcribed", box: str = "support", minutes: int = 0, sound: bytes = SOUND
) -> str:
    """A message, in parts of a second."""
    voicemail_id, call_id = new_id(), await world.ended_call()
    await world.run(
        "INSERT INTO voicemails (id, call_id, offer_id, box, caller, language, state, started_at, parts, samples,"
        " voiced_seconds, transcript, due_at) VALUES (:id, :call, :id, :box, '+15550111', 'en', :state, :at, 3, :n, 2,"
        " CASE :state WHEN 'transcribed' THEN 'please call me back' END, CASE :state WHEN 'stored' THEN now() END)",
        id=voicemail_id, call=call_id, box=box, state=state, at=ARRIVED + timedelta(minutes=minutes), n=len(sound),
    )  # fmt: skip
    for seq, first in enumerate(range(0, len(sound), RATE), start=1):
        await world.run(
            "INSERT INTO voicemail_parts VALUES (:id, :seq, :first, :audio)",
            id=voicemail_id, seq=seq, first=first, audio=sound[first : first + RATE],
        )  # fmt: skip
    return voicemail_id


async def test_a_message_has_its_box_its_caller_its_length_and_its_words(world: World) -> None:
    voicemail_id = await message(world)
    async with await world.reader() as client:
        body = (await client.get(f"/api/voicemails/{voicemail_id}")).json()
        assert (await client.get(f"/api/voicemails/{new_id()}")).status_code == 404
    assert body.pop("call_id")
    assert body == {
        "id": voicemail_id, "box": "support", "from": "+15550111", "state": "transcribed", "language": "en",
        "started_at": "2026-11-20T17:42:00.123456Z", "seconds": 2.013, "transcript": "please call me back",
        "heard": False, "heard_at": None, "heard_by": None,
    }  # fmt: skip


async def test_lists_are_latest_first_by_box_and_state_page_by_page_and_silence_is_in_none(world: World) -> None:
    old, new, other = [
        await message(world, state, box, minutes)
        for minutes, (state, box) in enumerate([("stored", "support"), ("failed", "support"), ("stored", "sales")])
    ]
    silence = await message(world, "empty")
    async with await world.reader() as client:

        async def listed(**query: str) -> tuple[list[str], str | None]:
            body = (await client.get("/api/voicemails", params=query)).json()
            return [item["id"] for item in body["items"]], body["next_cursor"]

        assert await listed() == ([other, new, old], None)
        assert await listed(box="support") == ([new, old], None)
        assert await listed(state="stored") == ([other, old], None)
        assert await listed(box="nobody's") == ([], None)
        first, cursor = await listed(limit="2")
        assert cursor is not None
        assert (first, await listed(limit="2", cursor=cursor)) == ([other, new], ([old], None))
        assert (await client.get(f"/api/voicemails/{silence}")).status_code == 404
        answer = await client.get("/api/voicemails", params={"state": "empty"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "query.state"


async def test_the_sound_is_a_wav_file_and_any_range_of_it_can_be_asked_for(world: World) -> None:
    path = f"/api/voicemails/{await message(world, sound=LONG)}/audio"
    async with await world.reader(Role.SUPERVISOR) as client:
        whole = await client.get(path)
        assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
        assert whole.headers["accept-ranges"] == "bytes"
        assert int(whole.headers["content-length"]) == len(whole.content)
        with wave.open(io.BytesIO(whole.content)) as file:
            assert file.getparams()[:4] == (1, 2, RATE, len(LONG))
            assert file.readframes(len(LONG)) == from_ulaw(LONG).tobytes()
        for first, last in (
            (0, 9),
            (40, 50),
            (43, 43),
            (45, 20_001),
            (16_043, 16_045),
            (20_000, len(whole.content) - 1),
        ):
            part = await client.get(path, headers={"Range": f"bytes={first}-{last}"})
            assert part.status_code == 206
            assert part.headers["content-range"] == f"bytes {first}-{last}/{len(whole.content)}"
            assert part.content == whole.content[first : last + 1]
        beyond = await client.get(path, headers={"Range": "bytes=9999999-"})
    assert beyond.status_code == 416
    assert beyond.json()["errors"][0]["field"] == "header.range"


@pytest.mark.parametrize(
    ("role", "status"), [(Role.VIEWER, 403), (Role.ANALYST, 403), (Role.SUPERVISOR, 200), (Role.ADMIN, 200)]
)
async def test_supervisors_and_admins_hear_mark_and_delete_messages_and_nobody_else(
    world: World, role: Role, status: int
) -> None:
    path = f"/api/voicemails/{await message(world)}"
    async with await world.reader(role) as client:
        assert (await client.get(path)).status_code == 200
        assert (await client.get(f"{path}/audio")).status_code == status
        assert (await client.patch(path, json={"heard": True})).status_code == status
        assert (await client.delete(path)).status_code == (204 if status == 200 else status)


async def test_who_heard_a_message_first_is_kept_until_it_is_new_again(world: World) -> None:
    path = f"/api/voicemails/{await message(world)}"
    async with await world.browser() as sam, await world.reader(Role.ADMIN) as other:
        sam.headers["X-CSRF"] = "1"
        heard = (await sam.patch(path, json={"heard": True})).json()
        assert heard["heard"]
        assert heard["heard_by"].startswith("user:")
        assert (await other.patch(path, json={"heard": True})).json()["heard_by"] == heard["heard_by"]
        new = (await other.patch(path, json={"heard": False})).json()
        assert (new["heard"], new["heard_at"], new["heard_by"]) == (False, None, None)
        wrong = await other.patch(path, json={"heard": True, "box": "mine"})
    assert wrong.status_code == 422


async def test_what_is_deleted_is_gone_with_its_sound_and_the_audit_says_who_did_it(world: World) -> None:
    voicemail_id = await message(world)
    path = f"/api/voicemails/{voicemail_id}"
    async with await world.browser_of_an_admin() as ada:
        assert (await ada.delete(path)).status_code == 204
        gone: list[httpx.Response] = [await ada.get(path), await ada.get(f"{path}/audio"), await ada.delete(path)]
        assert [answer.status_code for answer in gone] == [404, 404, 404]
        entry = (await ada.get("/api/audit", params={"thing": "voicemail"})).json()["items"][0]
    assert (entry["who"], entry["name"], entry["change"]) == ("ada@demo.test", voicemail_id, "deleted")
    assert entry["before"]["box"] == "support"
    assert "please call me back" not in str(entry)
    assert await world.run("DELETE FROM voicemail_parts") == 0


async def test_a_transcript_is_not_complete_while_a_message_is_only_sound(world: World) -> None:
    voicemail_id = await message(world, "stored")
    async with await world.reader() as client:
        call_id = (await client.get(f"/api/voicemails/{voicemail_id}")).json()["call_id"]
        assert not (await client.get(f"/api/calls/{call_id}/transcript")).json()["complete"]
        await world.run("UPDATE voicemails SET state = 'failed', due_at = NULL")
        assert (await client.get(f"/api/calls/{call_id}/transcript")).json()["complete"]
