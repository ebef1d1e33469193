"""What must be true of one call's three histories. Pure: plain values in, violations out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from tests.campaign import silence
from tests.campaign.history import CallHistory, FaultHistory, Hook, Offer, PhoneHistory, Turn
from tests.campaign.words import is_in

FREE_SECONDS = 5.0
LAST_SENTENCE_SECONDS = 4.0
UNSTORED_SECONDS = 1.0  # what an agent said so shortly before its death may be unknown to anybody but the caller
AT_ONCE_SECONDS = 0.05
CANCELS = "hangs up while it rings"
CLOSING = ("goodbye",)
DEADLY = ("job killed", "job stopped", "worker killed", "worker stopped")
NO_NEW_CALLS = ("redis restarted",)  # livekit-sip cannot take a call while its bus is away
OURS = ("agent", "attendant")


@dataclass(frozen=True)
class Violation:
    """A broken promise, by its number in the design (`phone`: the caller's own trouble)."""

    invariant: str
    call_id: str
    what: str


def check(call: CallHistory, fault: FaultHistory) -> list[Violation]:
    """Every promise that this call breaks."""
    found = [
        *(("I1", what) for what in outcomes(call, fault)),
        *(("I2", what) for what in live_offers(call.stored.offers)),
        *(("I3", what) for what in late_seats(call.phone, call.stored.offers, fault)),
        *(("I4", what) for what in two_agents(call.hooks)),
        *(("I5", what) for what in numbering(call.stored.segments)),
        *(("I5", what) for what in lost_words(call, fault)),
        *(("I7", what) for what in silence.too_long(call.phone, call.stored.call_id, fault)),
        *(("phone", error) for error in call.phone.errors),
    ]
    return [Violation(invariant, call.stored.call_id, what) for invariant, what in found]


def outcomes(call: CallHistory, fault: FaultHistory) -> Iterable[str]:
    """I1: one record, one end, one outcome; answered; and no end by us without a last sentence."""
    phone, stored = call.phone, call.stored
    reached = bool(call.hooks) or phone.ringing_at is not None or phone.answered_at is not None
    if reached and len(stored.records) != 1:
        yield f"{len(stored.records)} call records for one INVITE"
    if stored.record is not None:
        ends = [event for event in stored.timeline if event["type"] == "call_ended"]
        if stored.record["state"] != "ended":
            yield f"the phone has hung up, but the call is {stored.record['state']}"
        elif len(ends) != 1 or not stored.record["outcome"]:
            yield f"{len(ends)} call_ended events, outcome {stored.record['outcome']}"
    if phone.answered_at is None:
        if phone.script != CANCELS and fault.name not in NO_NEW_CALLS:
            yield f"never answered: ended by {phone.ended_by} with {phone.status}"
    elif phone.ended_by == "remote" and phone.ended_at is not None:
        yield from abrupt_end(call, phone.ended_at)


def abrupt_end(call: CallHistory, ended_at: float) -> Iterable[str]:
    ours = [segment for segment in call.stored.segments if segment["speaker"] in OURS]
    last = ours[-1]["text"].lower() if ours else ""
    if not any(word in last for word in CLOSING):
        yield f"our BYE came without a last sentence; the last words were {last!r}"
    elif call.phone.last_sound_at is None or call.phone.last_sound_at < ended_at - LAST_SENTENCE_SECONDS:
        yield "our BYE came long after the last sound"


def live_offers(offers: Sequence[Offer]) -> Iterable[str]:
    """I2: no two live offers of one kind at once."""
    for one, other in combinations(offers, 2):
        if one.kind == other.kind and _overlap(_life(one), _life(other)) > 0:
            yield f"offers {one.id} and {other.id} of kind {one.kind} were live at once"


def shared_seats(offers: Iterable[Offer]) -> Iterable[str]:
    """I2, over all calls of a round: no seat holds two offers at once."""
    by_seat: dict[int, list[Offer]] = defaultdict(list)
    for offer in offers:
        by_seat[offer.seat_id].append(offer)
    for seat, held in by_seat.items():
        for one, other in combinations(held, 2):
            if _overlap(_hold(one), _hold(other)) > 0:
                yield f"seat {seat} held offers {one.id} and {other.id} at once"


def late_seats(phone: PhoneHistory, offers: Sequence[Offer], fault: FaultHistory) -> Iterable[str]:
    """I3: a seat is free within 5 s of the phone's end; a fault that lasts by then delays that to its own end."""
    if phone.ended_at is None:
        return
    lasts = fault.started_at < phone.ended_at + FREE_SECONDS and fault.ended_at > phone.ended_at
    since = fault.ended_at if lasts else phone.ended_at
    for offer in offers:
        if offer.state == "lost":
            continue
        if offer.released_at is None:
            yield f"the seat of {offer.kind} offer {offer.id} is still held"
        elif offer.released_at > since + FREE_SECONDS:
            yield f"the seat of {offer.kind} offer {offer.id} was free {offer.released_at - since:.1f} s after the end"


def two_agents(hooks: Iterable[Hook]) -> Iterable[str]:
    """I4: no two agents with a published audio track in one room at once."""
    spans = audible(hooks)
    for (one, first), (other, second) in combinations(spans, 2):
        if one != other and (seconds := _overlap(first, second)) > AT_ONCE_SECONDS:
            yield f"{one} and {other} were both audible for {seconds:.2f} s"


def audible(hooks: Iterable[Hook]) -> list[tuple[str, tuple[float, float]]]:
    """From when to when each agent's audio tracks were published, as the webhooks tell it."""
    begun: dict[tuple[str, str], float] = {}
    spans: list[tuple[str, tuple[float, float]]] = []

    def close(keys: list[tuple[str, str]], at: float) -> None:
        spans.extend((key[0], (begun.pop(key), at)) for key in keys)

    for hook in sorted(hooks, key=lambda hook: hook.at):
        match hook.event:
            case "track_published" if hook.audio and hook.identity.startswith("agent-"):
                begun.setdefault((hook.identity, hook.track), hook.at)
            case "track_unpublished":
                close([key for key in begun if key == (hook.identity, hook.track)], hook.at)
            case "participant_left" | "participant_connection_aborted":
                close([key for key in begun if key[0] == hook.identity], hook.at)
            case "room_finished":
                close(list(begun), hook.at)
    close(list(begun), float("inf"))
    return spans


def numbering(segments: Sequence[dict[str, object]]) -> Iterable[str]:
    """I5: per offer and leg, numbers from 1 on without gap or double."""
    numbers: dict[tuple[object, object], list[int]] = defaultdict(list)
    for segment in segments:
        numbers[(segment["offer_id"], segment["leg_id"])].append(int(str(segment["seq"])))
    for (offer, leg), seqs in numbers.items():
        if sorted(seqs) != list(range(1, len(seqs) + 1)):
            yield f"offer {offer}, leg {leg}: segments numbered {sorted(seqs)}"


def lost_words(call: CallHistory, fault: FaultHistory) -> Iterable[str]:
    """I5: what the caller said and was answered, and what the caller heard, is in the transcript."""
    phone, segments = call.phone, call.stored.segments
    callers = " ".join(str(s["text"]) for s in segments if s["speaker"] == "caller")
    ours = " ".join(str(s["text"]) for s in segments if s["speaker"] in OURS)
    for index, said in enumerate(phone.said):
        until = phone.said[index + 1].started_at if index + 1 < len(phone.said) else float("inf")
        answered = any(said.answer in t.heard for t in phone.turns if said.ended_at <= t.started_at < until)
        if said.written and answered and not is_in(said.written, callers):
            yield f"the caller's answered sentence is not in the transcript: {said.written!r}"
    for turn in phone.turns:
        if _died_with_it(turn, call.stored.call_id, fault):
            continue
        for sentence in turn.heard:
            if not is_in(sentence, ours):
                yield f"what the caller heard is not in the transcript: {sentence!r}"


def _died_with_it(turn: Turn, call_id: str, fault: FaultHistory) -> bool:
    """Whether the agent died before it could have reported the end of this turn."""
    touched = fault.hit and fault.name in DEADLY and fault.touches(call_id)
    return touched and turn.started_at < fault.ended_at and turn.ended_at > fault.started_at - UNSTORED_SECONDS


def _life(offer: Offer) -> tuple[float, float]:
    return offer.offered_at, offer.ended_at if offer.ended_at is not None else float("inf")


def _hold(offer: Offer) -> tuple[float, float]:
    return offer.offered_at, offer.released_at if offer.released_at is not None else float("inf")


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    return min(one[1], other[1]) - max(one[0], other[0])
