"""The `callcenter` command. Each command imports what it runs only when it runs: `status` must not wait for LiveKit."""

# ruff: noqa: PLC0415

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from dotenv import load_dotenv
from pydantic import ValidationError

from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.logs import Echo
from callcenter.platform.embedded.parts import StartError
from callcenter.platform.entrypoints import setup_commands
from callcenter.platform.plumbing.errors import ProductError
from callcenter.platform.wire.settings import Settings

app = typer.Typer(
    help="An open-source AI contact center on LiveKit.", no_args_is_help=True, pretty_exceptions_enable=False
)
key_app = typer.Typer(help="API keys.", no_args_is_help=True)
user_app = typer.Typer(help="People who may sign in.", no_args_is_help=True)
rules_app = typer.Typer(help="Routing rules as files.", no_args_is_help=True)
worker_app = typer.Typer(help="Agent workers and attendants.", no_args_is_help=True)
deployment_app = typer.Typer(help="Releases side by side, and their shares of new calls.", no_args_is_help=True)
trunk_app = typer.Typer(help="Trunks, tried.", no_args_is_help=True)
app.add_typer(key_app, name="key")
app.add_typer(user_app, name="user")
app.add_typer(rules_app, name="rules")
app.add_typer(setup_commands.commands(lambda: _settings_of_running()), name="setup")  # noqa: PLW0108 (defined below)
app.add_typer(worker_app, name="worker")
app.add_typer(deployment_app, name="deployment")
app.add_typer(trunk_app, name="trunk")

_ONE_PROCESS = "One process of the product"
_EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells count


@app.command()
def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when everything is healthy, and go on.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Seed the demo company into an outside database.")] = False,
    ring: Annotated[bool, typer.Option("--ring", help="Ring the demo company once and show the transcript.")] = False,
    once: Annotated[bool, typer.Option("--once", help="With --ring: stop after that call.")] = False,
    echo: Annotated[Echo, typer.Option(help="Which lines of the parts' logs to show here.")] = Echo.EVERYTHING,
) -> None:
    """Start the whole stack on this machine and keep it running until Ctrl-C."""
    from callcenter.platform.entrypoints import up as stack

    if detach:
        raise typer.Exit(stack.up_detached(_settings(), demo=demo))
    raise typer.Exit(stack.up(_settings(), stack.UpOptions(demo=demo, ring=ring or once, once=once, echo=echo)))


@app.command()
def down() -> None:
    """Stop the stack; return when none of its processes is left."""
    from callcenter.platform.entrypoints import down as stack

    raise typer.Exit(stack.down(_settings()))


@app.command()
def restart(
    part: Annotated[str | None, typer.Argument(help="api, router, attendant or agent; all of them by default.")] = None,
) -> None:
    """Restart our own processes one by one, without losing a call. Workers finish their calls first."""
    from callcenter.platform.entrypoints import restart as rolling

    raise typer.Exit(rolling.restart(_settings(), part))


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show what runs. Exit code 0 when everything is up, 3 otherwise."""
    from callcenter.platform.entrypoints import status as report

    raise typer.Exit(report.status(_settings(), as_json=as_json))


@app.command("demo-call")
def demo_call() -> None:
    """Ring the demo company once from a scripted phone and print the transcript as it grows."""
    from callcenter.platform.entrypoints import demo_call

    raise typer.Exit(demo_call.run(_settings_of_running()))


@app.command()
def migrate() -> None:
    """Bring the database's schema to this version."""
    from callcenter.platform.entrypoints import migrate

    migrate.run(_settings_of_running())


@app.command()
def seed(
    passwords_file: Annotated[Path, typer.Option(help="JSON {email: password} of its users; made if there is none.")],
) -> None:
    """Put the demo company into an empty database."""
    from callcenter.platform.embedded.secrets import ensure_logins
    from callcenter.platform.entrypoints import seed

    ensure_logins(passwords_file)
    seed.run(_settings_of_running(), passwords_file)


@app.command(rich_help_panel=_ONE_PROCESS)
def api() -> None:
    """Console, admin and supervisor API, LiveKit webhooks, desk."""
    from callcenter.platform.entrypoints import api

    api.run(_settings())


@app.command(rich_help_panel=_ONE_PROCESS)
def router() -> None:
    """Matching, leases, sweeps, reconciling with LiveKit."""
    from callcenter.platform.entrypoints import router

    router.run(_settings())


@app.command(rich_help_panel=_ONE_PROCESS)
def attendant() -> None:
    """Keeps waiting callers company."""
    from callcenter.platform.entrypoints import attendant

    attendant.run(_settings())


@app.command(rich_help_panel=_ONE_PROCESS)
def agent() -> None:
    """One agent worker with its seats."""
    from callcenter.platform.entrypoints import agent

    agent.run(_settings())


@app.command("lost-legs", rich_help_panel=_ONE_PROCESS)
def lost_legs(sip_pid: Annotated[int, typer.Argument(help="The livekit-sip that runs now.")]) -> None:
    """End the calls of a livekit-sip that died on this machine, where it is the only one. `up` does so by itself."""
    from callcenter.platform.entrypoints import lost_legs

    sys.stdout.write(f"{lost_legs.run(_settings_of_running(), sip_pid)} calls ended.\n")


@key_app.command("add")
def key_add(
    role: Annotated[str, typer.Option(help="admin, supervisor, analyst or viewer")],
    user: Annotated[str | None, typer.Option(help="E-mail of the person who acts with it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make an API key. It is shown once and stored hashed."""
    from callcenter.platform.entrypoints import key

    made = key.add(_settings_of_running(), role, user)
    sys.stdout.write(json.dumps({"key": made}) + "\n" if as_json else f"{made}\n")


@user_app.command("add")
def user_add(
    email: Annotated[str, typer.Option(help="Who signs in.")],
    role: Annotated[str, typer.Option(help="admin, supervisor, analyst or viewer")],
    name: Annotated[str | None, typer.Option(help="Shown in the console; else the email's first part.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a user. The password is made here, shown once and stored hashed."""
    from callcenter.platform.entrypoints import user

    password = user.add(_settings_of_running(), email, role, name)
    made = json.dumps({"email": email, "password": password}) if as_json else f"{email}  {password}"
    sys.stdout.write(made + "\n")


@rules_app.command("validate")
def rules_validate(file: Path) -> None:
    """Check a rule set without publishing it."""
    from callcenter.platform.entrypoints import rules

    rules.validate(_settings_of_running(), file)
    sys.stdout.write("The rule set is valid.\n")


@rules_app.command("publish")
def rules_publish(file: Path) -> None:
    """Check a rule set and make it the one that decides."""
    from callcenter.platform.entrypoints import rules

    version = rules.publish(_settings_of_running(), file)
    sys.stdout.write(f"Published as version {version}.\n")


@worker_app.command("drain")
def worker_drain(
    name: Annotated[str, typer.Argument(help="`worker` in `callcenter status --json`.")],
    within: Annotated[
        float | None, typer.Option(min=0, help="Seconds until its calls are handed over; else the setting's.")
    ] = None,
) -> None:
    """Let a worker finish its calls, take no new ones and exit."""
    from callcenter.platform.entrypoints import worker

    worker.drain(_settings_of_running(), name, within)


@deployment_app.command("list")
def deployment_list(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show every deployment with its share of new calls, workers and seats."""
    from callcenter.platform.entrypoints import deployment

    items = deployment.listed(_settings_of_running())
    if as_json:
        sys.stdout.write(json.dumps({"items": items, "next_cursor": None}) + "\n")
        return
    for item in items:
        percent = "the rest" if item["share"] is None else f"{item['share']} %"
        name = item["name"] or '""'
        sys.stdout.write(f"{name:<24} {percent:>8}  {item['workers']} workers  {item['busy']}/{item['seats']} seats\n")


@deployment_app.command("share")
def deployment_share(
    name: Annotated[str, typer.Argument(help="CALLCENTER_DEPLOYMENT of its workers.")],
    percent: Annotated[int, typer.Argument(help="Of new calls; 0: only when nobody else has a seat.")],
) -> None:
    """Set what percentage of new calls a deployment gets, from the next call on."""
    from callcenter.platform.entrypoints import deployment

    deployment.share(_settings_of_running(), name, percent)


@deployment_app.command("forget")
def deployment_forget(name: str) -> None:
    """Take a deployment's share away: it gets its part of what the others leave."""
    from callcenter.platform.entrypoints import deployment

    deployment.forget(_settings_of_running(), name)


@trunk_app.command("call")
def trunk_call(
    number: Annotated[str, typer.Argument(help="In E.164, such as +493023125001.")],
    trunk: Annotated[str, typer.Option(help="The outbound trunk's name in the trunk file.")],
    seconds: Annotated[float, typer.Option(min=1, max=60, help="How long to talk, in tones.")] = 5,
    ring: Annotated[float, typer.Option(min=1, max=75, help="Seconds to let it ring.")] = 30,
) -> None:
    """Call somebody through an outbound trunk, if its guard allows, and say what happens. 0 if it was answered."""
    from callcenter.platform.entrypoints import trial_call

    raise typer.Exit(trial_call.run(_settings_of_running(), number, trunk, seconds, ring))


def main() -> None:
    """The console script. `.env` in the working directory fills in what the environment leaves open."""
    load_dotenv(Path(".env"))
    try:
        app()
    except StartError as error:
        sys.stderr.write(f"callcenter: {error}\n")
        sys.exit(1)
    except ProductError as error:
        sys.stderr.write(f"callcenter: {error.message}\n")
        for wrong in error.errors:
            sys.stderr.write(f"  {wrong.field}: {wrong.value!r}; expected {wrong.expected}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.stderr.write("callcenter: interrupted\n")
        sys.exit(_EXIT_INTERRUPTED)
    except Exception as error:
        if (reason := _no_connection(error)) is None:
            raise
        sys.stderr.write(
            f"callcenter: no connection to the database: {reason}; `callcenter status` shows what runs, "
            "`callcenter up` starts it\n"
        )
        sys.exit(1)


def _no_connection(error: Exception) -> str | None:
    """Why the database could not be reached, if that is what this error says; it is one of a statement otherwise."""
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy.exc import OperationalError

    if not isinstance(error, OperationalError) or error.statement is not None:
        return None
    return str(error.orig).splitlines()[0].removeprefix("connection failed: ")


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"])
            variable = name if name.isupper() else f"CALLCENTER_{name.upper()}"
            sys.stderr.write(f"callcenter: {variable}={problem['input']}: {problem['msg']}\n")
        sys.exit(1)


def _settings_of_running() -> Settings:
    """What the environment names, and for the rest the settings of the stack on this data folder."""
    for name, value in DataFolder(_settings().data_dir).read_environment().items():
        if not os.environ.get(name):
            os.environ[name] = value
    settings = _settings()
    if not settings.database_url:
        raise StartError(f"no stack has run on {settings.data_dir}: `callcenter up` first, or set DATABASE_URL")
    return settings


if __name__ == "__main__":
    main()
