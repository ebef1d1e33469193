"""What a model's server may lead us to: nothing but itself."""

import openai
import pytest
from aiohttp import web

from callcenter.inroom.agent import models
from callcenter.platform.plumbing.chat import Chat, NotAnswered
from callcenter.platform.plumbing.speaking import NotSpoken, Speaking
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.clients import model_client
from callcenter.platform.wire.endpoints import Access
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.pure


async def test_no_client_follows_a_model_server_to_another_address() -> None:
    led_on: list[str] = []

    async def lead_on(request: web.Request) -> web.Response:
        if request.path.startswith("/v1"):
            raise web.HTTPTemporaryRedirect("/inside")
        led_on.append(request.path)
        return web.json_response({"choices": [], "text": "secret"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", lead_on)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    endpoint = ModelEndpoint(model="m", base_url=url)
    try:
        with pytest.raises(NotAnswered, match="307"):
            await Chat(Settings()).ask(endpoint, [{"role": "user", "content": "?"}], (), seconds=5)
        with pytest.raises(NotSpoken, match="307"):
            await Speaking(Settings()).spoken("Hello.", "alloy", endpoint)
        async with model_client(Access(url, "none"), 5, retries=0) as client:
            with pytest.raises(openai.APIStatusError):
                await client.audio.transcriptions.create(model="m", file=("a.wav", b"RIFF", "audio/wav"))
        async with models.http_client(models.trusted_certificates()) as http:
            assert (await http.get(url)).status_code == 307
    finally:
        await runner.cleanup()
    assert led_on == []
