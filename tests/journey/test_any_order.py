"""Every verb in any order on a real Postgres, beside a media server that fails now and then: the invariants hold after
every step (I1, I2, I3, I4, I5)."""

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from tests.journey.machine import machine
from tests.journey.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(900)]

STEPS = int(os.environ.get("MACHINE_STEPS", "50"))
RUNS = int(os.environ.get("MACHINE_RUNS", "200"))


@pytest.fixture
def world(company_database_url: str) -> Iterator[World]:
    opened = World(company_database_url)
    yield opened
    opened.close()


def test_invariants_hold_whatever_happens_in_whatever_order(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)  # thousands of lost workers and failed effects are what it is about
    run_state_machine_as_test(
        machine(world),
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
