"""Sounds over HTTP, and where they are played."""

import httpx
import pytest
from fastapi import FastAPI

from callcenter.platform.desk import sounds as door
from callcenter.platform.plumbing.ids import new_id
from callcenter.platform.plumbing.speaking import NotSpoken
from callcenter.platform.plumbing.tokens import JobTokens
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.setup.rule_sets import flow as rule_sets
from callcenter.setup.users.model import Role
from tests.platform.api.world import World
from tests.setup.entries.test_entries_api import NEW, add_profile
from tests.setup.sounds.test_sounds import tone, wav

pytestmark = pytest.mark.postgres

SPRING = {"name": "spring", "kind": "music"}
CLOSED = {"name": "closed", "kind": "message"}


async def test_a_sound_is_uploaded_listed_heard_and_deleted(world: World) -> None:
    async with await world.reader(Role.ADMIN) as admin:
        made = await admin.post("/api/sounds", params=SPRING, content=wav(tone()))
        assert made.status_code == 201, made.text
        assert made.json()["seconds"] == pytest.approx(3.0, abs=0.1)
        assert (await admin.get("/api/sounds")).json()["items"] == [made.json()]
        assert (await admin.get("/api/sounds/spring")).json() == made.json()
        heard = await admin.get("/api/sounds/spring/audio")
        assert heard.headers["content-type"] == "audio/wav"
        assert heard.content[:4] == b"RIFF"
        assert (await admin.post("/api/sounds", params=SPRING, content=wav(tone()))).status_code == 409
        assert (await admin.delete("/api/sounds/spring")).status_code == 204
        assert (await admin.get("/api/sounds/spring")).status_code == 404
        audit = (await admin.get("/api/audit", params={"thing": "sound", "name": "spring"})).json()["items"]
        assert sorted(entry["change"] for entry in audit) == ["created", "deleted"]


@pytest.mark.parametrize(
    ("name", "content", "field", "expected"),
    [
        ("default", wav(tone()), "query.name", "another name than default"),
        ("Spring Song", wav(tone()), "query.name", "small letters"),
        ("spring", b"not a sound", "body", "a WAV, MP3, Ogg or FLAC file"),
    ],
)
async def test_what_cannot_be_used_is_refused_with_field_value_and_what_would_be_right(
    world: World, name: str, content: bytes, field: str, expected: str
) -> None:
    async with await world.reader(Role.ADMIN) as admin:
        refused = await admin.post("/api/sounds", params={"name": name, "kind": "music"}, content=content)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["field"] == field
    assert expected in error["expected"]


async def test_a_file_over_the_limit_is_refused_before_it_is_read(world: World) -> None:
    async with await world.reader(Role.ADMIN) as admin:
        large = await admin.post("/api/sounds", params=SPRING, content=bytes(20 * 1024 * 1024 + 1))
    assert large.status_code == 413


async def test_only_admins_upload_and_delete(world: World) -> None:
    async with await world.reader(Role.SUPERVISOR) as supervisor:
        assert (await supervisor.post("/api/sounds", params=SPRING, content=wav(tone()))).status_code == 403
        assert (await supervisor.delete("/api/sounds/spring")).status_code == 403
        assert (await supervisor.get("/api/sounds")).status_code == 200


async def test_music_that_a_queue_plays_is_kept_and_a_queue_plays_no_other(world: World) -> None:
    async with world.database.transaction() as tx:
        await add_profile(tx)
    async with await world.reader(Role.ADMIN) as admin:
        body = {"profile": "shop", "music": "spring"}
        refused = await admin.put("/api/queues/sales", json=body, headers=NEW)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "music")
        await admin.post("/api/sounds", params=SPRING, content=wav(tone()))
        assert (await admin.put("/api/queues/sales", json=body, headers=NEW)).status_code == 201
        kept = await admin.delete("/api/sounds/spring")
        assert (kept.status_code, kept.json()["errors"][0]["field"]) == (409, "queues.sales.music")


async def test_a_sound_that_published_rules_play_is_kept(world: World) -> None:
    async with await world.reader(Role.ADMIN) as admin:
        await admin.post("/api/sounds", params=CLOSED, content=wav(tone()))
        rules = {"rules": [{"name": "Closed", "then": {"action": "message", "audio": "closed"}}]}
        async with world.database.transaction() as tx:
            await rule_sets.publish(tx, rules, "test")
        kept = await admin.delete("/api/sounds/closed")
        assert (kept.status_code, kept.json()["errors"][0]["field"]) == (409, "published.rules.0.then.audio")


async def test_attendants_and_agents_jobs_fetch_a_sound_by_its_digest_and_nobody_else(world: World) -> None:
    async with await world.reader(Role.ADMIN) as admin:
        digest = (await admin.post("/api/sounds", params=SPRING, content=wav(tone()))).json()["digest"]
    desk = FastAPI()
    desk.include_router(door.router(world.database, "the-secret", JobTokens("the-secret", 60)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(desk), base_url="http://desk") as attendant:
        path = f"/desk/sounds/{digest}"
        assert (await attendant.get(path)).status_code == 401
        assert (await attendant.get(path, headers={"Authorization": "Bearer other"})).status_code == 401
        own = {"Authorization": "Bearer the-secret"}
        assert len((await attendant.get(path, headers=own)).content) == pytest.approx(2 * 24_000 * 3, rel=0.05)
        assert (await attendant.get(f"/desk/sounds/{'0' * 64}", headers=own)).status_code == 404
        for secret, lifetime, status in (("the-secret", 60, 200), ("the-secret", -60, 401), ("another", 60, 401)):
            token = JobTokens(secret, lifetime).sign(new_id(), new_id())
            assert (await attendant.get(path, headers={"Authorization": f"Bearer {token}"})).status_code == status


class Spoken:
    """Speaks every text as one tone, or fails."""

    def __init__(self, failure: str = "") -> None:
        self.failure, self.asked = failure, list[tuple[str, str, str]]()

    async def spoken(self, text: str, voice: str, endpoint: ModelEndpoint) -> bytes:
        self.asked.append((text, voice, endpoint.model))
        if self.failure:
            raise NotSpoken(self.failure)
        return wav(tone())


SAID = {"name": "closed", "text": "We are closed.", "profile": "shop"}


async def test_a_text_is_spoken_once_by_the_profiles_voice_and_kept_as_a_sound(world: World) -> None:
    voice = world.app.state.voice = Spoken()
    async with world.database.transaction() as tx:
        await add_profile(tx)
    async with await world.reader(Role.ADMIN) as admin:
        made = await admin.post("/api/sounds/spoken", json=SAID)
        assert made.status_code == 201, made.text
        kept = {"kind": "message", "language": "en", "text": "We are closed.", "used_by": []}
        assert kept.items() <= made.json().items()
        assert (await admin.post("/api/sounds/spoken", json=SAID)).status_code == 409
    assert voice.asked == [("We are closed.", "alloy", "gpt-4o-mini-tts")]


async def test_what_cannot_be_spoken_says_why(world: World) -> None:
    world.app.state.voice = Spoken("it answered 401")
    async with world.database.transaction() as tx:
        await add_profile(tx)
    async with await world.reader(Role.ADMIN) as admin:
        away = await admin.post("/api/sounds/spoken", json=SAID)
        assert (away.status_code, "it answered 401" in away.json()["detail"]) == (503, True)
        nobody = await admin.post("/api/sounds/spoken", json={**SAID, "profile": "nobody"})
        assert (nobody.status_code, nobody.json()["errors"][0]["expected"]) == (422, "an existing profile: shop")
        named = await admin.post("/api/sounds/spoken", json={**SAID, "name": "Not A Name"})
        assert (named.status_code, named.json()["errors"][0]["field"]) == (422, "name")
    async with await world.reader(Role.SUPERVISOR) as supervisor:
        assert (await supervisor.post("/api/sounds/spoken", json=SAID)).status_code == 403


async def test_a_sound_tells_its_language_and_what_plays_it(world: World) -> None:
    async with world.database.transaction() as tx:
        await add_profile(tx)
    async with await world.reader(Role.ADMIN) as admin:
        await admin.post("/api/sounds", params=SPRING | {"language": "de"}, content=wav(tone()))
        await admin.put("/api/queues/sales", json={"profile": "shop", "music": "spring"}, headers=NEW)
        (sound,) = (await admin.get("/api/sounds")).json()["items"]
    assert (sound["language"], sound["used_by"]) == ("de", ["queues.sales.music"])
