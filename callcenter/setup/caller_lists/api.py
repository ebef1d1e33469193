"""Caller lists over HTTP."""

from callcenter.setup.caller_lists.store import CALLER_LISTS
from callcenter.setup.entries import api as entries_api

router = entries_api.router(CALLER_LISTS)
