"""Encryption, codecs and headers of inbound trunks: from the file into LiveKit's message and back without loss."""

from pathlib import Path

import pytest
from livekit.protocol import sip as proto

from sip.config import load
from sip.desired import desired
from sip.errors import ConfigError
from sip.existing import Existing, StoredTrunk
from sip.messages import from_trunk, to_trunk
from sip.plan import make_plan
from tests.sip.trunk_values import trunk, wanted

pytestmark = pytest.mark.pure

FILE = """\
inbound:
  carrier:
    country: DE
    numbers: [tel:+49-30-23125100, 030 23125 101]
    authentication: {addresses: [203.0.113.7]}
    caller_numbers: national
    encryption: require
    codecs: [PCMA, G722]
    headers: {X-House: shop}
    headers_to_attributes: {Diversion: callcenter.diversion}
    attributes_to_headers: {callcenter.outcome: X-Outcome}
    include_headers: all
"""


def test_livekit_takes_media_and_headers_as_the_file_says_and_gives_them_back(tmp_path: Path) -> None:
    file = tmp_path / "trunks.yaml"
    file.write_text(FILE)
    whole = desired(load([file], {}))
    (carrier,) = whole.trunks
    info = from_trunk(carrier)
    assert list(info.numbers) == ["+493023125100", "+493023125101"]
    assert info.media.encryption == proto.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE
    assert ([codec.name for codec in info.media.codecs], info.media.only_listed_codecs) == (["PCMA", "G722"], True)
    assert dict(info.headers_to_attributes) == {"Diversion": "callcenter.diversion"}
    assert dict(info.attributes_to_headers) == {"callcenter.outcome": "X-Outcome"}
    assert info.include_headers == proto.SIPHeaderOptions.SIP_ALL_HEADERS
    assert to_trunk(info) == carrier
    assert whole.rules[0].attributes == (("callcenter.callers", "DE"), ("callcenter.trunk", "carrier"))


def test_a_trunk_that_says_nothing_of_media_asks_livekit_for_nothing() -> None:
    info = from_trunk(trunk("one", "+15550100"))
    assert not info.media.HasField("encryption")
    assert (list(info.media.codecs), info.media.only_listed_codecs) == ([], False)


@pytest.mark.parametrize("older", [True, False])
def test_encryption_and_codecs_that_somebody_set_by_hand_are_shown_and_set_back(older: bool) -> None:
    one = trunk("one", "+15550100")
    by_hand = from_trunk(one)
    required = proto.SIPMediaEncryption.SIP_MEDIA_ENCRYPT_REQUIRE
    if older:
        by_hand.media_encryption = required
    else:
        by_hand.media.encryption = required
    by_hand.media.codecs.append(proto.SIPCodec(name="AMR-WB", rate=16000))
    existing = Existing((StoredTrunk("T1", to_trunk(by_hand)),), ())
    change = make_plan(wanted(one), existing).changes[0]
    assert {field.field: field.what for field in change.fields} == {
        "encryption": "require → disable",
        "codecs": "+AMR-WB/16000 → nothing",
    }


def test_national_callers_need_a_country(tmp_path: Path) -> None:
    file = tmp_path / "trunks.yaml"
    file.write_text(FILE.replace("    country: DE\n", "").replace("030 23125 101", "+493023125101"))
    with pytest.raises(ConfigError, match="caller_numbers: national needs country"):
        load([file], {})
