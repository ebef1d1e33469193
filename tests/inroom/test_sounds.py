"""An uploaded sound is fetched from the desk with what the process has to show."""

import hashlib
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from callcenter.inroom.sound.sounds import Sounds
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.pure

PCM = b"\x01\x00" * 2400
DIGEST = hashlib.sha256(PCM).hexdigest()


@pytest.mark.parametrize(("secret", "token", "shown"), [("s", "", "s"), ("", "of the offer", "of the offer")])
async def test_a_worker_shows_the_secret_and_a_job_the_token_of_its_offer(
    tmp_path: Path, secret: str, token: str, shown: str
) -> None:
    asked = []

    async def sound(request: web.Request) -> web.Response:
        asked.append((request.path, request.headers["Authorization"]))
        return web.Response(body=PCM)

    app = web.Application()
    app.router.add_get("/desk/sounds/{digest}", sound)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        desk = f"ws://127.0.0.1:{runner.addresses[0][1]}/desk"
        sounds = Sounds(Settings(data_dir=tmp_path, desk_url=desk, desk_secret=SecretStr(secret)), token)
        samples = await sounds.samples(DIGEST)
    finally:
        await runner.cleanup()
    assert samples is not None
    assert samples.tobytes() == PCM
    assert asked == [(f"/desk/sounds/{DIGEST}", f"Bearer {shown}")]
