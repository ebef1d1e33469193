"""One engine for all arms: the product's embedded stack, and beside it the baselines with trunks of their own."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from livekit import api
from livekit.protocol import sip as proto

from bench.arms import ARMS, BASELINES, NUMBERS, Arm, agent_name
from bench.cost import Groups
from callcenter.platform.embedded.child import bound_to_parent
from tests.stack import Stack

READY_SECONDS = 60.0
LOOPBACK_NETWORK = "127.0.0.0/8"
ENGINE_PARTS = ("livekit-server", "livekit-sip")


@dataclass(frozen=True)
class Bench:
    """What the parts of a run work with: the stack, and who is a process of what."""

    stack: Stack
    workers: Mapping[Arm, int]

    @property
    def sip(self) -> tuple[str, int]:
        return self.stack.sip

    def groups(self) -> Groups:
        """The processes to count, by what they are for; each pid stands for its whole tree."""
        parts = self.stack.status()["parts"]
        engine = [part["pid"] for part in parts if part["name"] in ENGINE_PARTS]
        attendants = [part["pid"] for part in parts if part["name"] == "attendant"]
        workers = {f"worker {arm}": [pid] for arm, pid in self.workers.items()}
        control = [part["pid"] for part in parts if part["name"] in ("api", "router")]
        return {**workers, "engine": engine, "attendant": attendants, "control": control}


@asynccontextmanager
async def own_stack(data_dir: Path) -> AsyncIterator[Stack]:
    """The whole product on ports and in a folder of its own; down at the end, also when the run is cancelled."""
    stack = Stack.planned(
        data_dir, CALLCENTER_MODEL_STT_MS="0", CALLCENTER_MODEL_LLM_MS="0", CALLCENTER_MODEL_TTS_MS="0"
    )
    try:
        await asyncio.to_thread(stack.up)
        yield stack
    finally:
        await asyncio.shield(asyncio.to_thread(stack.run, "down", seconds=60))


@asynccontextmanager
async def beside(stack: Stack, arms: Sequence[Arm] = ARMS) -> AsyncIterator[Bench]:
    """The baselines beside a running stack; their workers, trunks and rules are gone at the end."""
    baselines = [arm for arm in BASELINES if arm in arms]
    async with AsyncExitStack() as opened:
        workers = {Arm.OURS: int(stack.part("agent")["pid"])}
        started = [opened.enter_async_context(_worker(stack, arm)) for arm in baselines]
        for arm, worker in zip(baselines, started, strict=True):
            workers[arm] = await worker
            await opened.enter_async_context(_trunk(stack, arm))
        yield Bench(stack, workers)


@asynccontextmanager
async def _worker(stack: Stack, arm: Arm) -> AsyncIterator[int]:
    """Yields the pid of a registered baseline worker."""
    running = stack.env
    environment = {
        **os.environ, "LIVEKIT_URL": running["LIVEKIT_URL"], "LIVEKIT_API_KEY": running["LIVEKIT_API_KEY"],
        "LIVEKIT_API_SECRET": running["LIVEKIT_API_SECRET"], "OPENAI_BASE_URL": running["OPENAI_BASE_URL"],
        "OPENAI_API_KEY": running["OPENAI_API_KEY"], "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    with (stack.data_dir / "logs" / f"baseline-{arm}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *bound_to_parent((sys.executable, "-m", "bench.baseline", str(arm))),
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=log, start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            async with asyncio.timeout(READY_SECONDS):
                line = await process.stdout.readline()
            if line.strip() != b"ready":
                raise RuntimeError(f"the baseline {arm} did not start, see {log.name}")
            yield process.pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


@asynccontextmanager
async def _trunk(stack: Stack, arm: Arm) -> AsyncIterator[None]:
    """A number for this arm whose dispatch rule names the agent, as LiveKit's documentation shows it. The rooms' names
    are none of ours, so that the product leaves these calls alone."""
    running = stack.env
    livekit = api.LiveKitAPI(running["LIVEKIT_URL"], running["LIVEKIT_API_KEY"], running["LIVEKIT_API_SECRET"])
    async with livekit:
        inbound = proto.SIPInboundTrunkInfo(
            name=agent_name(arm), numbers=[NUMBERS[arm]], allowed_addresses=[LOOPBACK_NETWORK]
        )
        trunk = await livekit.sip.create_inbound_trunk(proto.CreateSIPInboundTrunkRequest(trunk=inbound))
        rule_id = ""
        try:
            individual = proto.SIPDispatchRuleIndividual(room_prefix=agent_name(arm))
            rule = proto.SIPDispatchRuleInfo(
                name=agent_name(arm),
                trunk_ids=[trunk.sip_trunk_id],
                rule=proto.SIPDispatchRule(dispatch_rule_individual=individual),
                room_config=api.RoomConfiguration(agents=[api.RoomAgentDispatch(agent_name=agent_name(arm))]),
            )
            request = proto.CreateSIPDispatchRuleRequest(dispatch_rule=rule)
            rule_id = (await livekit.sip.create_dispatch_rule(request)).sip_dispatch_rule_id
            yield
        finally:
            if rule_id:
                await livekit.sip.delete_dispatch_rule(proto.DeleteSIPDispatchRuleRequest(sip_dispatch_rule_id=rule_id))
            await livekit.sip.delete_trunk(proto.DeleteSIPTrunkRequest(sip_trunk_id=trunk.sip_trunk_id))
