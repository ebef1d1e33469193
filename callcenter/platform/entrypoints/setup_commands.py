"""The command line of `callcenter setup`."""

# ruff: noqa: PLC0415

import sys
from collections.abc import Callable
from pathlib import Path

import typer

from callcenter.platform.wire.settings import Settings


def commands(settings: Callable[[], Settings]) -> typer.Typer:
    """`validate` and `apply`; `settings` are those of the running product."""
    app = typer.Typer(help="Calendars, callers, lists, queues, numbers as files.", no_args_is_help=True)

    @app.command("validate")
    def validate(file: Path) -> None:
        """Check what a file names without entering it."""
        from callcenter.platform.entrypoints import setup

        setup.validate(settings(), file)
        sys.stdout.write("The file is valid.\n")

    @app.command("apply")
    def apply(file: Path) -> None:
        """Enter what a file names, all or nothing; what it does not name stays as it is."""
        from callcenter.platform.entrypoints import setup

        counts = setup.run(settings(), file)
        sys.stdout.write((", ".join(f"{number} {word}" for word, number in counts.items()) or "nothing named") + ".\n")

    return app
