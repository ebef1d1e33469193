"""A profile reaches models on the internet, and in the company's network only where the operator has said so."""

import pytest

from callcenter.setup.profiles.addresses import expected_instead

pytestmark = pytest.mark.pure

OURS = frozenset({"127.0.0.1", "models.corp"})


@pytest.mark.parametrize(
    "url", ["", "https://models.example.com/v1", "http://8.8.8.8:8080/v1", "https://[2606:4700::1]/v1"]
)
def test_public_addresses_are_allowed(url: str) -> None:
    assert expected_instead(url, ()) is None


@pytest.mark.parametrize(
    "url", ["ftp://models.example.com", "file:///etc/passwd", "models.example.com/v1", "https://", "//host/v1"]
)
def test_only_http_is_spoken(url: str) -> None:
    assert "begins with http:// or https://" in (expected_instead(url, OURS) or "")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/v1", "http://10.1.2.3/v1", "http://[::1]/v1", "http://localhost/v1", "http://redis:6379",
        "http://models.corp/v1", "http://db.internal/", "http://[::ffff:10.0.0.1]/", "http://2130706433/",
        "http://0x7f.1/", "http://127.1/", "http://100.64.0.1/", "http://[64:ff9b::a00:1]/", "http://localhost./v1",
    ],
)  # fmt: skip
def test_private_ones_are_not(url: str) -> None:
    assert "CALLCENTER_PRIVATE_MODEL_HOSTS" in (expected_instead(url, ()) or "")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/v1", "http://MODELS.corp/v1"])
def test_what_the_operator_names_is_allowed(url: str) -> None:
    assert expected_instead(url, OURS) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest",
        "http://[fe80::1]/",
        "http://metadata.google.internal/",
        "http://0.0.0.0/",
        "http://[fd00:ec2::254]/",
    ],
)
def test_where_machines_ask_for_their_credentials_never_is(url: str) -> None:
    named = frozenset({"169.254.169.254", "fe80::1", "metadata.google.internal", "0.0.0.0", "fd00:ec2::254"})
    assert "never" in (expected_instead(url, named) or "")


@pytest.mark.parametrize(
    "url",
    ["https://key@models.example.com/v1", "https://models.example.com/v1?key=1", "https://models.example.com/v1#a"],
)
def test_an_address_holds_no_secret(url: str) -> None:
    assert expected_instead(url, OURS) is not None


@pytest.mark.parametrize("url", ["http://[::1", "https://host:99999/v1"])
def test_what_is_no_address_is_said(url: str) -> None:
    assert "an address such as" in (expected_instead(url, OURS) or "")
