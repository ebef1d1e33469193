"""An attendant on its way in and out: a claim that is answered late, and another attendant that takes over."""

import asyncio
import time
from itertools import pairwise

import pytest

from callcenter.platform.wire.messages import Claim, EndCall, Fade, Left, SayAndEnd, Segment
from tests.inroom.lobby import Lobby
from tests.inroom.rooms import Caller

pytestmark = pytest.mark.livekit


async def test_an_answer_to_the_claim_that_is_lost_with_the_desk_is_asked_for_until_the_desk_is_back(
    lobby: Lobby, caller: Caller
) -> None:
    async with lobby.says_nothing():
        await lobby.take(caller)
        await lobby.desk.wait_for(Claim)
        await lobby.desk.close()
        await asyncio.sleep(8)
    await lobby.desk.open()
    await lobby.desk.wait_for(Segment, seconds=10)
    assert not lobby.desk.all(Left)


async def test_last_words_that_come_before_the_claims_answer_are_said_after_it(lobby: Lobby, caller: Caller) -> None:
    async with lobby.says_nothing():
        offer_id = await lobby.take(caller)
        claim = await lobby.desk.wait_for(Claim)
        await lobby.desk.say(SayAndEnd(offer_id=offer_id, text="Nobody can come. Goodbye."))
        await asyncio.sleep(0.5)
    await lobby.answer(lobby.desk, claim)
    await lobby.desk.wait_for(Segment, lambda s: s.text == "Nobody can come. Goodbye.")
    await lobby.desk.wait_for(EndCall)


async def test_a_caller_who_goes_before_the_claim_is_answered_is_waited_for_no_longer(
    lobby: Lobby, caller: Caller
) -> None:
    async with lobby.says_nothing():
        await lobby.take(caller)
        await lobby.desk.wait_for(Claim)
        await caller.leave()
        assert (await lobby.desk.wait_for(Left, seconds=3)).failure is None


async def test_i7_an_attendant_that_is_relieved_plays_on_until_the_next_one_is_there(
    lobby: Lobby, caller: Caller
) -> None:
    offer_id = await lobby.take(caller)
    await lobby.desk.wait_for(Segment)
    await lobby.desk.say(Fade(offer_id=offer_id, seconds=0.2, stay=30))
    await asyncio.sleep(3)
    assert not lobby.desk.all(Left)
    told_at = time.monotonic()
    successor = Caller(lobby.livekit, room_name=caller.room_name, identity="attendant-2")
    await successor.join()
    left = await lobby.desk.wait_for(Left, seconds=3)
    assert left.failure is None
    heard = [at for at, level in caller.levels if level > 100 and at > told_at - 3]
    assert max(later - earlier for earlier, later in pairwise(heard)) < 0.5
    await successor.leave()


async def test_an_attendant_that_nobody_follows_leaves_after_its_time(lobby: Lobby, caller: Caller) -> None:
    offer_id = await lobby.take(caller)
    await lobby.desk.wait_for(Segment)
    told_at = time.monotonic()
    await lobby.desk.say(Fade(offer_id=offer_id, seconds=0.2, stay=1.5))
    await lobby.desk.wait_for(Left)
    assert 1.5 <= time.monotonic() - told_at < 3
