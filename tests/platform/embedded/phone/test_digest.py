"""Digest answers against the examples of the RFCs."""

import pytest

from callcenter.platform.embedded.phone.sip.digest import credentials

pytestmark = pytest.mark.pure

REALM = 'realm="http-auth@example.org"'
NONCE = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
OPAQUE = 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
MD5 = f'Digest {REALM}, qop="auth, auth-int", algorithm=MD5, {NONCE}, {OPAQUE}'
SHA = f'Digest {REALM}, qop="auth, auth-int", algorithm=SHA-256, {NONCE}, {OPAQUE}'
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def answer(*challenges: str) -> str:
    value = credentials(challenges, "GET", "/dir/index.html", "Mufasa", "Circle of Life", CNONCE)
    assert value is not None
    return value


def test_md5_answer_is_that_of_rfc_7616_section_3_9_1() -> None:
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in answer(MD5)


def test_sha_256_answer_is_that_of_rfc_7616_section_3_9_1() -> None:
    value = answer(SHA)
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in value
    assert "algorithm=SHA-256" in value
    assert OPAQUE in value
    assert "qop=auth, nc=00000001" in value


def test_the_stronger_hash_is_taken_whatever_its_place() -> None:
    assert "algorithm=SHA-256" in answer(MD5, SHA)
    assert "algorithm=SHA-256" in answer(SHA, MD5)


def test_a_challenge_without_protection_gets_the_answer_of_rfc_2069() -> None:
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    value = credentials([challenge], "GET", "/dir/index.html", "Mufasa", "CircleOfLife")
    assert value is not None
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value
    assert "cnonce" not in value


@pytest.mark.parametrize(
    "challenge",
    ["Basic realm=x", 'Digest realm="x", nonce="y", algorithm=MD5-sess', 'Digest realm="x", nonce="y", qop="auth-int"'],
)
def test_what_cannot_be_answered_is_not_answered(challenge: str) -> None:
    assert credentials([challenge], "INVITE", "sip:a@b", "user", "password") is None
