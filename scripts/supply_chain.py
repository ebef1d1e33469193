"""`make supply-chain`: locks, known vulnerabilities, secrets, bills of materials. Needs what `make setup` installs.

A database that is not reached makes a printed skip; with SUPPLY_CHAIN_STRICT=1 it fails, as a release wants it.
With --none-of-them-is-a-secret, what the scan finds now becomes the baseline of what is let through.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import findings
import sbom
from bootstrap import BUILD, ENGINE, ROOT, go_command, node_path, output, uv
from findings import Acceptance, Printed, State, Verdict

CI = ROOT / ".ci"
TOOLS = CI / "tools"
BILLS = BUILD / "sbom"
AT_ONCE = 3
NETWORK_SECONDS = 8
TOOL_SECONDS = 300
GO_DATABASE = "https://vuln.go.dev/index/db.json"
NPM_ALONE = ("--no-audit", "--no-fund", "--ignore-scripts", "--offline")
NPM_ONCE = ("--fetch-retries=0", f"--fetch-timeout={NETWORK_SECONDS * 1000}")
# Lock files are checksums from end to end.
NOT_FOR_SECRETS = r"(^|/)(uv\.lock|package-lock\.json|go\.sum|secrets\.baseline)$"
# What each bill has to name: without these it was made from something else.
PYTHON_PARTS = ("fastapi", "livekit-agents", "livekit-api", "openai", "psycopg", "pydantic", "pyjwt", "sqlalchemy")
CONSOLE_PARTS = ("@mantine/core", "@tanstack/react-query", "openapi-fetch", "react", "react-dom")
ENGINE_PARTS = ("github.com/livekit/livekit-server", "github.com/livekit/sip", "github.com/pion/webrtc/v4", "std")

Check = Callable[[], Verdict]
MARKS = {State.PASSED: "✓", State.SKIPPED: "–", State.FAILED: "✗"}


def main() -> int:
    """Run all checks, a few at a time; one line for each, in their order, and what failed below it."""
    began = time.monotonic()
    strict = os.environ.get("SUPPLY_CHAIN_STRICT", "0") not in ("", "0")
    BILLS.mkdir(parents=True, exist_ok=True)
    states = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [(name, pool.submit(_timed, check)) for name, check in checks().items()]
        for name, future in running:
            verdict, seconds = future.result()
            states.append(verdict.state)
            word = "SKIPPED: " if verdict.state is State.SKIPPED else ""
            print(f"  {MARKS[verdict.state]} {name}: {word}{verdict.summary} ({seconds:.1f} s)", flush=True)
            for line in verdict.lines:
                print(f"      {line}", flush=True)
    bad = states.count(State.FAILED) + (states.count(State.SKIPPED) if strict else 0)
    skipped = states.count(State.SKIPPED)
    print(f"  Supply chain: {len(states)} checks, {skipped} skipped, {bad} failed, {time.monotonic() - began:.0f} s.")
    return 1 if bad else 0


def checks() -> dict[str, Check]:
    """Every check by its name. The longest come first in their groups, for they run beside each other."""
    entries = tomllib.loads((CI / "accepted.toml").read_text()).get("accepted", [])
    accepted = findings.acceptances(entries)
    return {
        "secrets": secrets,
        "uv.lock fits pyproject.toml": python_lock,
        "package-lock.json fits package.json": npm_lock,
        "Go modules are as go.sum says": go_modules,
        "the built engine is what go.sum says": built_engine,
        "pip-audit": partial(pip_audit, accepted),
        "npm audit": partial(npm_audit, accepted),
        "govulncheck": partial(govulncheck, accepted),
        "SBOM of the Python packages": python_bill,
        "SBOM of the console": console_bill,
        "SBOM of the engine": engine_bill,
    }


def secrets() -> Verdict:
    scan = scanned()
    return findings.new_secrets(scan, json.loads((CI / "secrets.baseline").read_text()))


def scanned() -> Printed:
    """What looks like a secret in all files that git holds or would add."""
    listed = printed(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"])
    files = [name for name in listed.out.split("\0") if name and (ROOT / name).is_file()]
    if listed.code != 0 or not files:
        return Printed(listed.code or 1, "", f"git does not list the files to look at: {listed.err}")
    return printed([tool("detect-secrets"), "scan", "--no-verify", "--exclude-files", NOT_FOR_SECRETS, *files])


def python_lock() -> Verdict:
    return _held(printed([uv(), "lock", "--check", "--offline"]), "run `uv lock`")


def npm_lock() -> Verdict:
    return _held(npm(["ci", "--dry-run", *NPM_ALONE]), "run `npm install` in admin/")


def go_modules() -> Verdict:
    return _held(printed([go_command(), "mod", "verify"], ROOT / "engine"), "the module cache was changed")


def built_engine() -> Verdict:
    builds = engine_builds()
    wrong = sbom.unlocked(builds, (ROOT / "engine/go.sum").read_text())
    if len(builds) < len(ENGINE) or wrong:
        return Verdict(State.FAILED, "not built, or from something else: run `make setup`", tuple(wrong))
    return Verdict(State.PASSED, ", ".join(f"{build['Main']['Path']} {build['Main']['Version']}" for build in builds))


def pip_audit(accepted: Sequence[Acceptance]) -> Verdict:
    """Asks OSV's database, which holds PyPI's advisories and more, about what is locked, not what is installed."""
    packages = BUILD / "locked-packages.txt"
    export = ["export", "--locked", "--offline", "--no-emit-project", "--format", "requirements.txt", "-q"]
    locked = printed([uv(), *export, "-o", str(packages)])
    if locked.code != 0:
        return Verdict(State.FAILED, "uv.lock cannot be exported", tuple(locked.err.splitlines()[-3:]))
    reading = ["-r", str(packages), "--disable-pip", "--require-hashes"]
    asking = ["-s", "osv", "--timeout", str(NETWORK_SECONDS), "-f", "json", "--progress-spinner", "off"]
    return findings.pip_audit(printed([tool("pip-audit"), *reading, *asking]), accepted, today())


def npm_audit(accepted: Sequence[Acceptance]) -> Verdict:
    return findings.npm_audit(npm(["audit", "--json", *NPM_ONCE]), accepted, today())


def govulncheck(accepted: Sequence[Acceptance]) -> Verdict:
    """Built only when its database is there: that takes longer than everything else here."""
    try:
        with urllib.request.urlopen(GO_DATABASE, timeout=NETWORK_SECONDS) as answer:
            json.load(answer)
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        return Verdict(State.SKIPPED, f"the database was not reached ({GO_DATABASE}: {reason})")
    verdicts = [
        findings.govulncheck(
            printed([go_command(), "tool", "govulncheck", "-mode=binary", "-format=json", str(binary)], TOOLS),
            accepted, today(),
        )
        for binary in binaries()
    ]  # fmt: skip
    worst = [verdict for verdict in verdicts if verdict.state is not State.PASSED] or verdicts
    lines = tuple(dict.fromkeys(line for verdict in worst for line in verdict.lines))
    return Verdict(worst[0].state, "; ".join(dict.fromkeys(verdict.summary for verdict in worst)), lines)


def python_bill() -> Verdict:
    made = printed([uv(), "export", "--locked", "--offline", "--no-dev", "--format", "cyclonedx1.5", "-q"])
    return bill("python", made, PYTHON_PARTS)


def console_bill() -> Verdict:
    return bill("console", npm(["sbom", "--sbom-format=cyclonedx", "--package-lock-only", "--omit=dev"]), CONSOLE_PARTS)


def engine_bill() -> Verdict:
    made = sbom.engine_bill(engine_builds())
    return bill("engine", Printed(0, json.dumps(made, indent=2) + "\n"), ENGINE_PARTS)


def bill(name: str, made: Printed, parts: Sequence[str]) -> Verdict:
    """Store a bill of materials, and say where, if it is one and names these parts."""
    if made.code != 0:
        return Verdict(State.FAILED, f"ended with code {made.code}", tuple(made.err.splitlines()[-5:]))
    wrong = sbom.faults(made.out, parts)
    if wrong:
        return Verdict(State.FAILED, "is not what it should be", tuple(wrong))
    path = BILLS / f"{name}.cdx.json"
    path.write_text(made.out)
    return Verdict(State.PASSED, f"{len(json.loads(made.out)['components'])} components in {path.relative_to(ROOT)}")


def binaries() -> list[Path]:
    return [BUILD / "bin" / name for name in ENGINE]


def engine_builds() -> list[dict[str, Any]]:
    """What Go says is in each binary; those that are missing are left out."""
    told = [output([go_command(), "version", "-m", "-json", str(binary)]) for binary in binaries()]
    return [json.loads(text) for text in told if text]


def tool(name: str) -> str:
    return str(ROOT / ".venv/bin" / name)


def npm(arguments: Sequence[str]) -> Printed:
    search_path = node_path()
    return printed([shutil.which("npm", path=search_path) or "npm", *arguments], ROOT / "admin", search_path)


def printed(command: Sequence[str], folder: Path = ROOT, search_path: str | None = None) -> Printed:
    """Run a tool; one that does not end in five minutes waits for a network that does not answer."""
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "PYTHONWARNINGS": "ignore"}
    if search_path:
        environment["PATH"] = search_path
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=folder,
            env=environment, timeout=TOOL_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Printed(-1, "", f"{Path(command[0]).name}: network timeout after {TOOL_SECONDS} s")
    except OSError as error:
        return Printed(-1, "", f"{command[0]}: {error.strerror}")
    return Printed(done.returncode, done.stdout, done.stderr)


def today() -> date:
    return datetime.now(UTC).date()


def _held(done: Printed, otherwise: str) -> Verdict:
    if done.code == 0:
        return Verdict(State.PASSED, "yes")
    wanted = [line for line in (done.err + done.out).splitlines() if line.strip() and "warn" not in line]
    return Verdict(State.FAILED, otherwise, tuple(wanted[:5]))


def _timed(check: Check) -> tuple[Verdict, float]:
    began = time.monotonic()
    verdict = check()
    return verdict, time.monotonic() - began


if __name__ == "__main__":
    if sys.argv[1:] == findings.ACCEPT.split()[-1:]:
        (CI / "secrets.baseline").write_text(findings.looked_at(scanned()))
        sys.exit(0)
    sys.exit(main())
