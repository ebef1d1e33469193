import json
from pathlib import Path

import pytest

from callcenter.platform.entrypoints import openapi

pytestmark = pytest.mark.pure
COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"


def test_the_committed_schema_is_the_applications() -> None:
    made = openapi.text()
    hint = "run: python -m callcenter.platform.entrypoints.openapi > docs/openapi.json"
    assert COMMITTED.read_text() == made, hint


def test_every_operation_has_a_name_a_description_and_problems() -> None:
    schema = json.loads(COMMITTED.read_text())
    names = []
    for path in schema["paths"].values():
        for operation in path.values():
            names.append(operation["operationId"])
            assert operation["description"]
            problem = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
            assert problem == {"$ref": "#/components/schemas/Problem"}
    assert len(names) == len(set(names))
    assert "HTTPValidationError" not in schema["components"]["schemas"]


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    text = COMMITTED.read_text()
    schema = json.loads(text)
    wanted = {part.split('"', 1)[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}
    assert wanted <= schema["components"]["schemas"].keys()
