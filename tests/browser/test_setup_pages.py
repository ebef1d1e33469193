"""The set-up pages at a desk without a telephone: what calls would have left behind is entered by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from callcenter.platform.plumbing.ids import new_id
from callcenter.records.voicemails.model import Voicemail, VoicemailPart
from callcenter.setup.users.model import Role
from callcenter.stages.callbacks.model import CallBack
from sip.existing_fake import FakeSipServer
from tests.browser.office import Office
from tests.platform.api.world import World
from tests.setup.sounds.test_sounds_api import Spoken
from tests.sip.test_standing import applied

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NOW = datetime.now(UTC)
SECONDS = 4


async def test_an_admin_sets_up_the_house_and_nothing_that_two_do_at_once_is_lost(office: Office) -> None:
    office.app.state.voice = Spoken()
    office.app.state.stored_trunks = (await changed_by_hand()).existing
    await calls_of_yesterday(World(office.app, office.database))
    await office.see("setup-pages", Role.ADMIN)


async def changed_by_hand() -> FakeSipServer:
    """A LiveKit whose trunk somebody has changed past the files."""
    server = FakeSipServer()
    await applied(server)
    id, demo = next((id, trunk) for id, trunk in server.trunks.items() if trunk.name == "demo")
    server.trunks[id] = replace(demo, addresses=("10.0.0.0/8",))
    return server


async def calls_of_yesterday(world: World) -> None:
    """A call that left a message and a call-back, and one that was refused."""
    ended = {"state": "ended", "ended_at": NOW, "ended_by": "caller", "trunk": "demo", "from_number": "+4930123456"}
    left = await world.call(outcome="voicemail", arrived_at=NOW - timedelta(hours=3), to_number="+15550102", **ended)
    refused = {"outcome": "refused", "to_number": "+15550199", "trace": ["+15550199 is not in service"]}
    await world.call(arrived_at=NOW - timedelta(hours=2), **ended, **refused)
    message = new_id()
    async with world.database.transaction() as tx:
        await tx.execute(
            sa.insert(Voicemail).values(
                id=message, call_id=left, offer_id=new_id(), box="back_office", caller="+4930123456", language="en",
                state="transcribed", started_at=NOW - timedelta(hours=3), parts=1, samples=8000 * SECONDS,
                voiced_seconds=SECONDS, transcript="Please call me about order 4712.",
            )
        )  # fmt: skip
        quiet = b"\xff" * (8000 * SECONDS)
        await tx.execute(sa.insert(VoicemailPart).values(voicemail_id=message, seq=1, first_sample=0, audio=quiet))
        await tx.execute(
            sa.insert(CallBack).values(
                id=new_id(), number="+4930123456", queue="back_office", profile="shop", entered_at=NOW, state="planned",
                attempts=1, next_attempt_at=NOW + timedelta(minutes=5), last_failure="no_answer", origin_call_id=left,
            )
        )  # fmt: skip
