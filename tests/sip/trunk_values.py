"""Wanted trunks for tests, without files."""

from collections.abc import Iterable
from dataclasses import replace

from sip.desired import TRUNK_ATTRIBUTE, Desired, Marker, Rule, Trunk

NUMBERS = tuple(f"+1555020{digit}" for digit in range(6))

BASE = Trunk(
    name="",
    marker=None,
    numbers=(),
    catch_all=False,
    addresses=("203.0.113.0/24",),
    username="",
    password="",
    ringing_timeout_seconds=120,
    max_call_seconds=7200,
    media_timeout_seconds=60,
)


def trunk(name: str, *numbers: str, catch_all: bool = False, owner: str = "shop") -> Trunk:
    return replace(BASE, name=name, marker=Marker(owner, name), numbers=numbers, catch_all=catch_all)


def wanted(*trunks: Trunk, owners: Iterable[str] = ("shop",)) -> Desired:
    rules = tuple(Rule(t.name, t.marker, f"call-{t.name}", ((TRUNK_ATTRIBUTE, t.name),)) for t in trunks)
    return Desired(frozenset(owners), trunks, rules)
