import pytest

from tests.platform.api.fixtures import world

__all__ = ["world"]


@pytest.fixture
def database_url(company_database_url: str) -> str:
    """The API of this folder's tests finds the demo company."""
    return company_database_url
