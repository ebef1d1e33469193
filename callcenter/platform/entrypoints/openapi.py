"""`python -m callcenter.platform.entrypoints.openapi > docs/openapi.json`: the API's schema, without a server."""

import json
import sys

from callcenter.platform.api.app import create_app
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.settings import Settings


def text() -> str:
    """The schema as it is committed: sorted nowhere, two spaces, one newline at the end."""
    app = create_app(Database("postgresql://127.0.0.1/none"), Settings())
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
