"""The codec against the tables of ITU-T G.711."""

import numpy as np
import pytest

from callcenter.platform.embedded.phone.media.g711 import codec, codec_of_payload_type

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("name", "code", "sample"),
    [
        ("PCMU", 0x00, -32124),
        ("PCMU", 0x80, 32124),
        ("PCMU", 0xFF, 0),
        ("PCMU", 0x7E, -8),
        ("PCMU", 0xF0, 120),
        ("PCMA", 0xD5, 8),
        ("PCMA", 0x55, -8),
        ("PCMA", 0xAA, 32256),
        ("PCMA", 0x2A, -32256),
        ("PCMA", 0x85, 4224),
    ],
)
def test_a_code_stands_for_the_sample_of_the_standard(name: str, code: int, sample: int) -> None:
    assert codec(name).decode(bytes([code]))[0] == sample
    assert codec(name).encode(np.array([sample], dtype=np.int16)) == bytes([code])


@pytest.mark.parametrize("name", ["PCMU", "PCMA"])
def test_every_sample_comes_back_within_half_a_step(name: str) -> None:
    law = codec(name)
    samples = np.arange(-32768, 32768).astype(np.int16)
    error = np.abs(law.decode(law.encode(samples)).astype(np.int32) - samples)
    assert (error <= np.abs(samples.astype(np.int32)) / 32 + 9).all()


@pytest.mark.parametrize("name", ["PCMU", "PCMA"])
def test_encoding_what_was_decoded_changes_nothing(name: str) -> None:
    law = codec(name)
    once = law.decode(bytes(range(256)))
    assert (law.decode(law.encode(once)) == once).all()


def test_silence_is_as_quiet_as_the_law_allows() -> None:
    assert codec("PCMU").decode(bytes([codec("PCMU").silence]))[0] == 0
    assert codec("PCMA").decode(bytes([codec("PCMA").silence]))[0] == 8


def test_static_payload_types_name_their_law() -> None:
    assert codec_of_payload_type(0) is codec("PCMU")
    assert codec_of_payload_type(8) is codec("PCMA")
    assert codec_of_payload_type(101) is None
