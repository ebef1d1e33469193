"""The supply chain's checks tell a finding from a network that is away. The outputs are recorded: pip-audit 2.10.1,
npm 11 and govulncheck 1.6.0 against databases of our own with one made-up advisory, and against none."""

import json
import re
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from scripts import findings, sbom
from scripts.findings import Acceptance, Printed, State

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 22)
ADVISORY = "GHSA-aaaa-bbbb-cccc"

PIP_CLEAN = '{"dependencies": [{"name": "aiohttp", "version": "3.14.5", "vulns": []}], "fixes": []}'
PIP_FOUND = """{"dependencies": [{"name": "aiohttp", "version": "3.14.5", "vulns": []}, {"name": "pyjwt", "version":
"2.13.0", "vulns": [{"id": "CVE-2026-0001", "fix_versions": ["999.0"], "aliases": ["GHSA-aaaa-bbbb-cccc"],
"description": "Made-up advisory for the record"}]}], "fixes": []}"""
PIP_AWAY = """  File "site-packages/requests/adapters.py", line 729, in send
    raise ConnectionError(e, request=request)
requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.osv.dev', port=443): Max retries exceeded with url: \
/v1/query (Caused by NameResolutionError("Failed to resolve 'api.osv.dev' ([Errno -2] Name or service not known)"))
"""
PIP_BROKEN = "ERROR:pip_audit._cli:invalid requirements input: locked-packages.txt"

NPM_VIA = {"url": f"https://github.com/advisories/{ADVISORY}", "name": "vite", "range": "<=999.0.0", "severity": "high"}
NPM_END = {"vulnerabilities": {"high": 2, "total": 2}, "dependencies": {"prod": 48, "dev": 358, "total": 405}}
NPM_CLEAN = json.dumps({"auditReportVersion": 2, "vulnerabilities": {}, "metadata": NPM_END})
NPM_FOUND = json.dumps(
    {
        "auditReportVersion": 2,
        "vulnerabilities": {"vite": {"via": [NPM_VIA]}, "vitest": {"via": ["vite"]}},
        "metadata": NPM_END,
    }
)
NPM_AWAY = '{"message": "request to https://REGISTRY/-/npm/v1/security/advisories/bulk failed, reason: getaddrinfo \
ENOTFOUND REGISTRY", "error": {"summary": "", "detail": ""}}'
NPM_NO_DOOR = '{"message": "405 Method Not Allowed - POST …/advisories/bulk", "statusCode": 405, "body": ""}'
NPM_BROKEN = '{"error": {"code": "ENOLOCK", "summary": "This command requires an existing lockfile."}}'

GO_BEGIN = """{"config": {"scanner_name": "govulncheck", "db": "https://vuln.go.dev", "scan_mode": "binary"}}
{"progress": {"message": "Scanning your binary for known vulnerabilities..."}}
{"SBOM": {"go_version": "go1.26.8", "modules": [{"path": "github.com/livekit/sip", "version": "v1.8.0"}]}}
"""
GO_OSV = '{"osv": {"id": "GO-2026-0001", "aliases": ["CVE-2026-0001"]}}\n'
GO_MODULE = '{"finding": {"osv": "GO-2026-0001", "trace": [{"module": "github.com/pion/sdp", "version": "v3.0.19"}]}}\n'
GO_CALLED = GO_MODULE.replace('"v3.0.19"', '"v3.0.19", "package": "github.com/pion/sdp", "function": "Unmarshal"')
GO_AWAY = 'govulncheck: fetching vulnerabilities: Get "https://vuln.go.dev/index/modules.json.gz": dial tcp: lookup \
vuln.go.dev on 10.0.0.1:53: no such host\n'


def state(judge: Any, code: int, out: str, err: str = "", accepted: tuple[Acceptance, ...] = ()) -> State:
    verdict = judge(Printed(code, out, err), accepted, TODAY)
    return State(verdict.state)


@pytest.mark.parametrize(
    ("judge", "code", "out"),
    [
        (findings.pip_audit, 0, PIP_CLEAN),
        (findings.npm_audit, 0, NPM_CLEAN),
        (findings.govulncheck, 0, GO_BEGIN),
        (findings.govulncheck, 0, GO_BEGIN + GO_OSV + GO_MODULE),
    ],
)
def test_a_report_that_knows_nothing_against_what_we_use_passes(judge: Any, code: int, out: str) -> None:
    assert state(judge, code, out) is State.PASSED


FOUND = [
    (findings.pip_audit, 1, PIP_FOUND, "pyjwt 2.13.0: CVE-2026-0001, GHSA-aaaa-bbbb-cccc"),
    (findings.npm_audit, 1, NPM_FOUND, "vite <=999.0.0: GHSA-aaaa-bbbb-cccc"),
    (
        findings.govulncheck,
        0,
        GO_BEGIN + GO_OSV + GO_CALLED,
        "github.com/pion/sdp v3.0.19: CVE-2026-0001, GO-2026-0001",
    ),
]


@pytest.mark.parametrize(("judge", "code", "out", "line"), FOUND)
def test_a_finding_fails_and_is_named_once(judge: Any, code: int, out: str, line: str) -> None:
    verdict = judge(Printed(code, out, PIP_AWAY), (), TODAY)  # whatever else was printed
    assert verdict.state is State.FAILED
    assert verdict.lines == (line,)


@pytest.mark.parametrize(
    ("judge", "code", "out", "err"),
    [
        (findings.pip_audit, 1, "", PIP_AWAY),
        (findings.pip_audit, 1, "", "requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: …"),
        (findings.pip_audit, -1, "", "pip-audit: network timeout after 120 s"),
        (findings.npm_audit, 1, NPM_AWAY, "npm error audit endpoint returned an error"),
        (findings.npm_audit, 1, NPM_NO_DOOR, "npm error audit endpoint returned an error"),
        (findings.govulncheck, 1, GO_BEGIN, GO_AWAY),
    ],
)
def test_a_database_that_is_not_reached_is_skipped_and_the_reason_said(
    judge: Any, code: int, out: str, err: str
) -> None:
    verdict = judge(Printed(code, out, err), (), TODAY)
    assert verdict.state is State.SKIPPED
    assert re.search(r"api\.osv\.dev|503|timeout|ENOTFOUND|405|no such host", verdict.summary)


@pytest.mark.parametrize(
    ("judge", "code", "out", "err"),
    [
        (findings.pip_audit, 1, "", PIP_BROKEN),
        (findings.pip_audit, 0, "", ""),
        (findings.pip_audit, 0, '{"dependencies": []}', ""),
        (findings.pip_audit, 0, '{"dependencies": [{"name": "odd", "skip_reason": "not found"}]}', ""),
        (findings.npm_audit, 1, NPM_BROKEN, ""),
        (findings.npm_audit, 0, "{}", ""),
        (findings.npm_audit, 1, '{"vulnerabilities": {"odd": {"via": ["gone"]}}, "metadata": {}}', ""),
        (findings.govulncheck, 0, "", ""),
        (findings.govulncheck, 2, GO_BEGIN, "govulncheck: could not parse the binary"),
    ],
)
def test_a_tool_that_ends_without_a_report_has_not_passed(judge: Any, code: int, out: str, err: str) -> None:
    assert state(judge, code, out, err) is State.FAILED


def test_an_accepted_finding_passes_until_its_day_and_fails_after_it() -> None:
    for judge, code, out, _ in FOUND:
        for name in (ADVISORY, "CVE-2026-0001"):
            if name in out:
                assert state(judge, code, out, accepted=(Acceptance(name, "why", TODAY),)) is State.PASSED
                late = Acceptance(name, "why", date(2026, 11, 21))
                assert state(judge, code, out, accepted=(late,)) is State.FAILED


def test_an_acceptance_says_why_and_until_when() -> None:
    good = {"id": ADVISORY, "because": "never called", "until": TODAY}
    assert findings.acceptances([good]) == [Acceptance(ADVISORY, "never called", TODAY)]
    for wrong in ({"id": ADVISORY}, good | {"until": "2026-11-22"}, good | {"because": ""}, good | {"note": "x"}):
        with pytest.raises(ValueError, match="entry 1"):
            findings.acceptances([wrong])
    findings.acceptances(tomllib.loads((ROOT / ".ci/accepted.toml").read_text()).get("accepted", []))


SECRET = {"type": "Secret Keyword", "hashed_secret": "ab" * 20, "line_number": 7}


def scan(**results: list[dict[str, Any]]) -> Printed:
    return Printed(0, json.dumps({"results": results}))


def test_a_secret_is_new_unless_somebody_said_that_it_is_none_and_may_move_within_its_file() -> None:
    none = SECRET | {"is_secret": False, "line_number": 3}
    assert findings.new_secrets(scan(a=[SECRET]), {"results": {"a": [none]}}).state is State.PASSED
    for known in ({}, {"b": [none]}, {"a": [SECRET]}, {"a": [none | {"hashed_secret": "cd" * 20}]}):
        verdict = findings.new_secrets(scan(a=[SECRET]), {"results": known})
        assert (verdict.state, verdict.lines) == (State.FAILED, ("a:7: Secret Keyword",))
    assert findings.new_secrets(Printed(1, "", "Traceback"), {"results": {}}).state is State.FAILED
    assert (
        findings.new_secrets(scan(a=[SECRET]), json.loads(findings.looked_at(scan(a=[SECRET])))).state is State.PASSED
    )


def test_the_scanner_knows_a_key_when_it_sees_one(tmp_path: Path) -> None:
    planted = "AKIA" + "QWERTYUIOPASDFGH"  # put together here, so that this file holds none
    (tmp_path / "config.py").write_text(f'KEY = "{planted}"\n')
    scanner = Path(sys.executable).with_name("detect-secrets")
    done = subprocess.run(
        [scanner, "scan", "--no-verify", "config.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    verdict = findings.new_secrets(Printed(done.returncode, done.stdout, done.stderr), {"results": {}})
    assert verdict.lines == ("config.py:1: AWS Access Key",)


BUILD: dict[str, Any] = {
    "GoVersion": "go1.26.8",
    "Main": {"Path": "github.com/livekit/sip", "Version": "v1.8.0", "Sum": "h1:" + "A" * 43 + "="},
    "Deps": [
        {"Path": "github.com/pion/sdp/v3", "Version": "v3.0.19", "Sum": "h1:" + "B" * 43 + "="},
        {"Path": "old", "Version": "v1.0.0", "Replace": {"Path": "new", "Version": "v2.0.0", "Sum": "h1:c"}},
    ],
}


def test_the_engines_bill_names_every_module_of_its_binaries_once() -> None:
    bill = sbom.engine_bill([{**BUILD, "Deps": BUILD["Deps"][:1]}] * 2, datetime(2026, 11, 22, tzinfo=UTC))
    assert [(one["name"], one["purl"]) for one in bill["components"]] == [
        ("github.com/livekit/sip", "pkg:golang/github.com/livekit/sip@v1.8.0"),
        ("github.com/pion/sdp/v3", "pkg:golang/github.com/pion/sdp/v3@v3.0.19"),
        ("std", "pkg:golang/std@1.26.8"),
    ]
    assert len(bill["components"][1]["hashes"][0]["content"]) == 64
    assert sbom.faults(json.dumps(bill), ["std", "github.com/livekit/sip"]) == []


def test_a_bill_that_is_none_or_lacks_a_part_is_refused() -> None:
    assert sbom.faults("<xml>", []) == ["it is not JSON"]
    assert sbom.faults('{"bomFormat": "SPDX"}', []) == ["it is SPDX None, not CycloneDX 1.5"]
    nameless = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"name": "react", "version": "19"}]}
    assert sbom.faults(json.dumps(nameless), ["react"]) == ["react is missing"]


def test_a_binary_with_a_module_that_go_sum_does_not_hold_is_told() -> None:
    sip = "github.com/livekit/sip v1.8.0 " + BUILD["Main"]["Sum"]
    locked = [sip, "github.com/pion/sdp/v3 v3.0.19 h1:another", "new v2.0.0 h1:c"]
    assert sbom.unlocked([BUILD], "\n".join(locked)) == ["github.com/pion/sdp/v3 v3.0.19"]
    ours = {**BUILD, "Main": {"Path": "callcenter.local/engine", "Version": "(devel)"}}
    assert sbom.unlocked([ours], "\n".join(locked)) == ["github.com/pion/sdp/v3 v3.0.19"], "ours has no checksum"
