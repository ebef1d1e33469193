"""The promises I1 to I6 of the design as queries over what is stored: whatever they find is a violation.

What they cannot see: sound (I4 is judged by who led, and by when LiveKit confirmed that a lost agent was silenced and
put out; effects are kept for a day), and a caller's leaving that nobody told us of (I3 counts from what LiveKit said,
in whole seconds, or from the look that first missed them). That the agent hears a supervisor (I6) is judged by whether
one is in the call, or sought for it, and by whether their words have a leg to belong to.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from callcenter.platform.plumbing.db import Tx

EXAMPLES = 10
STUCK_SECONDS = 60


@dataclass(frozen=True)
class Invariant:
    """`sql` gives one row (call_id, detail) for each violation."""

    name: str
    promise: str
    sql: str


@dataclass(frozen=True)
class Finding:
    invariant: Invariant
    violations: int
    examples: tuple[tuple[str, str], ...]


I1 = Invariant(
    "I1",
    "Every INVITE that reaches a room gets exactly one call record and exactly one outcome. No call is lost.",
    """
    SELECT c.id AS call_id, 'ended with ' || count(e.call_id) || ' call_ended events' AS detail
      FROM calls c LEFT JOIN timeline_events e ON e.call_id = c.id AND e.type = 'call_ended'
     WHERE c.state = 'ended' GROUP BY c.id HAVING count(e.call_id) <> 1
    UNION ALL
    SELECT c.id, 'live, but nobody has it and it does not wait'
      FROM calls c
     WHERE c.state <> 'ended' AND c.lead <> 'supervisor'
       AND NOT EXISTS (SELECT FROM waiting_entries w WHERE w.call_id = c.id AND w.state = 'waiting')
       AND NOT EXISTS (SELECT FROM offers o WHERE o.call_id = c.id AND o.state IN ('offered', 'accepted'))
       AND NOT EXISTS (SELECT FROM legs l WHERE l.call_id = c.id AND l.kind = 'phone' AND l.left_at IS NULL)
       AND clock_timestamp() - make_interval(secs => :stuck) >
           coalesce((SELECT max(e.at) FROM timeline_events e WHERE e.call_id = c.id), c.arrived_at)
    """,
)
I2 = Invariant(
    "I2",
    "At most one live offer per call and kind, and per seat; calls on a worker never exceed its seats.",
    """
    SELECT call_id, count(*) || ' live offers of kind ' || kind AS detail
      FROM offers WHERE state IN ('offered', 'accepted') GROUP BY call_id, kind HAVING count(*) > 1
    UNION ALL
    SELECT min(call_id::text)::uuid, count(*) || ' live offers on seat ' || seat_id
      FROM offers WHERE state IN ('offered', 'accepted') GROUP BY seat_id HAVING count(*) > 1
    UNION ALL
    SELECT min(o.call_id::text)::uuid, count(*) || ' calls on worker ' || o.worker
      FROM offers o WHERE o.released_at IS NULL
     GROUP BY o.worker HAVING count(*) > (SELECT count(*) FROM seats s WHERE s.worker = o.worker)
    """,
)
I3 = Invariant(
    "I3",
    "A seat is busy from the offer until its job is confirmed gone or its worker is lost; it is free within 5 s of the "
    "caller's leaving.",
    """
    SELECT o.call_id, 'live offer ' || o.id || ' does not hold its seat' AS detail
      FROM offers o JOIN workers w ON w.name = o.worker LEFT JOIN seats s ON s.id = o.seat_id
     WHERE o.released_at IS NULL AND w.state NOT IN ('lost', 'gone') AND s.offer_id IS DISTINCT FROM o.id
    UNION ALL
    SELECT o.call_id, 'seat ' || s.id || ' is held by offer ' || o.id || ', which is released'
      FROM seats s JOIN offers o ON o.id = s.offer_id WHERE o.released_at IS NOT NULL
    UNION ALL
    SELECT o.call_id, 'offer ' || o.id || ' held its seat for over 5 s after the caller had left'
      FROM offers o JOIN calls c ON c.id = o.call_id
      LEFT JOIN legs l ON l.call_id = c.id AND l.kind = 'caller'
     WHERE o.state <> 'lost'
       AND coalesce(l.left_at, c.ended_at) + interval '5 seconds' < coalesce(o.released_at, clock_timestamp())
    """,
)
I4 = Invariant(
    "I4",
    "Never two agents audible in one call.",
    """
    SELECT a.call_id, 'offers ' || a.id || ' and ' || b.id || ' led at once' AS detail
      FROM offers a JOIN offers b ON a.call_id = b.call_id AND (a.accepted_at, a.id) < (b.accepted_at, b.id)
     WHERE a.kind = 'agent' AND b.kind = 'agent' AND b.accepted_at < coalesce(a.ended_at, 'infinity')
    UNION ALL
    SELECT DISTINCT b.call_id,
           'offer ' || b.id || ' was given a voice before that of offer ' || a.id || ' was taken away'
      FROM effects g
      JOIN offers b ON b.id = (g.payload ->> 'offer_id')::uuid AND b.kind = 'agent'
      JOIN offers a ON a.call_id = b.call_id AND a.kind = 'agent' AND a.state = 'lost' AND a.accepted_at < b.accepted_at
      LEFT JOIN effects r ON r.call_id = a.call_id AND r.kind = 'remove' AND r.address = 'agent-' || a.id
     WHERE g.kind = 'grant' AND a.ended_at > clock_timestamp() - interval '1 day'
       AND (r.done_at IS NULL OR r.done_at > g.created_at)
    """,
)
I5 = Invariant(
    "I5",
    "A segment that was acknowledged survives any crash; per offer and leg, segments have no gap and no duplicate.",
    """
    SELECT s.call_id, 'offer ' || s.offer_id || ', leg ' || s.leg_id || ': ' || count(*) || ' segments numbered '
           || min(s.seq) || ' to ' || max(s.seq) AS detail
      FROM segments s WHERE NOT s.unfinished GROUP BY s.call_id, s.offer_id, s.leg_id
    HAVING min(s.seq) <> 1 OR max(s.seq) <> count(*) OR count(DISTINCT s.seq) <> count(*)
    """,
)
I6 = Invariant(
    "I6",
    "An escalation is accepted once; the agent hears caller and supervisor from then on.",
    """
    SELECT e.call_id, 'escalation ' || e.id || ' was accepted ' || count(*) || ' times' AS detail
      FROM escalations e JOIN timeline_events t ON t.call_id = e.call_id AND t.type = 'escalation_accepted'
       AND t.data ->> 'escalation_id' = e.id::text
     GROUP BY e.id, e.call_id HAVING count(*) > 1
    UNION ALL
    SELECT e.call_id, 'escalation ' || e.id || ' is ' || e.state || ' and rings at ' || count(*) || ' supervisors'
      FROM escalations e JOIN escalation_offers o ON o.escalation_id = e.id AND o.state = 'offered'
     WHERE e.state NOT IN ('requested', 'offering') GROUP BY e.id, e.call_id, e.state
    UNION ALL
    SELECT e.call_id, 'escalation ' || e.id || ' is ' || e.state || ' after the end of its call'
      FROM escalations e JOIN calls c ON c.id = e.call_id WHERE c.state = 'ended' AND e.ended_at IS NULL
    UNION ALL
    SELECT e.call_id, 'escalation ' || e.id || ' is leading, and who accepted it does not lead'
      FROM escalations e
     WHERE e.state = 'leading' AND e.supervisor_id IS NOT NULL
       AND NOT EXISTS (SELECT FROM supervisions s WHERE s.call_id = e.call_id AND s.user_id = e.supervisor_id
                          AND s.state = 'present' AND s.mode = 'take_over')
    UNION ALL
    SELECT e.call_id, 'escalation ' || e.id || ' is accepted, and who accepted it is in the call'
      FROM escalations e JOIN supervisions s ON s.call_id = e.call_id AND s.user_id = e.supervisor_id
     WHERE e.state = 'accepted' AND s.state = 'present'
    UNION ALL
    SELECT c.id, CASE c.lead WHEN 'supervisor' THEN 'led by a supervisor, and none leads' ELSE
           'a supervisor leads, and the call is led by: ' || c.lead END
      FROM calls c
     WHERE c.state <> 'ended'
       AND (c.lead = 'supervisor') <> EXISTS (SELECT FROM supervisions s WHERE s.call_id = c.id
                                                 AND s.state = 'present' AND s.mode = 'take_over')
    UNION ALL
    SELECT c.id, 'a supervisor leads, and no agent listens or is sought'
      FROM calls c
     WHERE c.state <> 'ended' AND c.lead = 'supervisor'
       AND NOT EXISTS (SELECT FROM offers o
                        WHERE o.call_id = c.id AND o.kind = 'agent' AND o.state IN ('offered', 'accepted'))
       AND NOT EXISTS (SELECT FROM waiting_entries w
                        WHERE w.call_id = c.id AND w.state = 'waiting' AND w.treatment IS NULL)
    UNION ALL
    SELECT s.call_id, 'supervision ' || s.id || ' has no leg: its words cannot be stored'
      FROM supervisions s
     WHERE s.state = 'present' AND NOT EXISTS (SELECT FROM legs l
                WHERE l.call_id = s.call_id AND l.kind = 'supervisor' AND l.identity = 'supervisor-' || s.id)
    """,
)
INVARIANTS = (I1, I2, I3, I4, I5, I6)


async def check(tx: Tx, invariant: Invariant) -> Finding:
    """Count the violations in all that is stored, with up to ten examples."""
    listed = sa.text(
        f"SELECT call_id::text, detail, count(*) OVER () AS total FROM ({invariant.sql}) AS found LIMIT :most"  # noqa: S608
    )
    values = {"most": EXAMPLES} | ({"stuck": STUCK_SECONDS} if ":stuck" in invariant.sql else {})
    rows = await tx.rows(listed, values)
    total = rows[0]["total"] if rows else 0
    return Finding(invariant, total, tuple((row["call_id"], row["detail"]) for row in rows))
