"""Known callers over HTTP."""

from callcenter.setup.callers.store import CALLERS
from callcenter.setup.entries import api as entries_api
from callcenter.setup.users.rules import Permission

router = entries_api.router(CALLERS, Permission.SEE_NUMBERS)
