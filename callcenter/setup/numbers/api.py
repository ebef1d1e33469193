"""The company's numbers over HTTP."""

from callcenter.setup.entries import api as entries_api
from callcenter.setup.numbers.store import NUMBERS

router = entries_api.router(NUMBERS)
