"""I7 from the recording: how long a caller who awaits us hears nothing."""

from collections.abc import Iterable

from tests.campaign.history import FaultHistory, PhoneHistory

USUAL_SECONDS = 2.0
AFTER = {
    "job killed": 3.0,
    "worker killed": 3.0,
    "attendant killed": 3.0,
    "job stopped": 5.0,
    "worker stopped": 5.0,
    "attendant stopped": 5.0,
}
AFTERMATH_SECONDS = 10.0
BEFORE_SECONDS = 0.3  # sound under way in the network is heard a little after its source has died

Span = tuple[float, float]


def awaited(phone: PhoneHistory) -> list[Span]:
    """When the caller awaits us: from the answer and from the end of each own sentence, until they speak or our turn is
    complete (then it is the caller's own pause) or the call ends. A turn cut short ends nothing."""
    if phone.answered_at is None or phone.ended_at is None:
        return []
    changes = [(phone.answered_at, True)]
    changes += [(said.started_at, False) for said in phone.said]
    changes += [(said.ended_at, True) for said in phone.said]
    changes += [(turn.ended_at, False) for turn in phone.turns if turn.complete]
    spans: list[Span] = []
    since: float | None = None
    for at, awaits in [*sorted(changes), (phone.ended_at, False)]:
        if awaits and since is None:
            since = at
        elif not awaits and since is not None:
            spans.append((since, min(at, phone.ended_at)))
            since = None
    return spans


def silent(phone: PhoneHistory) -> list[Span]:
    """The silences in which the caller awaited us."""
    return [
        (max(a, since), min(b, until))
        for since, until in awaited(phone)
        for a, b in phone.silences
        if min(b, until) > max(a, since)
    ]


def limit(span: Span, call_id: str, fault: FaultHistory) -> float:
    """How long this silence may last, seconds. After a fault that has a limit of its own, that one counts from the
    fault on: a caller may have begun to wait for an answer when its agent was killed."""
    if fault.hit and fault.touches(call_id) and _in_aftermath(span, fault) and fault.name in AFTER:
        return AFTER[fault.name] + min(USUAL_SECONDS, max(0.0, fault.started_at - span[0]))
    return USUAL_SECONDS


def too_long(phone: PhoneHistory, call_id: str, fault: FaultHistory) -> Iterable[str]:
    for a, b in silent(phone):
        if b - a > limit((a, b), call_id, fault):
            after = f", {a - fault.started_at:+.1f} s from the fault" if fault.hit else ""
            began = phone.answered_at or a
            yield f"silence of {b - a:.2f} s (limit {limit((a, b), call_id, fault):g} s), {a - began:.1f} s after the answer{after}"  # noqa: E501


def recovery(phone: PhoneHistory, call_id: str, fault: FaultHistory) -> float | None:
    """The longest silence from the fault on in which a touched caller awaited us; None for a call it did not meet."""
    if phone.answered_at is None or phone.ended_at is None or not fault.hit or not fault.touches(call_id):
        return None
    if phone.ended_at < fault.started_at or phone.answered_at > fault.ended_at + AFTERMATH_SECONDS:
        return None
    rest = [(max(a, fault.started_at), b) for a, b in silent(phone) if _in_aftermath((a, b), fault)]
    return max((b - a for a, b in rest), default=0.0)


def _in_aftermath(span: Span, fault: FaultHistory) -> bool:
    return span[1] > fault.started_at - BEFORE_SECONDS and span[0] < fault.ended_at + AFTERMATH_SECONDS
