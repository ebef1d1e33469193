"""Run the console's own browser tests (admin/e2e)."""

import asyncio
import os
from pathlib import Path

ADMIN = Path(__file__).parents[2] / "admin"


async def playwright(spec: str, **environment: str) -> tuple[int, str]:
    """Run one spec of the console's own browser tests; its exit code and output, and what the page showed where one
    failed."""
    results = ADMIN / "test-results" / spec
    process = await asyncio.create_subprocess_exec(
        "npx", "--no-install", "playwright", "test", spec, "--output", str(results),
        cwd=ADMIN, env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    shown = [page.read_text() for page in sorted(results.glob("*/error-context.md"))] if process.returncode else []
    return process.returncode or 0, "\n".join([output.decode(errors="replace"), *shown])
