"""Entering the demo company into an empty database."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from callcenter.platform.entrypoints import setup
from callcenter.platform.plumbing.db import Database, Tx
from callcenter.platform.wire.settings import Settings
from callcenter.setup.audit.rules import command
from callcenter.setup.orders import store as orders
from callcenter.setup.orders.store import OrderRow
from callcenter.setup.profiles import store as profiles
from callcenter.setup.profiles.rules import ProfileBody
from callcenter.setup.rule_sets import flow as rule_sets
from callcenter.setup.rule_sets import store as published_rules
from callcenter.setup.users import flow as users

SETUP = Path(__file__).parents[2] / "setup"
SEEDER = command("the demo company")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def run(settings: Settings, passwords_file: Path) -> None:
    """Enter the demo company unless a rule set is published already. `passwords_file` is JSON: e-mail → password."""
    asyncio.run(_seed(settings, json.loads(passwords_file.read_text())))


async def _seed(settings: Settings, passwords: dict[str, str]) -> None:
    db = Database(settings.database_url, pool_size=1)
    try:
        async with db.transaction() as tx:
            if await published_rules.published(tx) is None:
                await seed(tx, passwords, datetime.now(UTC).date())
    finally:
        await db.close()


async def seed(tx: Tx, passwords: dict[str, str], today: date) -> None:
    """Write users, profiles, orders, all that is kept by name, and publish the demo rules, in one transaction."""
    company = yaml.safe_load((SETUP / "demo_company.yaml").read_text())
    await users.seed_users(tx, [(u["email"], u["name"], u["role"], passwords[u["email"]]) for u in company["users"]])
    for name, body in company["profiles"].items():
        await profiles.put(tx, name, ProfileBody.model_validate(body))
    await setup.apply(tx, {name: company[name] for name in setup.SECTIONS if name in company}, SEEDER)
    for order in company["orders"]:
        await orders.put(tx, _order(order, today))
    await rule_sets.publish(tx, yaml.safe_load((SETUP / "demo_rules.yaml").read_text()), "The demo company's rules")


def _order(order: dict[str, Any], today: date) -> OrderRow:
    """Dates of the demo orders are relative to the day of seeding."""
    expected: date | None = None
    if "expected_in_days" in order:
        expected = today + timedelta(days=order["expected_in_days"])
    elif "expected_weekday" in order:
        ahead = (WEEKDAYS.index(order["expected_weekday"]) - today.weekday()) % 7 or 7
        expected = today + timedelta(days=ahead)
    since = today - timedelta(days=order["shipped_days_ago"])
    return OrderRow(order["number"], order["status"], since, expected, order["detail"])
