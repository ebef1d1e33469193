"""Calendars that are tried before they are stored, and the public holidays there are."""

import pytest

from callcenter.setup.users.model import Role
from tests.platform.api.fixtures import world
from tests.platform.api.world import World

__all__ = ["world"]
pytestmark = pytest.mark.postgres

AT = "2026-12-24T20:00:00Z"
CALENDAR = {
    "zone": "Europe/Berlin",
    "weekly": {"thu": ["20:00-02:00"], "fri": ["08:00-18:00"]},
    "holidays": {"country": "DE"},
    "exceptions": [{"date": "2026-12-28", "open": ["10:00-12:00"], "name": "Stocktaking"}],
}


async def test_a_calendar_that_is_not_stored_says_whether_it_would_be_open_and_its_next_days(world: World) -> None:
    async with await world.reader(Role.VIEWER) as viewer:
        answer = await viewer.post("/api/calendars/preview", json={"calendar": CALENDAR, "at": AT})
        assert answer.status_code == 200, answer.text
        assert (await viewer.get("/api/calendars")).json()["items"] == []
    seen = answer.json()
    assert (seen["open"], seen["because"]) == (True, "21:00 Europe/Berlin is within Thu 20:00–02:00")
    days = {day["date"]: day for day in seen["days"]}
    assert len(days) == 14
    assert days["2026-12-24"]["open"] == ["20:00–02:00"]
    assert (days["2026-12-25"]["open"], days["2026-12-25"]["holiday"]) == ([], "Christmas Day")
    assert (days["2026-12-28"]["open"], days["2026-12-28"]["exception"]) == (["10:00–12:00"], "Stocktaking")


async def test_what_is_wrong_in_a_tried_calendar_is_named(world: World) -> None:
    async with await world.reader(Role.VIEWER) as viewer:
        wrong = {"calendar": {"zone": "Mars/Base", "weekly": {"mon": ["8-18"]}}}
        refused = await viewer.post("/api/calendars/preview", json=wrong)
        assert refused.status_code == 422
        assert [each["field"] for each in refused.json()["errors"]] == ["calendar.zone", "calendar.weekly.mon.0"]
        never = {"calendar": {"zone": "Asia/Tokyo"}, "at": "9999-12-31T20:00:00Z"}
        assert (await viewer.post("/api/calendars/preview", json=never)).status_code == 422


async def test_public_holidays_are_told_by_country_part_and_year(world: World) -> None:
    async with await world.reader(Role.VIEWER) as viewer:
        countries = (await viewer.get("/api/public-holidays")).json()["items"]
        assert "BE" in next(each["subdivisions"] for each in countries if each["country"] == "DE")
        berlin = await viewer.get("/api/public-holidays/DE", params={"year": 2026, "subdivision": "BE"})
        assert {"date": "2026-03-08", "name": "Women's Day"} in berlin.json()["items"]
        assert (await viewer.get("/api/public-holidays/XX", params={"year": 2026})).status_code == 404
        part = await viewer.get("/api/public-holidays/DE", params={"year": 2026, "subdivision": "ZZ"})
        assert (part.status_code, part.json()["errors"][0]["field"]) == (422, "query.subdivision")
