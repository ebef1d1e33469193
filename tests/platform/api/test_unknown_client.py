"""A client that knows nothing but the schema tries every operation: it never meets a 5xx or an undocumented answer."""

import asyncio
import json
import os
import sys
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from callcenter.setup.users.model import Role
from tests.platform.api.world import World
from tests.platform.events.listening import served

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(400)]

EXAMPLES = 6  # of each operation and phase: about a minute of CPU
SEED = 20261122
MOST_SECONDS = 60
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# An endless answer, and one that would end the session or wait for a password's hash.
LEFT_OUT = ("/api/events", "/api/session/password")


async def strict(url: str, folder: Path) -> Path:
    """The schema without its `default` answers, which would document everything."""
    async with httpx.AsyncClient() as client:
        schema = (await client.get(f"{url}/openapi.json")).json()
    for path in schema["paths"].values():
        for operation in path.values():
            operation["responses"].pop("default", None)
            if "audio/wav" in operation.get("requestBody", {}).get("content", {}):
                del operation["requestBody"]  # it cannot make sounds; whoever sends none is refused
    file = folder / "schema.json"
    file.write_text(json.dumps(schema))
    return file


async def test_whoever_knows_only_the_schema_meets_no_5xx_and_nothing_undocumented(
    world: World, api_process: FastAPI, tmp_path: Path
) -> None:
    key = await world.key(Role.ADMIN)
    async with served(api_process) as url:
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", str(await strict(url, tmp_path)), "--url", url,
            "-H", f"Authorization: Bearer {key}", "--checks", CHECKS, "--max-examples", str(EXAMPLES),
            "--seed", str(SEED), "--max-time", str(MOST_SECONDS),
            "--phases", "examples,fuzzing", "--mode", "all", "--workers", "1",
            "--generation-database", "none", "--suppress-health-check", "all", "--no-color", "--continue-on-failure",
        ]  # fmt: skip
        for path in LEFT_OUT:
            command += ["--exclude-path", path]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=tmp_path, env=os.environ | {"SCHEMATHESIS_TELEMETRY": "0"},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output = (await process.communicate())[0].decode(errors="replace")
    assert process.returncode == 0, output
