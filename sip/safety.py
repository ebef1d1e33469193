"""The safety check between plan and apply: what would make calls unsafe or ambiguous."""

from itertools import combinations

from sip.desired import CATCH_ALL, CarrierTrunk, Desired, Outbound, Rule, Trunk
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
    going_out = [
        f"outbound trunk {trunk.name} {lacks}" for trunk in wanted.outbound for lacks in _outbound_lacks(trunk)
    ]
    return [*without_proof, *going_out, *_shared(wanted), *_taken(wanted, existing), *_other_rules(wanted, existing)]


def warnings(wanted: Desired, existing: Existing) -> list[str]:
    """What deserves a look: things of others that weaken what our trunks promise (they are never touched), values of
    presets that are still to be compared with the carrier's page, and encryption that protects little."""
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
    unguarded = [
        f"{_theirs('outbound trunk', s.trunk, s.id)} has no guard: whoever holds the API key can dial anything on it"
        for s in existing.outbound
        if s.trunk.guard is None and not wanted.owns(s.trunk.marker)
    ]
    return [*rules, *trunks, *unguarded, *_to_compare(wanted), *_keys_in_the_clear(wanted)]


def _outbound_lacks(trunk: Outbound) -> list[str]:
    lacks = [] if trunk.authenticated else ["has no authentication: it needs digest, or by_address: true"]
    return lacks if trunk.guard else [*lacks, "has no guard: nothing would bound what can be dialled on it"]


def _to_compare(wanted: Desired) -> list[str]:
    return [
        f"trunk {trunk.name}: compare {', '.join(fields)} with the carrier's page ({trunk_preset}); once "
        "written in the file, this line goes"
        for trunk in (*wanted.trunks, *wanted.outbound)
        for trunk_preset, fields in _unverified(trunk).items()
    ]


def _unverified(trunk: CarrierTrunk) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, origin in trunk.origins:
        if origin.endswith(", verify"):
            found.setdefault(origin.removesuffix(", verify"), []).append(name)
    return found


def _keys_in_the_clear(wanted: Desired) -> list[str]:
    return [
        f"outbound trunk {trunk.name} encrypts its media, but the keys travel in the SDP (RFC 4568) over transport "
        f"{trunk.transport}, readable on the way; transport: tls hides them"
        for trunk in wanted.outbound
        if trunk.encryption == "require" and trunk.transport != "tls"
    ]


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


def _theirs(kind: str, value: CarrierTrunk | Rule, id: str) -> str:
    whose = f"owner {value.marker.owner}" if value.marker else "not managed by these files"
    return f"{kind} {value.name or '(no name)'} ({id}, {whose})"
