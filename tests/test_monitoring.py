"""What deploy/monitoring asks for exists: the metrics, their labels, the page that says what to do."""

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[1]
MONITORING = ROOT / "deploy" / "monitoring"
PAGE = (ROOT / "docs" / "operations.md").read_text()
# livekit-server v1.13.5 pkg/telemetry/prometheus/rooms.go, livekit-sip v1.8.0 pkg/stats/monitor.go, Prometheus itself,
# and its blackbox exporter.
OTHERS = {
    "livekit_room_total": {"node_id", "node_type"},
    "livekit_sip_available": {"node_id"},
    "livekit_sip_calls_active": {"node_id", "dir", "to"},
    "livekit_sip_invite_accepted": {"node_id", "dir", "to"},
    "livekit_sip_invite_error": {"node_id", "dir", "to", "reason"},
    "up": set(),
    "ALERTS": {"alertname", "alertstate"},
    "probe_ssl_earliest_cert_expiry": set(),
}
OF_THE_TARGET = {"job", "instance"}
LOG_FIELDS = {
    "again", "attempts", "because", "calendar", "call", "call_back_id", "call_id", "call_out_id", "channel", "code",
    "effect", "engine", "epoch", "error", "errors", "file", "files", "found", "handed_over", "in_a_row", "item", "jobs",
    "kind", "known", "legs", "loop", "new", "offer", "offer_id", "reason", "rooms", "seats", "seq", "source", "speaker",
    "state", "tool", "type", "voiced", "worker",
}  # fmt: skip


def documented() -> dict[str, set[str]]:
    """Our metrics with their labels, from the page; a histogram's samples carry `le` as well."""
    section = PAGE.split("\n## Metrics\n", 1)[1].split("\n## ", 1)[0]
    found: dict[str, set[str]] = {}
    for name, labels, meaning in re.findall(
        r"^\| `(callcenter_\w+)(?:\{([\w,]+)\})?` \| (.*) \|$", section, re.MULTILINE
    ):
        of = set(labels.split(",")) - {""}
        found[name] = of
        if meaning.startswith("histogram:"):
            found |= {f"{name}_bucket": of | {"le"}, f"{name}_sum": of, f"{name}_count": of}
    return found


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def board() -> dict[str, Any]:
    return json.loads((MONITORING / "grafana-board.json").read_text())  # type: ignore[no-any-return]


def queries() -> Iterator[tuple[str, str]]:
    """Every question that is asked of Prometheus, with where it stands."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in board()["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m")


def selectors(query: str) -> list[promql_parser.VectorSelector]:
    found: list[promql_parser.VectorSelector] = []

    def visit(expression: promql_parser.Expr) -> None:
        if isinstance(expression, promql_parser.VectorSelector):
            found.append(expression)
        elif isinstance(expression, promql_parser.MatrixSelector):
            found.append(expression.vector_selector)

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


@pytest.mark.parametrize(("where", "query"), list(queries()))
def test_every_query_asks_for_metrics_and_labels_that_exist(where: str, query: str) -> None:
    known = documented() | OTHERS
    asked = selectors(query)
    assert asked
    for selector in asked:
        assert selector.name in known, f"{where}: nobody serves {selector.name}"
        labels = {matcher.name for matcher in selector.matchers.matchers} - OF_THE_TARGET
        assert labels <= known[selector.name], f"{where}: {selector.name} has no {labels - known[selector.name]}"
    grouped = {label for inside in re.findall(r"\bby \(([^)]*)\)", query) for label in re.split(r",\s*", inside)}
    assert grouped <= OF_THE_TARGET.union(*(known[str(selector.name)] for selector in asked)), where


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_every_alert_says_what_happened_and_where_it_stands_what_to_do(rule: dict[str, Any]) -> None:
    notes = rule["annotations"]
    assert set(notes) == {"summary", "description", "runbook_url"}
    assert rule["labels"]["severity"] in ("warning", "critical")
    page, _, anchor = notes["runbook_url"].partition("#")
    assert page == "docs/operations.md"
    headings = {
        re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    assert anchor in headings
    names = set(re.findall(r"\$labels\.(\w+)", " ".join(notes.values())))
    labels = OF_THE_TARGET.union(*(({**documented(), **OTHERS})[str(s.name)] for s in selectors(rule["expr"])))
    assert names <= labels


def test_no_alert_has_two_meanings() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))


def test_the_figures_of_the_database_are_never_added_up_over_replicas() -> None:
    """Two replicas show the same call: every query takes the maximum of what is not of one process."""
    of_a_process = {"callcenter_http", "callcenter_event", "callcenter_desk", "callcenter_build"}
    for where, query in queries():
        for name in re.findall(r"callcenter_[a-z]+", query):
            if name not in of_a_process:
                assert re.search(r"max(?: by \([^)]*\))? \(|max\(", query), where


def test_the_boards_panels_lie_side_by_side_with_a_query_each() -> None:
    panels = board()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    assert all(p["x"] >= 0 and p["x"] + p["w"] <= 24 for p in places)
    for a, b in combinations(places, 2):
        apart = (
            a["x"] + a["w"] <= b["x"]
            or b["x"] + b["w"] <= a["x"]
            or a["y"] + a["h"] <= b["y"]
            or b["y"] + b["h"] <= a["y"]
        )
        assert apart, (a, b)
    for panel in panels:
        references = [target["refId"] for target in panel["targets"]]
        assert references
        assert len(set(references)) == len(references)
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}
    assert [variable["name"] for variable in board()["templating"]["list"]] == ["datasource"]


def test_prometheus_is_told_of_every_job_that_a_query_names() -> None:
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    jobs = {job["job_name"] for job in config["scrape_configs"]}
    named = {job for _, query in queries() for job in re.findall(r'job="([^"]+)"', query)}
    assert named <= jobs
    assert [MONITORING / name for name in config["rule_files"]] == [MONITORING / "alerts.yml"]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: package prometheus)")
@pytest.mark.parametrize(
    "command",
    ["check rules alerts.yml", "check config prometheus.yml", "test rules alerts_test.yml alerts_week_test.yml"],
)
def test_prometheus_itself_agrees(command: str) -> None:
    done = subprocess.run(["promtool", *command.split()], cwd=MONITORING, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted((ROOT / "callcenter").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in ("log", "logger")
                and node.func.attr in ("debug", "info", "warning", "error", "exception", "critical")
            ):
                yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def test_a_line_of_the_log_is_a_fixed_sentence_with_fields_that_name_nobody() -> None:
    """Numbers, rooms, identities and words must not get into logs: a new field has to be thought about here."""
    calls = list(log_calls())
    assert len(calls) > 40
    for where, call in calls:
        assert len(call.args) == 1, where
        assert isinstance(call.args[0], ast.Constant), where
        fields = {
            key.value
            for keyword in call.keywords
            if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict)
            for key in keyword.value.keys
            if isinstance(key, ast.Constant)
        }
        assert fields <= LOG_FIELDS, f"{where}: {fields - LOG_FIELDS}"
