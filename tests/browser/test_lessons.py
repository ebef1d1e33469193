"""Lessons are reviewed in the console: by admins, and read by whoever reads calls."""

from typing import Any

import pytest

from callcenter.journey.effects import Performer
from callcenter.journey.verb import Journey
from callcenter.platform.wire.brief import Endpoint
from callcenter.platform.wire.knowledge import SEARCH_KNOWLEDGE
from callcenter.setup.profiles import store as profiles
from callcenter.setup.profiles.rules import ProfileBody
from callcenter.setup.users.model import Role
from tests.browser.office import Office
from tests.inroom.fake_models import FakeModels, Reply
from tests.journey.company import TIMING, Company
from tests.journey.rooms import NotedRooms
from tests.stages.escalation.supervisors import Supervisors
from tests.stages.learning.lessons import ANSWER, QUESTION, Learning

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

OTHERS = (
    ("Does your kettle descaler work for espresso machines also?", "Yes, but only half a sachet, then rinse twice."),
    (QUESTION, "No, it would harm the seals and void the warranty."),
    ("Where can I park a cargo bike?", "Behind the red gate. Ring us if it is shut."),
    ("Can the blue teapot go into the dishwasher?", "Yes, on the upper rack and without its cork lid."),
)


def think(messages: list[dict[str, Any]]) -> Reply:
    """An agent's model that looks things up and knows nothing by itself."""
    last = messages[-1]
    if last["role"] == "user":
        return Reply(tools=((SEARCH_KNOWLEDGE, {"question": last["content"]}),))
    return Reply("Half a sachet will do, and rinse it twice." if ANSWER in last["content"] else "I do not know that.")


async def test_lessons_are_reviewed_by_admins_and_read_by_others(office: Office) -> None:
    rooms = NotedRooms()
    journey = Journey(office.database, Performer(office.database, rooms), TIMING)
    company = Company(journey, rooms)
    async with FakeModels(think) as models:
        learning = Learning(company, Supervisors(company), models)
        for question, answer in ((QUESTION, ANSWER), *OTHERS):
            await learning.asked(question, answer)
        models.think = think
        await company.sql("UPDATE lessons SET answer = replace(answer, 'us', '+49 30 1234567') WHERE answer ~ 'Ring'")
        async with office.database.transaction() as tx:
            shop = await profiles.get(tx, "shop")
            llm = Endpoint(model="m", base_url=models.url)
            own = {name: getattr(shop, name) for name in ProfileBody.model_fields if name not in ("stt", "llm", "tts")}
            await profiles.put(tx, "shop", ProfileBody(**own, llm=llm))
        await office.see("lessons.spec", Role.SUPERVISOR, CONSOLE_MAY_REVIEW="no")
        await office.see("lessons.spec", Role.ADMIN, CONSOLE_MAY_REVIEW="yes")
