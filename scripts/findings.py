"""What the answers of the supply chain's tools mean: passed, skipped because a database was not reached, or failed.

Pure: every function reads what a tool printed. A report is a report, whatever the exit code; without one, only words of
a network that failed make a skip, and everything else fails.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class State(StrEnum):
    PASSED = "passed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Verdict:
    """One tool's answer; `lines` are what to look at."""

    state: State
    summary: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Printed:
    """How a tool ended and what it printed."""

    code: int
    out: str
    err: str = ""


@dataclass(frozen=True)
class Finding:
    """A known vulnerability in something we lock."""

    ids: frozenset[str]
    where: str

    def __str__(self) -> str:
        return f"{self.where}: {', '.join(sorted(self.ids))}"


@dataclass(frozen=True)
class Acceptance:
    """A finding that is known and let through until a day, for a reason (`.ci/accepted.toml`)."""

    id: str
    because: str
    until: date


# Node's and Python's words for a network that did not answer (npm, requests, urllib3, Go's net).
_NETWORK = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network timeout"
    r"|ConnectionError|ConnectTimeout|ReadTimeout|NameResolutionError|ProxyError|SSLError"
    r"|no such host|connection refused|connection reset|i/o timeout|network is unreachable|Client\.Timeout"
    r"|\b5\d\d Server Error"
)
SHOWN = 120
ACCEPT = ".venv/bin/python scripts/supply_chain.py --none-of-them-is-a-secret"
# A registry that has no such door (mirrors often have none), sends us away, or is out of order.
NO_DATABASE = frozenset({403, 404, 405, 407, 429, 500, 501, 502, 503, 504})


def pip_audit(printed: Printed, accepted: Iterable[Acceptance], today: date) -> Verdict:
    """`pip-audit --format json`."""
    report = _object(printed.out)
    packages = report.get("dependencies") if report else None
    if not isinstance(packages, list) or not packages:
        return _without_report(printed)
    missed = [str(package["name"]) for package in packages if "vulns" not in package]
    if missed:
        return Verdict(State.FAILED, "some packages were not looked at", tuple(missed))
    found = [
        Finding(frozenset({one["id"], *one["aliases"]}), f"{package['name']} {package['version']}")
        for package in packages
        for one in package["vulns"]
    ]
    return _judged(found, f"{len(packages)} packages", accepted, today)


def npm_audit(printed: Printed, accepted: Iterable[Acceptance], today: date) -> Verdict:
    """`npm audit --json`: a package that is only affected through another one is that other one's finding."""
    report = _object(printed.out)
    if not report or not isinstance(report.get("vulnerabilities"), dict) or "metadata" not in report:
        status = report.get("statusCode") if report else None
        if status in NO_DATABASE:
            return Verdict(State.SKIPPED, f"the registry has no advisories to give (HTTP {status})")
        return _without_report(printed)
    found = [
        Finding(frozenset({str(via["url"]).rsplit("/", 1)[-1]}), f"{name} {via['range']}")
        for name, package in report["vulnerabilities"].items()
        for via in package["via"]
        if isinstance(via, dict)
    ]
    if report["vulnerabilities"] and not found:
        return Verdict(State.FAILED, "findings without an advisory", tuple(report["vulnerabilities"]))
    return _judged(found, f"{report['metadata']['dependencies']['total']} packages", accepted, today)


def govulncheck(printed: Printed, accepted: Iterable[Acceptance], today: date) -> Verdict:
    """`govulncheck -mode=binary -format json`: code that is in the binary counts; what the linker left out does not."""
    messages = list(_stream(printed.out))
    if printed.code != 0 or not any("config" in message for message in messages):
        return _without_report(printed)
    aliases = {one["id"]: one.get("aliases") or [] for message in messages if (one := message.get("osv"))}
    found: dict[tuple[str, str], Finding] = {}
    for message in messages:
        if (one := message.get("finding")) and one["trace"][0].get("function"):
            place = one["trace"][0]
            where = f"{place['module']} {place.get('version', '')}"
            found[one["osv"], where] = Finding(frozenset({one["osv"], *aliases.get(one["osv"], [])}), where)
    modules = sum(len(message["SBOM"].get("modules") or []) for message in messages if "SBOM" in message)
    return _judged(found.values(), f"{modules} modules", accepted, today)


def new_secrets(printed: Printed, baseline: Mapping[str, Any]) -> Verdict:
    """`detect-secrets scan` against the baseline, by file, kind and hash: a line may move. What the baseline holds has
    been looked at (`is_secret` is false), or it does not count."""
    report = _object(printed.out)
    if printed.code != 0 or not report or not isinstance(report.get("results"), dict):
        return Verdict(State.FAILED, "the scan did not end well", _last(printed))
    known = {_mark(one) for one in _each(baseline) if one.get("is_secret") is False}
    found = list(_each(report))
    fresh = [f"{one['filename']}:{one['line_number']}: {one['type']}" for one in found if _mark(one) not in known]
    if fresh:
        return Verdict(State.FAILED, f"looks like a secret (if none of them is: {ACCEPT})", tuple(fresh))
    return Verdict(State.PASSED, f"nothing new; {len(found)} known not to be secrets")


def looked_at(printed: Printed) -> str:
    """The baseline that lets through what this scan found: somebody has looked, and none of it is a secret."""
    report = json.loads(printed.out)
    kept = {
        name: [
            {"type": one["type"], "hashed_secret": one["hashed_secret"], "is_secret": False}
            for one in sorted(found, key=lambda one: (one["type"], one["hashed_secret"]))
        ]
        for name, found in sorted(report["results"].items())
    }
    return json.dumps({"results": kept}, indent=1) + "\n"


def acceptances(entries: Iterable[Mapping[str, Any]]) -> list[Acceptance]:
    """The entries of `.ci/accepted.toml`. Raises ValueError that names what is wrong."""
    made = []
    for number, entry in enumerate(entries, 1):
        if set(entry) != {"id", "because", "until"} or not isinstance(entry["until"], date) or not entry["because"]:
            raise ValueError(
                f".ci/accepted.toml, entry {number}: {dict(entry)}: needs id, because (a reason) and until (a date)"
            )
        made.append(Acceptance(str(entry["id"]), str(entry["because"]), entry["until"]))
    return made


def _judged(found: Iterable[Finding], what: str, accepted: Iterable[Acceptance], today: date) -> Verdict:
    good = {one.id for one in accepted if one.until >= today}
    left = {str(finding) for finding in found if not finding.ids & good}
    if left:
        return Verdict(State.FAILED, f"{len(left)} known to be vulnerable in {what}", tuple(sorted(left)))
    return Verdict(State.PASSED, f"{what}, nothing known against them")


def _without_report(printed: Printed) -> Verdict:
    text = printed.out + printed.err
    words = [line[match.start() :] for line in text.splitlines() if (match := _NETWORK.search(line))]
    if words and printed.code != 0:
        return Verdict(State.SKIPPED, f"the database was not reached ({words[-1][:SHOWN]})")
    return Verdict(State.FAILED, f"ended with code {printed.code} and without a report", _last(printed))


def _last(printed: Printed) -> tuple[str, ...]:
    return tuple((printed.err or printed.out).strip().splitlines()[-5:])


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _stream(text: str) -> Iterable[dict[str, Any]]:
    """JSON objects one after the other, as far as they can be read."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            return
        yield value
        at += len(text[at:]) - len(text[at:].lstrip())


def _each(report: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for filename, found in report["results"].items():
        for one in found:
            yield {**one, "filename": filename}


def _mark(one: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(one["filename"]), str(one["type"]), str(one["hashed_secret"])
