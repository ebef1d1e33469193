"""One run: the parts one after the other, block by block; what was measured is on disk after each block."""

import logging
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from bench import script
from bench.assign.blocks import assign_block, matcher
from bench.assign.databases import durable_postgres
from bench.calls import references, setup_block, talk_block, waiting_block
from bench.engine import Bench, beside, own_stack
from bench.plan import Plan
from bench.samples import Run, Sample

log = logging.getLogger(__name__)

CALL_PARTS = ("waiting", "setup", "talk")


async def measure(plan: Plan, run: Run, bench: Bench | None = None) -> None:
    """Take all samples of the plan into `run`; a stack of its own is started unless one is given.

    A block that fails is logged and the run goes on. When cancelled, everything that was started is ended again.
    """
    if "assign" in plan.blocks:
        await _assign(plan, run)
    if not any(part in plan.blocks for part in CALL_PARTS):
        return
    async with AsyncExitStack() as opened:
        if bench is None:
            folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True))
            stack = await opened.enter_async_context(own_stack(Path(folder) / "data"))
            bench = await opened.enter_async_context(beside(stack, plan.arms))
        await _calls(plan, run, bench)


async def _assign(plan: Plan, run: Run) -> None:
    with durable_postgres() as server:
        async with matcher(server) as journey:
            for block in range(plan.blocks["assign"]):
                await _keep("assign", block, plan, run, assign_block(journey, server, block, plan.assign_count))


async def _calls(plan: Plan, run: Run, bench: Bench) -> None:
    for block in range(plan.blocks.get("waiting", 0)):
        await _keep("waiting", block, plan, run, waiting_block(bench, block))
    for block in range(plan.blocks.get("setup", 0)):
        await _keep("setup", block, plan, run, setup_block(bench, block, plan.arms))
    if "talk" in plan.blocks:
        answers = await references(bench)
        for block in range(plan.blocks["talk"]):
            scene = script.draw(block, plan.seed, plan.turns, disturbed=plan.disturbed, pauses=plan.pauses)
            await _keep("talk", block, plan, run, talk_block(bench, block, plan.arms, scene, answers))


async def _keep(part: str, block: int, plan: Plan, run: Run, samples: AsyncIterator[Sample]) -> None:
    began, before = time.monotonic(), len(run.samples)
    try:
        async for sample in samples:
            run.samples.append(sample)
    except Exception as error:
        run.failed_blocks.append(f"{part} {block}: {type(error).__name__}: {error}")
        log.warning("a block failed: %s", run.failed_blocks[-1])
    finally:
        run.save()
    taken = run.samples[before:]
    good = sum(sample.counts for sample in taken)
    print(
        f"  {part} {block + 1}/{plan.blocks[part]}: {good} samples, {len(taken) - good} without a value or void, "
        f"{time.monotonic() - began:.0f} s",
        flush=True,
    )
