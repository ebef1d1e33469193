"""The safety check between plan and apply: what would make calls unsafe or ambiguous."""

from itertools import combinations

from sip.desired import CATCH_ALL, Desired, Rule, Trunk
from sip.existing import Existing, StoredTrunk


def refusals(wanted: Desired, existing: Existing) -> list[str]:
    """Why these trunks must not be applied: one sentence each, empty if they may.

    LiveKit takes one trunk only for each number and one only without a number list, whatever their addresses
    (`ValidateTrunksIter` in livekit/protocol's `sip/sip.go`); where two match an INVITE it answers 503.
    """
    without_proof = [
        f"trunk {trunk.name} has no authentication: it needs source addresses, or a username and a password"
        for trunk in wanted.trunks
        if not trunk.authenticated
    ]
    return [*without_proof, *_shared(wanted), *_taken(wanted, existing), *_other_rules(wanted, existing)]


def warnings(wanted: Desired, existing: Existing) -> list[str]:
    """Things of others that weaken what our trunks promise; they are never touched."""
    rules = [
        f"{_theirs('dispatch rule', s.rule, s.id)} names no trunk: it admits calls from anywhere"
        for s in existing.rules
        if not s.rule.trunk_ids and not wanted.owns(s.rule.marker)
    ]
    trunks = [
        f"{_theirs('trunk', s.trunk, s.id)} has no authentication: it admits calls from anywhere"
        for s in existing.trunks
        if not s.trunk.authenticated and not wanted.owns(s.trunk.marker)
    ]
    return [*rules, *trunks]


def forged(from_host: str) -> bool:
    """Whether a caller got past a trunk's address list by writing the list's entry into the From header.

    LiveKit admits an INVITE from anywhere if the host of its From header is, letter for letter, an entry of
    `allowed_addresses` (`matchAddrMasks` in livekit/protocol's `sip/sip.go`; seen with livekit-server 1.13.5: From host
    "127.0.0.0/8" admits any source). Our entries always carry a slash, which no host name or address does (RFC 3261,
    section 25.1), so such a call can be told by the participant's attribute `sip.hostname`.
    """
    return "/" in from_host


def _claims(trunk: Trunk) -> frozenset[str]:
    return trunk.claims | trunk.entered


def _shared(wanted: Desired) -> list[str]:
    return [
        f"trunks {one.name} and {other.name} both want {what}; LiveKit takes one trunk only for it"
        for one, other in combinations(wanted.trunks, 2)
        for what in sorted(_claims(one) & _claims(other))
    ]


def _taken(wanted: Desired, existing: Existing) -> list[str]:
    foreign = [stored for stored in existing.trunks if not wanted.owns(stored.trunk.marker)]
    return [
        _explain(trunk, stored, what)
        for trunk in wanted.trunks
        for stored in foreign
        for what in sorted(_claims(trunk) & _claims(stored.trunk))
    ]


def _explain(trunk: Trunk, stored: StoredTrunk, what: str) -> str:
    other = _theirs("trunk", stored.trunk, stored.id)
    if what == CATCH_ALL:
        return f"trunk {trunk.name} cannot be the catch-all: {other} is, and LiveKit takes one only"
    return f"trunk {trunk.name} cannot have {what}: {other} has it, and LiveKit takes one trunk only for a number"


def _other_rules(wanted: Desired, existing: Existing) -> list[str]:
    markers = {trunk.marker for trunk in wanted.trunks}
    ours = {stored.id for stored in existing.trunks if stored.trunk.marker in markers}
    return [
        f"{_theirs('dispatch rule', s.rule, s.id)} takes calls of our trunk "
        f"{', '.join(sorted(ours & set(s.rule.trunk_ids)))}: take the trunk off that rule or delete the rule"
        for s in existing.rules
        if not wanted.owns(s.rule.marker) and ours & set(s.rule.trunk_ids)
    ]


def _theirs(kind: str, value: Trunk | Rule, id: str) -> str:
    whose = f"owner {value.marker.owner}" if value.marker else "not managed by these files"
    return f"{kind} {value.name or '(no name)'} ({id}, {whose})"
