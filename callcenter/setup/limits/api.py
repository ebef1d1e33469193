"""Limits over HTTP."""

from callcenter.setup.entries import api as entries_api
from callcenter.setup.limits.store import LIMITS

router = entries_api.router(LIMITS)
