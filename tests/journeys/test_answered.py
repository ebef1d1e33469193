"""The phone rings, an agent answers, understands, answers right, and every word is in Postgres."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from callcenter.platform.embedded.phone.errors import CallRefused
from tests.journeys.caller import Caller, Callers, until

pytestmark = pytest.mark.livekit

GREETING = "hello this is the demo shop how can i help you"


def ended(record: dict[str, Any]) -> bool:
    return bool(record["state"] == "ended")


def freed(record: dict[str, Any]) -> bool:
    return ended(record) and not [o for o in record["offers"] if o["state"] in ("offered", "accepted")]


def words(segments: list[dict[str, Any]], speaker: str) -> str:
    return " ".join(s["text"] for s in segments if s["speaker"] == speaker).lower()


async def test_a_caller_asks_for_an_order_and_is_told_what_the_database_says(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        await caller.hears_a_turn()
        asked = await caller.says("where is my order four seven one two")
        await caller.hears_a_turn(after=asked)
        thanked = await caller.says("thank you goodbye")
        await caller.call.hears_sound(10, thanked)
        end = await caller.call.ended(timeout=15)
        assert end.by == "remote"
        record = await caller.until(freed)
        segments = await caller.transcript()
        events = [event["type"] for event in await caller.timeline()]
    assert (record["outcome"], record["ended_by"], record["to"]) == ("completed", "agent", "+15550100")
    assert record["routing"]["rule"] == "Main line"
    assert "4712" in words(segments, "caller")
    assert "goodbye" in words(segments, "caller")
    assert "demo shop" in words(segments, "agent")
    assert "friday" in words(segments, "agent"), "what only the order in the database says"
    assert "tool_called" in events
    assert (events[0], events[-1]) == ("call_arrived", "call_ended")
    spoken = [s for s in segments if s["speaker"] == "agent"]
    assert all(s["start_ms"] < s["end_ms"] for s in segments)
    assert [s["seq"] for s in spoken] == list(range(1, len(spoken) + 1))
    answered_at = datetime.fromisoformat(record["answered_at"])
    for segment in segments:
        late = (datetime.fromisoformat(segment["stored_at"]) - answered_at).total_seconds() - segment["end_ms"] / 1000
        assert late < (0.5 if segment["speaker"] == "agent" else 1.5), "final words are stored within 500 ms"


async def test_what_the_caller_hears_is_the_greeting_and_the_goodbye_is_not_clipped(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        await caller.hears_a_turn()
        assert caller.heard(GREETING, "the number you have dialled is not in service") == [GREETING]
        said = await caller.says("goodbye")
        await caller.call.ended(timeout=15)
        record = await caller.until(ended)
        goodbye = [s for s in await caller.transcript() if s["speaker"] == "agent"][-1]
        last = caller.call.heard.last_sound_at()
        first = caller.call.heard.first_sound_at(after=said)
    assert record["ended_by"] == "agent"
    assert not goodbye["interrupted"]
    assert first is not None
    assert last is not None
    assert last - first > 0.8 * (goodbye["end_ms"] - goodbye["start_ms"]) / 1000


async def test_an_agent_is_interruptible_from_its_first_word(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        await caller.call.hears_sound(10)
        onset = asyncio.get_running_loop().time()
        saying = asyncio.create_task(caller.says("where is my order four seven one one"))
        silent_since = await caller.call.hears_silence(0.4, 5)
        await saying
        await caller.call.hears_sound(10, asyncio.get_running_loop().time())
        await caller.call.hang_up()
        await caller.until(freed)
        greeting = next(s for s in await caller.transcript() if s["speaker"] == "agent")
    assert silent_since - onset < 1.2, "the greeting stops while the caller speaks"
    first_sound = caller.call.heard.first_sound_at()
    assert first_sound is not None
    heard_ms = (silent_since - first_sound) * 1000
    assert abs((greeting["end_ms"] - greeting["start_ms"]) - heard_ms) < 700, "its end is when the phone fell silent"
    assert greeting["interrupted"]
    assert "how can i help" not in greeting["text"].lower(), "cut to what was heard"


async def test_i3_a_caller_who_hangs_up_while_talking_frees_the_seat_within_five_seconds(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        await caller.call.hears_sound(10)
        await caller.call.hang_up()
        record = await caller.until(freed, timeout=5)
        await until(lambda: seats(callers), lambda s: s["busy"] == 0, timeout=5)
    assert (record["outcome"], record["ended_by"]) == ("completed", "caller")
    assert [leg["left_at"] is not None for leg in record["legs"]] == [True, True]


@pytest.mark.parametrize("seconds", [0.3, 0.9, 1.4, 2.5, 3.3])
async def test_i3_whenever_a_caller_hangs_up_the_call_ends_and_the_seat_is_free_within_five_seconds(
    callers: Callers, seconds: float
) -> None:
    async with callers.ring() as caller:
        await caller.until(lambda record: True)
        await asyncio.sleep(seconds)
        await caller.call.hang_up()
        await caller.until(freed, timeout=5)
        await until(lambda: seats(callers), lambda s: s["busy"] == 0, timeout=5)


async def test_i7_a_caller_who_is_not_understood_is_told_so(callers: Callers) -> None:
    sentence = "i am sorry i did not understand that could you say it again please"
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        await caller.hears_a_turn()
        said = await caller.says("purple elephants dance upon the ceiling every evening")
        heard = await caller.call.hears_sound(6, said)
        await caller.call.hears_silence(1.0, 10)
        assert sentence in caller.heard(sentence, GREETING)
    assert heard - said < 3.5


async def seats(callers: Callers) -> dict[str, Any]:
    parts = await asyncio.to_thread(callers.stack.status)
    return {"busy": sum(len(part["jobs"]) for part in parts["parts"])}


async def test_a_caller_who_hangs_up_while_it_rings_has_abandoned(callers: Callers) -> None:
    async with callers.ring("+15550102") as caller:
        await caller.call.ringing(timeout=5)
        await caller.until(lambda record: record["state"] == "ringing")
        await caller.call.cancel()
        record = await caller.until(ended, timeout=5)
    assert (record["outcome"], record["ended_by"]) == ("abandoned", "caller")
    assert record["answered_at"] is None


async def test_an_unknown_number_hears_a_sentence_and_is_refused(callers: Callers) -> None:
    sentence = "the number you have dialled is not in service please check the number goodbye"
    async with callers.ring("+15550199") as caller:
        await caller.call.answered(timeout=5)
        await caller.call.ended(timeout=20)
        record = await caller.until(freed)
        assert caller.heard(sentence, GREETING) == [sentence]
        said = words(await caller.transcript(), "attendant")
    assert (record["outcome"], record["ended_by"]) == ("refused", "system")
    assert "not in service" in said


async def test_a_number_that_no_rule_routes_hears_a_sentence_and_is_refused(callers: Callers) -> None:
    with psycopg.connect(callers.stack.database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO numbers (e164, name) VALUES ('+15550177', 'Entered after the rules')")
    async with callers.ring("+15550177") as caller:
        await caller.call.answered(timeout=5)
        await caller.call.ended(timeout=20)
        record = await caller.until(ended)
        said = words(await caller.transcript(), "attendant")
    with psycopg.connect(callers.stack.database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM numbers WHERE e164 = '+15550177'")  # or no rules can be published any more
    assert record["outcome"] == "refused"
    assert record["routing"]["trace"][-1] == "no rule matched"
    assert "cannot be answered" in said


async def test_our_logs_name_no_caller_and_no_room(callers: Callers) -> None:
    async with callers.ring(from_="+15559876543") as caller:
        await caller.call.answered(timeout=10)
        await caller.call.hears_sound(10)
        record = await caller.record()
        await caller.call.hang_up()
        await caller.until(freed)
    for name in ("api", "router", "agent", "attendant"):
        log = Path(callers.stack.part(name)["log"]).read_text()
        assert "5559876543" not in log, name
        assert record["room"] not in log, name


async def test_a_number_whose_feature_comes_later_says_so(callers: Callers) -> None:
    async with callers.ring("+15550104") as caller:
        await caller.call.answered(timeout=5)
        await caller.call.ended(timeout=20)
        record = await caller.until(ended)
    assert record["outcome"] == "completed"


async def test_a_caller_nobody_has_a_seat_for_hears_a_sentence_and_music_and_never_silence(callers: Callers) -> None:
    async with callers.ring("+15550102") as caller:
        answered = await caller.call.answered(timeout=10)
        await caller.call.hears_sound(5)
        await asyncio.sleep(12)
        record = await caller.record()
        heard = caller.call.heard
        silences = heard.silences(2.0, since=answered)
        said = words(await caller.transcript(), "attendant")
    assert record["state"] == "waiting"
    assert record["lead"] == "attendant"
    assert "hold the line" in said
    assert silences == [], "I7"
    record = await caller.until(freed, timeout=5)
    assert record["outcome"] == "abandoned"


async def test_no_common_codec_is_refused_and_the_next_call_works(callers: Callers) -> None:
    offer = (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        "m=audio 40000 RTP/AVP 97\r\na=rtpmap:97 speex/8000\r\n"
    )
    async with callers.ring(sdp=offer) as caller:
        with pytest.raises(CallRefused):
            await caller.call.answered(timeout=10)
        await no_call_is_left(callers)
    await a_call_works(callers)


async def test_a_wrong_password_makes_no_call_and_the_right_one_does(callers: Callers) -> None:
    async with callers.ring("+15550110", auth=("demo", "wrong")) as caller:
        with pytest.raises(CallRefused):
            await caller.call.answered(timeout=10)
        found = await callers.api.get("/api/calls", params={"sip_call_id": caller.call.call_id})
        assert found.json()["items"] == []
    await a_call_works(callers)


async def no_call_is_left(callers: Callers) -> None:
    """Nothing is live: what was refused has an outcome or was never a call."""

    async def live() -> dict[str, Any]:
        return (await callers.api.get("/api/calls", params={"state": "live"})).json()  # type: ignore[no-any-return]

    await until(live, lambda found: found["items"] == [], timeout=10)


async def a_call_works(callers: Callers) -> None:
    async with callers.ring() as caller:
        await caller.call.answered(timeout=10)
        await caller.call.hears_sound(10)
        await says_hello(caller)


async def says_hello(caller: Caller) -> None:
    await caller.hears_a_turn()
    asked = await caller.says("what are your opening hours")
    await caller.hears_a_turn(after=asked)
    assert "opening hours" in words(await caller.transcript(), "caller")
