"""What is compared: three ways to put an agent on the phone, on one engine, each behind a number of its own."""

from enum import StrEnum
from pathlib import Path

import yaml

import callcenter.setup
from callcenter.platform.wire.brief import TurnTaking

DEMO = Path(callcenter.setup.__path__[0]) / "demo_company.yaml"


class Arm(StrEnum):
    """`same` and `defaults` are one minimal livekit-agents worker (baseline.py) that LiveKit's own dispatch rule sends
    into the room; they differ in their turn settings alone."""

    OURS = "ours"
    SAME = "same"
    DEFAULTS = "defaults"


ARMS = tuple(Arm)
BASELINES = (Arm.SAME, Arm.DEFAULTS)
NUMBERS = {Arm.OURS: "+15550100", Arm.SAME: "+15550191", Arm.DEFAULTS: "+15550192"}
UNSERVED_NUMBER = "+15550102"


def agent_name(arm: Arm) -> str:
    """The name that the dispatch rule of a baseline asks for, and the beginning of its rooms' names."""
    return f"bench-{arm}"


def demo_turn_taking() -> TurnTaking:
    """The turn settings of the demo company's agent, which the arm `same` gets too."""
    profile = yaml.safe_load(DEMO.read_text(encoding="utf-8"))["profiles"]["shop"]
    return TurnTaking.model_validate(profile["turn_taking"])


def greeting() -> str:
    """What every arm says first."""
    return str(yaml.safe_load(DEMO.read_text(encoding="utf-8"))["profiles"]["shop"]["greeting"])
