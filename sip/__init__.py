"""Trunks as code: `sip/*.yaml` → plan → LiveKit's SIP API. Knows nothing of the rest of the product.

For the product: `desired(load(files, environ))` says what is wanted, `LiveKitSip` is the server, `drift` tells what
differs, `apply` mends it. Each caller's participant carries the attribute `TRUNK_ATTRIBUTE` with its trunk's name.
"""

from sip.apply import Applied, apply, drift
from sip.config import Guard, default_files, load
from sip.desired import TRUNK_ATTRIBUTE, Desired, desired, read_guard
from sip.errors import SipError
from sip.existing import LiveKitSip
from sip.plan import Plan
from sip.safety import forged

__all__ = [
    "TRUNK_ATTRIBUTE",
    "Applied",
    "Desired",
    "Guard",
    "LiveKitSip",
    "Plan",
    "SipError",
    "apply",
    "default_files",
    "desired",
    "drift",
    "forged",
    "load",
    "read_guard",
]
