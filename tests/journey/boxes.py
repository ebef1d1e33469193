"""Short ways to say what happens to messages in a test."""

from datetime import UTC, datetime

import numpy as np

from callcenter.journey.answered import answered
from callcenter.journey.arrived import caller_left
from callcenter.journey.voicemail import part_came
from callcenter.platform.plumbing.ids import CallId, OfferId
from callcenter.platform.plumbing.transcription import NotTranscribed
from callcenter.platform.wire.base import SeatKind
from callcenter.platform.wire.brief import AttendantPlan, ModelEndpoint
from callcenter.platform.wire.messages import Claimed
from callcenter.platform.wire.telephone import RATE, to_ulaw
from callcenter.platform.wire.voicemail import PartAck, VoicemailPart
from callcenter.setup.rule_sets import flow
from tests.journey.company import NOW, Company

NUMBER = "+15550101"
GREETING = "Nobody is here. Please leave a message after the tone."
TONE = (4000 * np.sin(2 * np.pi * 400 * np.arange(RATE) / RATE)).astype(np.int16)
SILENCE = np.zeros(RATE, dtype=np.int16)


async def with_attendant(company: Company, call_id: CallId) -> tuple[OfferId, AttendantPlan]:
    await company.sql("UPDATE waiting_entries SET attendant_due_at = clock_timestamp() WHERE state = 'waiting'")
    await company.move()
    offer_id, answer = await company.claim(call_id, SeatKind.ATTENDANT)
    assert isinstance(answer, Claimed)
    assert answer.attendant is not None
    await answered(company.j, offer_id, datetime.now(UTC))
    return offer_id, answer.attendant


async def at_the_box(company: Company) -> tuple[CallId, OfferId, AttendantPlan]:
    """A caller whom an attendant asks for a message, by the rules."""
    voicemail = {"action": "voicemail", "box": "support", "greeting": GREETING, "max_seconds": 60}
    body = {"rules": [{"name": "Box", "then": voicemail}]}
    async with company.j.db.transaction() as tx:
        await flow.publish(tx, body, "test")
    await company.worker(SeatKind.ATTENDANT, seats=3)
    call_id = await company.call(NUMBER)
    return (call_id, *(await with_attendant(company, call_id)))


async def speaks(company: Company, offer_id: OfferId, seq: int, samples: np.ndarray = TONE) -> int | None:
    part = VoicemailPart(
        offer_id=offer_id, seq=seq, box="support", language="en", started_at=NOW, audio=to_ulaw(samples)
    )
    told = await part_came(company.j, part)
    return told.seq if isinstance(told, PartAck) else None


async def messages(company: Company) -> list[str]:
    return await company.ids("SELECT state || ' ' || samples / 8000 FROM voicemails ORDER BY started_at, id")


async def outcome(company: Company, call_id: CallId) -> str:
    return str((await company.row(call_id))["outcome"])


async def left_by(company: Company, call_id: CallId) -> bool:
    return await caller_left(company.j, (await company.row(call_id))["room"])


async def due_now(company: Company) -> None:
    await company.sql("UPDATE voicemails SET due_at = clock_timestamp() WHERE due_at IS NOT NULL")


class Model:
    """Writes down what it is told to, or fails so often first."""

    def __init__(self, text: str = "please call me back", failures: int = 0) -> None:
        self.text = text
        self.failures = failures
        self.asked: list[tuple[int, str, str | None]] = []

    async def text_of(self, wav: bytes, endpoint: ModelEndpoint, language: str | None) -> str:
        self.asked.append((len(wav), endpoint.model, language))
        if len(self.asked) <= self.failures:
            raise NotTranscribed("APITimeoutError")
        return self.text
