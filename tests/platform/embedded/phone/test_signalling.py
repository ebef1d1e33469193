"""How the phone behaves towards a peer that repeats itself, challenges, reroutes, holds, or says nothing."""

import asyncio

import pytest
from sipmessage import Request, Response

from callcenter.platform.embedded.phone import CallOver, CallRefused, NoResponse, OutgoingCall, Phone
from tests.platform.embedded.phone.lines import IMPATIENT, ScriptedPeer, description, scripted_peer

pytestmark = pytest.mark.pure


async def established(phone: Phone, peer: ScriptedPeer) -> tuple[OutgoingCall, Request]:
    """A call that the peer answered, and its INVITE."""
    call = await phone.invite("+15550100")
    invite = await peer.request("INVITE")
    host, port = peer.address
    peer.reply(invite, 200, description(), Contact=f"<sip:{host}:{port}>")
    await peer.request("ACK")
    await call.answered(2)
    return call, invite


async def test_an_unanswered_invite_is_repeated_until_something_comes_back() -> None:
    async with scripted_peer() as (phone, peer):
        await phone.invite("+15550100")
        first, second, third = [await peer.request("INVITE") for _ in range(3)]
        assert bytes(first) == bytes(second) == bytes(third)
        peer.reply(third, 100)
        await asyncio.sleep(IMPATIENT.give_up)
        assert peer.nothing_came()


async def test_a_dead_server_is_told_apart_from_one_that_rings() -> None:
    async with scripted_peer() as (phone, peer):
        dead = await phone.invite("+15550100")
        with pytest.raises(TimeoutError, match="nothing came back"):
            await dead.answered(0.1)
        with pytest.raises(NoResponse, match=f"{peer.address[1]} to INVITE in 0.6 s"):
            await dead.answered(3)
        end = await dead.ended(0)
        assert end.status == 408
        ringing = await phone.invite("+15550100")
        while (invite := await peer.request("INVITE")).call_id != ringing.call_id:
            pass
        peer.reply(invite, 180)
        await ringing.ringing(2)
        with pytest.raises(TimeoutError, match="it rings"):
            await ringing.answered(IMPATIENT.give_up + 0.1)


async def test_a_repeated_answer_is_acknowledged_again() -> None:
    async with scripted_peer() as (phone, peer):
        _, invite = await established(phone, peer)
        peer.reply(invite, 200, description())
        ack = await peer.request("ACK")
        assert ack.cseq.sequence == invite.cseq.sequence
        assert ack.headers["To"].endswith(";tag=peer")


async def test_a_repeated_refusal_is_acknowledged_again_within_its_transaction() -> None:
    async with scripted_peer() as (phone, peer):
        await phone.invite("+15550100")
        invite = await peer.request("INVITE")
        for _ in range(2):
            peer.reply(invite, 486)
            ack = await peer.request("ACK")
            assert ack.headers["Via"] == invite.headers["Via"]
            assert ack.uri == invite.uri


@pytest.mark.parametrize(
    ("status", "asks", "answers"),
    [
        (401, "WWW_Authenticate", "Authorization"),
        (407, "Proxy_Authenticate", "Proxy-Authorization"),
    ],
)
async def test_a_challenge_is_answered_once_with_a_new_invite(status: int, asks: str, answers: str) -> None:
    async with scripted_peer() as (phone, peer):
        call = await phone.invite("+15550100", auth=("demo", "secret"))
        first = await peer.request("INVITE")
        peer.reply(first, status, **{asks: 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth"'})
        second = await peer.request("INVITE")
        assert second.headers[answers].startswith('Digest username="demo", realm="r", nonce="n"')
        assert (second.call_id, second.headers["From"]) == (first.call_id, first.headers["From"])
        assert second.cseq.sequence == first.cseq.sequence + 1
        assert second.via[0].parameters["branch"] != first.via[0].parameters["branch"]
        peer.reply(second, status, **{asks: 'Digest realm="r", nonce="m", algorithm=MD5, qop="auth"'})
        with pytest.raises(CallRefused, match=str(status)):
            await call.answered(2)


async def test_without_a_secret_a_challenge_is_a_refusal() -> None:
    async with scripted_peer() as (phone, peer):
        call = await phone.invite("+15550100")
        peer.reply(await peer.request("INVITE"), 407, Proxy_Authenticate='Digest realm="r", nonce="n"')
        with pytest.raises(CallRefused, match="407"):
            await call.answered(2)


async def test_later_requests_go_to_the_contact_by_way_of_the_recorded_route() -> None:
    loop = asyncio.get_running_loop()
    _, proxy = await loop.create_datagram_endpoint(ScriptedPeer, local_addr=("127.0.0.1", 0))
    async with scripted_peer() as (phone, peer):
        call = await phone.invite("+15550100")
        invite = await peer.request("INVITE")
        near = f"<sip:127.0.0.1:{proxy.address[1]};lr>"
        route = f"<sip:10.9.9.9;lr>, {near}"
        peer.reply(invite, 200, description(), Contact="<sip:room@10.1.2.3:5999>", Record_Route=route)
        ack = await proxy.request("ACK")
        assert str(ack.uri) == "sip:room@10.1.2.3:5999"
        assert ack.headers.getlist("Route") == [near, "<sip:10.9.9.9;lr>"]
        await call.answered(2)
        leaving = asyncio.create_task(call.hang_up())
        bye = await proxy.request("BYE")
        assert (str(bye.uri), bye.cseq.sequence) == ("sip:room@10.1.2.3:5999", invite.cseq.sequence + 1)
        proxy.reply(bye, 200)
        await leaving
    proxy.close()


async def test_a_cancel_waits_for_the_first_sign_of_life() -> None:
    async with scripted_peer() as (phone, peer):
        call = await phone.invite("+15550100")
        invite = await peer.request("INVITE")
        cancelling = asyncio.create_task(call.cancel())
        again = await peer.request("INVITE")
        assert "CANCEL" not in peer.seen
        peer.reply(again, 180)
        cancel = await peer.request("CANCEL")
        assert cancel.headers["Via"] == invite.headers["Via"]
        assert (cancel.uri, cancel.cseq.sequence) == (invite.uri, invite.cseq.sequence)
        peer.reply(cancel, 200)
        peer.reply(invite, 487)
        await peer.request("ACK")
        await cancelling
        assert call.end is not None
        assert (call.end.by, call.end.status) == ("local", 487)


async def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    async with scripted_peer() as (phone, peer):
        call = await phone.invite("+15550100")
        invite = await peer.request("INVITE")
        peer.reply(invite, 180)
        await call.ringing(2)
        cancelling = asyncio.create_task(call.cancel())
        cancel = await peer.request("CANCEL")
        host, port = peer.address
        peer.reply(invite, 200, description(), Contact=f"<sip:{host}:{port}>")
        peer.reply(cancel, 200)
        await peer.request("ACK")
        peer.reply(await peer.request("BYE"), 200)
        await cancelling
        with pytest.raises(CallRefused, match="487"):
            await call.answered(1)


async def test_an_answer_without_common_audio_is_acknowledged_and_hung_up() -> None:
    async with scripted_peer() as (phone, peer):
        call = await phone.invite("+15550100")
        invite = await peer.request("INVITE")
        host, port = peer.address
        peer.reply(invite, 200, description(payload_types="97"), Contact=f"<sip:{host}:{port}>")
        await peer.request("ACK")
        await peer.request("BYE")
        with pytest.raises(CallRefused, match="488"):
            await call.answered(2)


async def test_hold_stops_our_audio_and_resuming_brings_it_back() -> None:
    async with scripted_peer() as (phone, peer):
        call, invite = await established(phone, peer)
        peer.ask("INVITE", invite, body=description(direction="inactive"), sequence=901)
        held = await peer.next("200")
        assert b"a=inactive" in held.body
        peer.ask("ACK", invite, sequence=901)
        count = len(call.said.packets)
        await asyncio.sleep(0.1)
        assert len(call.said.packets) == count
        peer.ask("INVITE", invite, body=description(direction="sendrecv"), sequence=902)
        resumed = await peer.next("200")
        assert b"a=sendrecv" in resumed.body
        peer.ask("ACK", invite, sequence=902)
        await call.say(call.heard.pcm())
        assert len(call.said.packets) > count


async def test_the_answer_to_a_reinvite_is_repeated_until_its_ack_comes() -> None:
    async with scripted_peer() as (phone, peer):
        _, invite = await established(phone, peer)
        peer.ask("INVITE", invite, body=description(), sequence=901)
        first, second = await peer.next("200"), await peer.next("200")
        assert bytes(first) == bytes(second)
        peer.ask("ACK", invite, sequence=901)
        peer.ask("OPTIONS", invite, sequence=902)
        while (await peer.next("200")).cseq.method != "OPTIONS":
            pass
        await asyncio.sleep(IMPATIENT.longest * 2)
        assert peer.nothing_came()


@pytest.mark.parametrize(("method", "status"), [("OPTIONS", 200), ("INFO", 200), ("UPDATE", 200), ("PUBLISH", 501)])
async def test_requests_within_the_call_are_answered(method: str, status: int) -> None:
    async with scripted_peer() as (phone, peer):
        _, invite = await established(phone, peer)
        peer.ask(method, invite)
        answer = await peer.next(str(status))
        assert answer.cseq.method == method


async def test_a_repeated_bye_gets_the_same_answer() -> None:
    async with scripted_peer() as (phone, peer):
        call, invite = await established(phone, peer)
        peer.ask("BYE", invite)
        first = await peer.next("200")
        assert (await call.ended(1)).by == "remote"
        peer.ask("BYE", invite)
        assert bytes(await peer.next("200")) == bytes(first)


async def test_a_repeated_invite_is_one_call() -> None:
    async with scripted_peer() as (phone, peer):
        arriving = phone.listen()
        call, invite = await established(phone, peer)
        await call.hang_up()
        for _ in range(2):
            peer.offer(invite, description())
            assert (await peer.next("100")).call_id == "offered"
        incoming = await anext(arriving)
        assert incoming.call_id == "offered"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(arriving), 0.1)


async def test_who_abandons_a_call_repeats_nothing() -> None:
    async with scripted_peer() as (phone, peer):
        arriving = phone.listen()
        await phone.invite("+15550100")
        peer.offer(await peer.request("INVITE"), description())
        incoming = await anext(arriving)
        answering = asyncio.create_task(incoming.answer())
        await peer.next("200")
        phone.abandon()
        sent = len(peer.seen)
        await asyncio.sleep(IMPATIENT.give_up / 2)
        assert len(peer.seen) == sent
        with pytest.raises(CallOver):
            await answering


async def test_a_request_for_no_call_of_ours_is_refused() -> None:
    async with scripted_peer() as (phone, peer):
        _, invite = await established(phone, peer)
        stranger = Request("BYE", invite.uri)
        for name in ("Via", "From", "To", "CSeq"):
            stranger.headers.set(name, invite.headers[name])
        stranger.headers.set("CSeq", "5 BYE")
        stranger.headers.set("Call-ID", "unknown")
        peer.send(bytes(stranger))
        answer = await peer.next("481")
        assert isinstance(answer, Response)


async def test_noise_on_the_sip_port_does_no_harm() -> None:
    async with scripted_peer() as (phone, peer):
        _, invite = await established(phone, peer)
        for noise in (b"\r\n\r\n", b"\x80\x00\xff", b"INVITE\r\n\r\n", b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n"):
            peer.send(noise)
        peer.ask("OPTIONS", invite)
        assert (await peer.next("200")).cseq.method == "OPTIONS"


async def test_a_server_name_is_looked_up() -> None:
    async with scripted_peer() as (_, peer), Phone(("localhost", peer.address[1]), timers=IMPATIENT) as phone:
        call = await phone.invite("+15550100")
        peer.reply(await peer.request("INVITE"), 603)
        with pytest.raises(CallRefused, match="603"):
            await call.answered(2)
