"""The product with another OpenAI-compatible server that knows nothing of the demo company: same journey."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from callcenter.platform.embedded.phone import Phone
from tests.inroom.fake_models import FakeModels, Reply
from tests.journeys.caller import Caller, Callers
from tests.stack import Stack

pytestmark = [pytest.mark.livekit, pytest.mark.timeout(300)]


def think(messages: list[dict[str, Any]]) -> Reply:
    """A bakery: looks up the one order there is, then says goodbye."""
    last = messages[-1]
    if last["role"] == "tool":
        return Reply(text=f"Your cake number 4711 is {'shipped' if 'shipped' in str(last['content']) else 'unknown'}.")
    if "cake" in str(last["content"]):
        return Reply(tools=(("order_status", {"order_number": "4711"}),))
    return Reply(text="Auf Wiedersehen from the bakery.", tools=(("end_call", {}),))


async def test_every_step_of_the_journey_works_with_another_server_named_by_openai_base_url(tmp_path: Path) -> None:
    async with FakeModels(think, heard=["is my cake ready", "thanks"]) as models:
        other = Stack.planned(tmp_path / "data", OPENAI_BASE_URL=models.url)
        try:
            await asyncio.to_thread(other.up)
            headers = {"Authorization": f"Bearer {other.key('admin')}"}
            async with httpx.AsyncClient(base_url=other.url, headers=headers, timeout=10) as api:
                await ask_for_the_cake(Callers(other, api, tmp_path))
        finally:
            await asyncio.to_thread(other.down)
    assert any("demo shop" in text for text in models.spoken), "the greeting is the profile's, whatever the server"


async def ask_for_the_cake(callers: Callers) -> None:
    async with Phone(server=callers.stack.sip) as phone:
        call = await phone.invite(to="+15550100", from_="+15551230001")
        caller = Caller(callers.stack, call, callers.api)
        await call.answered(timeout=10)
        for sentence in ("is my cake ready", "thanks a lot"):
            await caller.hears_a_turn()
            await caller.says(sentence)
        await call.ended(timeout=20)
        record = await caller.until(lambda r: r["state"] == "ended")
        said = [(s["speaker"], s["text"]) for s in await caller.transcript()]
    assert record["outcome"] == "completed"
    assert ("caller", "is my cake ready") in said
    assert ("agent", "Your cake number 4711 is shipped.") in said
    assert ("caller", "thanks") in said
    assert ("agent", "Auf Wiedersehen from the bakery.") in said
