"""The stack of a campaign with its three doors, from up to down."""

import asyncio
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from callcenter.platform.embedded.child import bound_to_parent
from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.ports import LOOPBACK, free_port
from callcenter.platform.entrypoints import status as status_command
from tests.campaign.proxies import WEBHOOK_PATH, ModelDoor, TcpDoor, WebhookDoor
from tests.stack import Stack, without_settings

MODEL_START_SECONDS = 30.0
HEALTHY_SECONDS = 25.0


@dataclass
class Ground:
    """A running stack and its doors."""

    stack: Stack
    database_url: str
    api: httpx.AsyncClient
    webhooks: WebhookDoor
    desk: TcpDoor
    models: TcpDoor
    model_server: ModelDoor

    async def status(self) -> dict[str, Any]:
        """What `callcenter status --json` prints, without the cost of a process."""
        return await asyncio.to_thread(status_command.read, DataFolder(self.stack.data_dir))

    async def parts(self, name: str) -> list[dict[str, Any]]:
        return [part for part in (await self.status())["parts"] if part["name"] == name and part["pid"]]

    async def healthy(self, seconds: float = HEALTHY_SECONDS) -> list[str]:
        """Wait until every part is healthy; the labels of those that are not by then."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            sick = [f"{p['name']} {p['replica']}" for p in (await self.status())["parts"] if not p["healthy"]]
            if not sick or asyncio.get_running_loop().time() > deadline:
                return sick
            await asyncio.sleep(0.3)

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows from Postgres; raises psycopg.Error while it is away."""
        async with await psycopg.AsyncConnection.connect(
            self.database_url, autocommit=True, connect_timeout=3
        ) as connection:
            return await (await connection.execute(query.encode(), values)).fetchall()


@asynccontextmanager
async def model_server() -> AsyncIterator[int]:
    """The embedded model server as a child of the campaign; its port."""
    port = free_port()
    environment = {**without_settings(os.environ), "PYTHONUNBUFFERED": "1", "PYTHON_DOTENV_DISABLED": "1"}
    process = subprocess.Popen(
        bound_to_parent((sys.executable, "-m", "callcenter.platform.embedded.model_server", "--port", str(port))),
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(MODEL_START_SECONDS):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"http://{LOOPBACK}:{port}/v1/models")).status_code == 200:
                        break
                await asyncio.sleep(0.2)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@asynccontextmanager
async def ground(model_port: int, dice: random.Random, keep_logs: Path, **settings: str) -> AsyncIterator[Ground]:
    """A stack with the doors in place; at the end everything is down and the logs are in `keep_logs`."""
    with tempfile.TemporaryDirectory(prefix="campaign-", ignore_cleanup_errors=True) as folder:
        hooks_port, desk_port, models_port, inner_port = (free_port() for _ in range(4))
        stack = Stack.planned(
            Path(folder) / "data",
            CALLCENTER_WEBHOOK_URL=f"http://{LOOPBACK}:{hooks_port}{WEBHOOK_PATH}",
            CALLCENTER_DESK_URL=f"ws://{LOOPBACK}:{desk_port}/desk",
            OPENAI_BASE_URL=f"http://{LOOPBACK}:{models_port}/v1",
            **settings,
        )
        http_port = int(stack.environment["CALLCENTER_HTTP_PORT"])
        desk, models = TcpDoor(desk_port, http_port), TcpDoor(models_port, inner_port)
        async with (
            WebhookDoor(hooks_port, f"http://{LOOPBACK}:{http_port}{WEBHOOK_PATH}", dice) as webhooks,
            ModelDoor(inner_port, f"http://{LOOPBACK}:{model_port}") as chaos,
        ):
            await desk.open()
            await models.open()
            try:
                await asyncio.to_thread(stack.up)
                key = await asyncio.to_thread(stack.key, "admin")
                url = str((await asyncio.to_thread(stack.status))["database_url"])
                headers = {"Authorization": f"Bearer {key}"}
                async with httpx.AsyncClient(base_url=stack.url, headers=headers, timeout=10, trust_env=False) as api:
                    yield Ground(stack, url, api, webhooks, desk, models, chaos)
            finally:
                await _down(stack, keep_logs)
                await desk.shut()
                await models.shut()


async def _down(stack: Stack, keep_logs: Path) -> None:
    """Down even when the campaign is being cancelled."""
    down = asyncio.ensure_future(asyncio.to_thread(stack.run, "down", seconds=90))
    try:
        await asyncio.shield(down)
    except asyncio.CancelledError:
        await down
        raise
    finally:
        logs = stack.data_dir / "logs"
        if logs.is_dir():
            shutil.copytree(logs, keep_logs, dirs_exist_ok=True)
