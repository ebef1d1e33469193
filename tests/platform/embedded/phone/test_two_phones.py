"""Whole calls between two phones in this process, with real SIP and RTP on the loopback."""

import asyncio
import time
from itertools import pairwise

import numpy as np
import pytest

from callcenter.platform.embedded.phone import CallOver, CallRefused, NoResponse, Phone, PhoneError
from tests.platform.embedded.phone.lines import IMPATIENT, answered_call, tone, two_phones

pytestmark = pytest.mark.pure

both_transports = pytest.mark.parametrize("transport", ["udp", "tcp"])


@both_transports
async def test_a_call_rings_is_answered_talks_and_ends(transport: str) -> None:
    async with two_phones(transport) as (caller, _, arriving):
        call = await caller.invite("+15550100", "+15551230001", headers={"X-Foo": "bar"}, call_id="wanted")
        incoming = await anext(arriving)
        assert (incoming.caller, incoming.callee) == ("+15551230001", "+15550100")
        assert (incoming.header("X-Foo"), incoming.call_id, call.call_id) == ("bar", "wanted", "wanted")
        incoming.ring()
        rang_at = await call.ringing()
        await incoming.answer()
        answered_at = await call.answered()
        assert call.invited_at is not None
        assert call.invited_at < rang_at < answered_at
        said = await call.say(tone(0.4))
        heard_at = await incoming.hears_sound(2, after=incoming.answered_at)
        assert 0 <= heard_at - said.first_frame_at < 0.25
        await incoming.hang_up()
        end = await call.ended(2)
        assert (end.by, end.status) == ("remote", 200)
        assert incoming.end is not None
        assert incoming.end.by == "local"


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
async def test_what_is_said_is_heard_at_its_level_and_length(codec: str) -> None:
    async with two_phones() as (caller, _, arriving):
        call = await caller.invite("+15550100", codecs=(codec,))
        incoming = await anext(arriving)
        await incoming.answer()
        await call.answered()
        speech = tone(0.5)
        said = await call.say(speech)
        await incoming.hears_silence(0.1, 2)
        assert call.said.utterances == [said]
        assert 0.25 < said.last_frame_at - said.first_frame_at < 2
        levels = incoming.heard.level()
        assert (levels > 1000).sum() == 25
        assert np.median(levels[levels > 1000]) == pytest.approx(8000 / np.sqrt(2), rel=0.02)
        start = int(np.argmax(np.abs(incoming.heard.pcm()) > 300)) // 160 * 160
        back = incoming.heard.pcm()[start : start + 4000].astype(np.int32)
        assert np.abs(back - speech).max() < 520


async def test_between_speeches_silence_is_sent_all_the_time() -> None:
    async with answered_call() as (call, incoming):
        await call.say(tone(0.1))
        await incoming.hears_silence(0.4, 3)
        audio = incoming.heard.packets
        assert len(audio) >= 20
        steps = {(later.timestamp - earlier.timestamp) % 2**32 for earlier, later in pairwise(audio)}
        assert steps == {160}
        assert {(b.sequence - a.sequence) % 2**16 for a, b in pairwise(audio)} == {1}


async def test_two_speeches_asked_for_at_once_follow_one_another() -> None:
    async with answered_call() as (call, _):
        first, second = await asyncio.gather(call.say(tone(0.1)), call.say(tone(0.1)))
        assert first.last_frame_at < second.first_frame_at
        assert len([p for p in call.said.packets if first.first_frame_at <= p.at <= second.last_frame_at]) == 10


async def test_a_cancelled_speech_stops() -> None:
    async with answered_call() as (call, incoming):
        speech = asyncio.create_task(call.say(tone(5)))
        await incoming.hears_sound(2, after=incoming.answered_at)
        speech.cancel()
        await incoming.hears_silence(0.2, 2)
        assert call.said.utterances == []


async def test_digits_arrive_in_order_even_equal_ones_and_are_no_sound() -> None:
    async with answered_call() as (call, incoming):
        for digit in "11#":
            call.send_digit(digit)
        await call.send_digit("9")
        assert [digit for _, digit in incoming.digits_heard] == ["1", "1", "#", "9"]
        presses = sorted({packet.timestamp for packet in call.said.packets if packet.payload_type == 101})
        assert all(later - earlier >= 960 + 480 for earlier, later in pairwise(presses))
        assert incoming.heard.first_sound_at() is None


async def test_a_key_press_has_a_marker_at_its_start_and_three_ends() -> None:
    async with answered_call() as (call, _):
        await call.send_digit("5")
        events = [packet for packet in call.said.packets if packet.payload_type == 101]
        assert [packet.marker for packet in events] == [True] + [False] * (len(events) - 1)
        assert len({packet.timestamp for packet in events}) == 1
        assert [packet.payload[1] & 0x80 for packet in events][-4:] == [0, 0x80, 0x80, 0x80]
        durations = [int.from_bytes(packet.payload[2:4]) for packet in events]
        assert durations == [160, 320, 480, 640, 800, 960, 960, 960]


async def test_a_key_that_no_keypad_has_is_refused() -> None:
    async with answered_call() as (call, _):
        with pytest.raises(ValueError, match="digit"):
            call.send_digit("E")


async def test_sound_before_now_does_not_count_as_hearing_sound() -> None:
    async with answered_call() as (call, incoming):
        await call.say(tone(0.1))
        await incoming.hears_silence(0.1, 2)
        with pytest.raises(TimeoutError, match="no sound"):
            await incoming.hears_sound(0.1)
        assert await incoming.hears_sound(0.1, after=incoming.answered_at) == incoming.heard.first_sound_at()


async def test_silence_is_noticed_though_packets_stop() -> None:
    async with answered_call() as (call, incoming):
        await call.say(tone(0.1))
        call.stop_media()
        began_at = await incoming.hears_silence(0.3, 2)
        assert began_at == incoming.heard.last_sound_at()
        assert time.monotonic() - began_at >= 0.3


async def test_waiting_for_sound_ends_with_the_call() -> None:
    async with answered_call() as (call, incoming):
        waiting = asyncio.create_task(incoming.hears_sound(None))
        await call.hang_up()
        with pytest.raises(CallOver):
            await waiting


async def test_speech_fails_when_the_other_side_hangs_up() -> None:
    async with answered_call() as (call, incoming):
        speech = asyncio.create_task(call.say(tone(5)))
        await incoming.hears_sound(2)
        await incoming.hang_up()
        with pytest.raises(CallOver):
            await speech
        with pytest.raises(CallOver):
            await call.say(tone(0.1))


async def test_nothing_can_be_said_before_the_answer() -> None:
    async with two_phones() as (caller, _, arriving):
        call = await caller.invite("+15550100")
        await anext(arriving)
        with pytest.raises(PhoneError, match="not answered"):
            await call.say(tone(0.1))


@both_transports
async def test_a_refused_call_tells_status_and_reason(transport: str) -> None:
    async with two_phones(transport) as (caller, _, arriving):
        call = await caller.invite("+15550100")
        incoming = await anext(arriving)
        await incoming.refuse(486)
        with pytest.raises(CallRefused, match="486 Busy Here"):
            await call.answered(2)
        with pytest.raises(CallRefused):
            await call.ringing(2)
        end = await call.ended(1)
        assert (end.by, end.status) == ("remote", 486)


@both_transports
async def test_a_cancelled_call_ends_with_487_on_both_sides(transport: str) -> None:
    async with two_phones(transport) as (caller, _, arriving):
        call = await caller.invite("+15550100")
        incoming = await anext(arriving)
        incoming.ring()
        await call.ringing()
        await call.cancel()
        assert call.end is not None
        assert (call.end.by, call.end.status) == ("local", 487)
        end = await incoming.ended(1)
        assert (end.by, end.status) == ("remote", 487)


async def test_hanging_up_twice_sends_one_bye() -> None:
    seen: list[bytes] = []
    async with Phone(local=("127.0.0.1", 0)) as callee:
        arriving = callee.listen()
        async with Phone(callee.address, trace=lambda way, data: seen.append(way.encode() + data)) as caller:
            call = await caller.invite("+15550100")
            await (await anext(arriving)).answer()
            await call.answered()
            await asyncio.gather(call.hang_up(), call.hang_up())
            await call.hang_up()
    assert len([message for message in seen if message.startswith(b">BYE")]) == 1


async def test_many_calls_share_one_phone() -> None:
    async with two_phones() as (caller, _, arriving):
        calls = [await caller.invite("+15550100", f"+1555123000{number}") for number in range(5)]
        incoming = {}
        for _ in calls:
            one = await anext(arriving)
            await one.answer()
            incoming[one.call_id] = one
        for number, call in enumerate(calls):
            await call.answered()
            assert incoming[call.call_id].caller == f"+1555123000{number}"
        await calls[3].say(tone(0.1))
        sounds = [incoming[call.call_id].heard.first_sound_at() is not None for call in calls]
        assert sounds == [False, False, False, True, False]


async def test_a_phone_that_does_not_listen_is_away() -> None:
    async with Phone(local=("127.0.0.1", 0)) as callee, Phone(callee.address) as caller:
        call = await caller.invite("+15550100")
        with pytest.raises(CallRefused, match="480"):
            await call.answered(2)


async def test_an_offer_without_a_known_codec_is_refused_with_488() -> None:
    async with two_phones() as (caller, _, arriving):
        offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 97\r\n"
        call = await caller.invite("+15550100", sdp=offer)
        incoming = await anext(arriving)
        with pytest.raises(PhoneError, match="understands"):
            await incoming.answer()
        with pytest.raises(CallRefused, match="488"):
            await call.answered(2)


async def test_leaving_the_phone_hangs_up_what_is_left() -> None:
    async with Phone(local=("127.0.0.1", 0)) as callee:
        arriving = callee.listen()
        async with Phone(callee.address) as caller:
            await caller.invite("+15550100")
            incoming = await anext(arriving)
            await incoming.answer()
        end = await incoming.ended(2)
        assert (end.by, end.status) == ("remote", 200)


async def test_stopped_media_are_missing_and_come_back() -> None:
    async with answered_call() as (call, incoming):
        call.stop_media()
        with pytest.raises(PhoneError, match="stopped"):
            await call.say(tone(0.1))
        count = len(call.said.packets)
        await incoming.hears_silence(0.2, 2)
        assert len(call.said.packets) == count
        call.start_media()
        await call.say(tone(0.1))
        assert len(call.said.packets) > count


@pytest.mark.parametrize("how", ["vanish", "abandon"])
async def test_who_vanished_sends_nothing_and_answers_nothing(how: str) -> None:
    async with Phone(local=("127.0.0.1", 0), timers=IMPATIENT) as callee:
        arriving = callee.listen()
        async with Phone(callee.address) as caller:
            call = await caller.invite("+15550100")
            incoming = await anext(arriving)
            await incoming.answer()
            await call.answered()
            (call.vanish if how == "vanish" else caller.abandon)()
            sent, answered = len(call.said.packets), time.monotonic()
            await incoming.hang_up()
            assert time.monotonic() - answered >= IMPATIENT.give_up
            assert len(call.said.packets) == sent
            end = await call.ended(0)
            assert (end.by, end.reason) == ("local", "vanished")


async def test_a_server_that_refuses_connections_is_named_at_once() -> None:
    async with Phone(local=("127.0.0.1", 0)) as gone:
        address = gone.address
    async with Phone(address, "tcp") as phone:
        with pytest.raises(NoResponse, match=f"{address[0]}:{address[1]}"):
            await phone.invite("+15550100")
