"""The agent worker: its seats, its drain, and what it contacts."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from livekit import api, rtc

from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.brief import TurnTaking
from callcenter.platform.wire.identities import agent_identity
from callcenter.platform.wire.messages import (
    WORKER_BEAT_SECONDS,
    Claim,
    EndCall,
    FirstFrame,
    JobBeat,
    Left,
    Refuse,
    Register,
    Segment,
    WorkerBeat,
)
from tests.inroom.conftest import Stage, agent_worker, brief, clip, processes, talking
from tests.inroom.fake_models import SECONDS_PER_CHARACTER, Reply
from tests.inroom.rooms import Caller, LiveKit, allow_to_publish, remove

pytestmark = pytest.mark.livekit

LONG_GREETING = "Hello, this is the shop on the corner. We have bread and cakes and a great many other things to eat."

# Every Python process of the worker notes whom it wants to reach; what is not Python is watched from outside.
WATCH = """
import json, os, sys
_file = os.environ["CONTACTS"]
def _note(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        where = args[1] if event != "socket.getaddrinfo" else args[:2]
        if isinstance(where, (tuple, list)):
            with open(_file, "a") as out:
                out.write(json.dumps([event, str(where[0]), where[1]]) + "\\n")
sys.addaudithook(_note)
"""


def remote_addresses(stage: Stage) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for process in processes(stage):
        try:
            found |= {(str(c.raddr[0]), int(c.raddr[1])) for c in process.net_connections("inet") if c.raddr}
        except psutil.Error:
            continue
    return found


async def test_nothing_but_the_configured_endpoints_is_contacted(
    livekit: LiveKit, caller: Caller, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    contacts = tmp_path / "contacts"
    contacts.touch()
    environment = {
        "PYTHONPATH": str(tmp_path),
        "CONTACTS": str(contacts),
        "LIVEKIT_DEV_MODE": "1",
        "LIVEKIT_REMOTE_EOT_URL": "http://192.0.2.1/eot",
        "OPENAI_BASE_URL": "http://192.0.2.2/v1",
    }
    async with agent_worker(livekit, tmp_path, **environment) as stage:
        stage.brief = brief(stage.models, turn_taking=TurnTaking(detector="end_of_turn_model"))
        stage.models.think = lambda _: Reply("Goodbye.", tools=(("end_call", {}),))
        stage.models.heard[:] = ["That is all, thank you."]
        seen: set[tuple[str, int]] = set()

        async def watch() -> None:
            while True:
                seen.update(await asyncio.to_thread(remote_addresses, stage))
                await asyncio.sleep(0.05)

        watcher = asyncio.create_task(watch())
        await stage.offer(caller)
        await stage.desk.wait_for(Segment)
        await caller.say(clip("weather_question.wav"))
        await stage.desk.wait_for(EndCall)
        await stage.desk.wait_for(Left)
        watcher.cancel()
        room, *ours = (urlsplit(url).port for url in (livekit.url, stage.desk.url, stage.models.url))
    noted = [json.loads(line) for line in contacts.read_text().splitlines()]
    asked = {(host, port) for event, host, port in noted if event != "socket.getaddrinfo"} | {
        (host, int(port)) for event, host, port in noted if event == "socket.getaddrinfo" and port
    }
    assert {port for _, port in asked} == set(ours), "the way to the room is not Python's"
    assert {host for host, _ in asked} == {"127.0.0.1"}
    assert {port for _, port in seen} >= {room, *ours}, "the watch itself saw nothing"
    assert {host for host, _ in seen} == {"127.0.0.1"}


@pytest.fixture(scope="module")
async def own_stage(livekit: LiveKit, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A worker that the tests below may break."""
    needless = {"LIVEKIT_URL": "ws://127.0.0.1:1", "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "s"}
    async with agent_worker(livekit, tmp_path_factory.mktemp("worker"), **needless) as stage:
        yield stage


async def next_beats(stage: Stage, count: int = 2) -> list[WorkerBeat]:
    seen = len(stage.desk.all(WorkerBeat))
    await stage.desk.wait_for(WorkerBeat, count=seen + count)
    return stage.desk.all(WorkerBeat)[seen:]


async def test_worker_registers_its_seats_under_a_name_of_its_own(own_stage: Stage) -> None:
    registered = own_stage.desk.all(Register)[0]
    assert registered.kind is SeatKind.AGENT
    assert registered.seats == 2
    assert registered.worker.startswith("agent-")
    assert own_stage.process is not None
    assert registered.pid == own_stage.process.pid


async def test_a_burst_fills_every_seat_and_the_one_too_many_is_refused_at_once(
    own_stage: Stage, livekit: LiveKit
) -> None:
    callers = [Caller(livekit) for _ in range(3)]
    await asyncio.gather(*(caller.join() for caller in callers))
    began = asyncio.get_running_loop().time()
    offers = await asyncio.gather(*(own_stage.offer(caller) for caller in callers))
    refused = await own_stage.desk.wait_for(Refuse)
    assert own_stage.desk.when(refused) - began < 2
    for offer_id in set(offers) - {refused.offer_id}:
        await own_stage.desk.wait_for(FirstFrame, lambda frame, offer_id=offer_id: frame.offer_id == offer_id)  # type: ignore[misc]
    beat = (await next_beats(own_stage))[-1]
    assert {job.offer_id for job in beat.jobs} == set(offers) - {refused.offer_id}
    for caller in callers:
        await caller.leave()
    await own_stage.desk.wait_for(Left, count=2)


async def test_an_offer_that_the_desk_sends_twice_is_served_once_and_not_refused(
    own_stage: Stage, livekit: LiveKit
) -> None:
    caller, offer_id, claim = await talking(own_stage, livekit)
    await own_stage.offer(caller, offer_id)
    beats = await next_beats(own_stage, 3)
    assert [(job.offer_id, job.pid) for job in beats[-1].jobs] == [(offer_id, claim.pid)]
    assert not [refusal for refusal in own_stage.desk.all(Refuse) if refusal.offer_id == offer_id]
    await caller.leave()
    await own_stage.desk.wait_for(Left, lambda left: left.offer_id == offer_id)


async def test_a_job_that_was_stopped_and_removed_stores_its_sentence_as_far_as_it_was_heard(
    own_stage: Stage, livekit: LiveKit
) -> None:
    own_stage.brief = brief(own_stage.models, greeting=LONG_GREETING)
    caller, offer_id, claim = await talking(own_stage, livekit)
    began = await caller.hears_sound()
    await asyncio.sleep(1.5)
    os.kill(claim.pid, signal.SIGSTOP)
    try:
        heard_seconds = await caller.hears_silence(after=began) - began
        told = [b.saying for b in own_stage.desk.all(JobBeat) if b.offer_id == offer_id and b.saying]
        await remove(livekit, caller.room_name, agent_identity(offer_id))
        await asyncio.sleep(2)
    finally:
        os.kill(claim.pid, signal.SIGCONT)
    cut = await own_stage.desk.wait_for(Segment, lambda segment: segment.offer_id == offer_id)
    own_stage.brief = None
    await caller.leave()
    await own_stage.desk.wait_for(Left, lambda left: left.offer_id == offer_id)
    assert cut.interrupted
    assert LONG_GREETING.startswith(cut.text)
    # Whole words are rounded down; a receiver draws the last sound out for up to 200 ms, as long as the agent's queue.
    assert -0.1 < heard_seconds - len(cut.text) * SECONDS_PER_CHARACTER < 1.0
    assert {saying.seq for saying in told} == {cut.seq}
    assert cut.text.startswith(told[-1].text)
    assert -0.1 < heard_seconds - len(told[-1].text) * SECONDS_PER_CHARACTER < 1.2


async def test_job_processes_are_told_no_secret_of_the_desk_nor_of_the_media_server(
    own_stage: Stage, livekit: LiveKit
) -> None:
    caller, offer_id, claim = await talking(own_stage, livekit)
    assert "CALLCENTER_DESK_SECRET" in psutil.Process(own_stage.desk.all(Register)[0].pid).environ()
    told = psutil.Process(claim.pid).environ()
    assert "CALLCENTER_DATA_DIR" in told
    assert "CALLCENTER_DESK_SECRET" not in told
    assert not [name for name in told if name.startswith("LIVEKIT_API")], "not even where the worker was given one"
    await caller.leave()
    await own_stage.desk.wait_for(Left, lambda left: left.offer_id == offer_id)


async def test_a_killed_job_disappears_from_the_beats_at_once_and_the_other_call_goes_on(
    own_stage: Stage, livekit: LiveKit
) -> None:
    victim, dead, claim = await talking(own_stage, livekit)
    other, alive, _ = await talking(own_stage, livekit)
    await own_stage.desk.wait_for(WorkerBeat, count=len(own_stage.desk.all(WorkerBeat)) + 1)
    os.kill(claim.pid, signal.SIGKILL)
    killed_at = time.monotonic()
    await own_stage.desk.wait_for(
        WorkerBeat,
        lambda beat: any(job.offer_id == alive for job in beat.jobs) and all(job.offer_id != dead for job in beat.jobs),
    )
    assert time.monotonic() - killed_at < WORKER_BEAT_SECONDS * 0.7
    await other.hears_sound(after=time.monotonic() - 0.5)
    await asyncio.gather(victim.leave(), other.leave())
    await own_stage.desk.wait_for(Left, lambda left: left.offer_id == alive)


async def test_agents_may_publish_no_microphone_before_the_claim_is_answered(
    own_stage: Stage, livekit: LiveKit
) -> None:
    caller = Caller(livekit)
    await caller.join()
    answer, own_stage.desk.on_message = own_stage.desk.on_message, None
    try:
        offer_id = await own_stage.offer(caller)
        await own_stage.desk.wait_for(Claim, lambda claim: claim.offer_id == offer_id)
        async with livekit.api() as lk:
            who = api.RoomParticipantIdentity(room=caller.room_name, identity=agent_identity(offer_id))
            agent = await lk.room.get_participant(who)
        assert agent.permission.can_subscribe
        assert list(agent.permission.can_publish_sources) == [api.TrackSource.CAMERA]
    finally:
        own_stage.desk.on_message = answer
    await caller.leave()
    await own_stage.desk.wait_for(Left, lambda left: left.offer_id == offer_id, seconds=15)


async def test_a_camera_only_token_carries_no_voice_until_the_right_is_granted(
    livekit: LiveKit, caller: Caller
) -> None:
    room = rtc.Room()
    await room.connect(livekit.url, await livekit.room_token(caller.room_name, "agent-x"))
    first, second = (rtc.LocalAudioTrack.create_audio_track(n, rtc.AudioSource(24_000, 1)) for n in ("first", "second"))
    microphone = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(room.local_participant.publish_track(first, microphone), 1)
    async with livekit.api() as lk:
        who = api.RoomParticipantIdentity(room=caller.room_name, identity="agent-x")
        assert not (await lk.room.get_participant(who)).tracks
    await allow_to_publish(livekit, caller.room_name, "agent-x")
    await asyncio.wait_for(room.local_participant.publish_track(second, microphone), 5)
    await room.disconnect()
