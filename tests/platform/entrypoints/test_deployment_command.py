"""`callcenter deployment …` against a real database."""

import pytest

from callcenter.platform.entrypoints import deployment
from callcenter.platform.plumbing.errors import Invalid, NotFound
from callcenter.platform.wire.settings import Settings

pytestmark = pytest.mark.postgres

NOBODY = {"workers": 0, "draining": 0, "seats": 0, "busy": 0}


def test_shares_are_set_listed_and_forgotten(database_url: str) -> None:
    settings = Settings(database_url=database_url)
    assert deployment.listed(settings) == []
    deployment.share(settings, "green", 30)
    deployment.share(settings, "green", 10)
    deployment.share(settings, "blue", 90)
    with pytest.raises(Invalid, match="share"):
        deployment.share(settings, "canary", 1)
    assert deployment.listed(settings) == [
        {"name": "blue", "share": 90, **NOBODY},
        {"name": "green", "share": 10, **NOBODY},
    ]
    deployment.forget(settings, "green")
    with pytest.raises(NotFound):
        deployment.forget(settings, "green")
    assert [item["name"] for item in deployment.listed(settings)] == ["blue"]
