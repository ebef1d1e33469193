"""A model's key is open in one place only: in what the desk sends to whoever talks to the model."""

import pytest

from callcenter.platform.plumbing.errors import Conflict
from callcenter.platform.plumbing.keyring import Keyring
from callcenter.platform.wire.brief import AttendantPlan, Endpoint, ModelEndpoint, sent
from callcenter.platform.wire.endpoints import access
from callcenter.platform.wire.settings import Settings
from callcenter.setup.profiles.rules import ProfileBody, SealedKey, brief, ready

pytestmark = pytest.mark.pure

SECRET = "sk-very-secret-0123456789"
RING = Keyring(["k" * 32])
ADDRESS = "https://models.example/v1"
BODY = ProfileBody(instructions="x", greeting="y", llm=Endpoint(model="m", base_url=ADDRESS))


def test_the_agent_gets_the_key_and_nothing_else_that_is_written_holds_it() -> None:
    made = brief("shop", ready(BODY, {"llm": SealedKey(ADDRESS, RING.seal(SECRET))}), ())
    for written in (made.model_dump_json(), repr(made), str(made.model_dump(mode="json"))):
        assert SECRET not in written
    arrived = type(made).model_validate_json(sent(made, RING.open))
    assert access(arrived.llm, Settings()).api_key == SECRET
    assert SECRET not in repr(arrived) + arrived.model_dump_json() + repr(access(arrived.llm, Settings()))


def test_a_command_that_waits_in_the_database_holds_it_sealed() -> None:
    plan = AttendantPlan(tts=ModelEndpoint(model="m", sealed_key=RING.seal(SECRET)))
    kept = plan.model_dump(mode="json")
    assert SECRET not in str(kept)
    assert (
        AttendantPlan.model_validate_json(
            sent(AttendantPlan.model_validate(kept), RING.open)
        ).tts.api_key.get_secret_value()
        == SECRET
    )


def test_a_key_that_was_entered_for_another_address_stays_behind() -> None:
    elsewhere = SealedKey("https://other.example/v1", RING.seal(SECRET))
    assert ready(BODY, {"llm": elsewhere}).llm.sealed_key == ""


def test_a_new_key_of_ours_goes_before_the_old_one() -> None:
    sealed = RING.seal(SECRET)
    assert Keyring(["n" * 32, "k" * 32]).open(sealed) == SECRET
    assert Keyring(["n" * 32]).open(sealed) == ""


def test_without_a_key_of_ours_nothing_is_sealed() -> None:
    with pytest.raises(Conflict, match="CALLCENTER_SECRETS_KEY"):
        Keyring.of(Settings()).seal(SECRET)
    with pytest.raises(ValueError, match="at least 32 characters"):
        Keyring.of(Settings(secrets_key="short"))
