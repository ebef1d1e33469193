"""Queues over HTTP."""

from callcenter.setup.entries import api as entries_api
from callcenter.setup.queues.store import QUEUES

router = entries_api.router(QUEUES)
