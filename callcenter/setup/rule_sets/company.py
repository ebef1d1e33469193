"""What the company has that its rules may name."""

from callcenter.platform.plumbing.db import Tx
from callcenter.setup.calendars import store as calendars
from callcenter.setup.caller_lists import store as caller_lists
from callcenter.setup.numbers import store as numbers
from callcenter.setup.profiles import store as profiles
from callcenter.setup.queues import store as queues
from callcenter.setup.rule_sets.names import Known
from callcenter.setup.skills import store as skills
from callcenter.setup.sounds import store as sounds
from callcenter.setup.sounds.model import SoundKind


async def known(tx: Tx, trunks: frozenset[str] | None = None) -> Known:
    """As it stands now. `trunks` are the outbound ones, where the media server could be asked."""
    every_queue = await queues.bodies(tx)
    required = {skill for queue in every_queue.values() for skill in queue.required_skills}
    return Known(
        queues=every_queue,
        profiles=frozenset(await profiles.names(tx)),
        numbers=tuple(await numbers.all_numbers(tx)),
        calendars=frozenset(await calendars.names(tx)),
        lists=frozenset(await caller_lists.names(tx)),
        skills=await skills.names(tx) | required,
        trunks=trunks,
        sounds=await sounds.names(tx, SoundKind.MESSAGE),
    )
