"""The same number of jobs through pgqueuer and through procrastinate: fetched one at a time, done, marked done."""

import logging
import time

import procrastinate
import psycopg
from pgqueuer import PgQueuer, Queries
from pgqueuer.db import PsycopgDriver
from pgqueuer.models import Job
from pgqueuer.types import QueueExecutionMode


async def pgqueuer(url: str, jobs: int) -> float:
    """Seconds for so many jobs with batch size 1, in an empty database."""
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    driver = PsycopgDriver(connection)
    queries = Queries(driver)
    await queries.install()
    await queries.enqueue(["bench"] * jobs, [None] * jobs, [0] * jobs)
    queuer = PgQueuer(driver)
    done = 0

    @queuer.entrypoint("bench")
    async def work(_: Job) -> None:
        nonlocal done
        done += 1

    started = time.perf_counter()
    await queuer.run(batch_size=1, mode=QueueExecutionMode.drain)
    seconds = time.perf_counter() - started
    await connection.close()
    if done != jobs:
        raise RuntimeError(f"pgqueuer did {done} jobs, expected {jobs}")
    return seconds


async def procrastinate_(url: str, jobs: int) -> float:
    """Seconds for so many jobs with one worker and concurrency 1, in an empty database."""
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))
    done = 0

    @app.task(queue="bench")
    async def work() -> None:
        nonlocal done
        done += 1

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await work.batch_defer_async(*({} for _ in range(jobs)))
        started = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=1, install_signal_handlers=False, listen_notify=False)
        seconds = time.perf_counter() - started
    if done != jobs:
        raise RuntimeError(f"procrastinate did {done} jobs, expected {jobs}")
    return seconds
