"""Software bills of materials in CycloneDX 1.5: the engine's from its binaries, and what any of them has to hold."""

import base64
import json
import re
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

OURS = "callcenter.local/"
SPECIFICATION = "1.5"


def engine_bill(builds: Iterable[Mapping[str, Any]], at: datetime | None = None) -> dict[str, Any]:
    """The bill of these binaries, from what `go version -m -json` says is in them.

    A module's checksum (go.sum's `h1:`) is a SHA-256 over its files' hashes (golang.org/x/mod/sumdb/dirhash, Hash1),
    and stands as that in the bill, as cyclonedx-gomod does it.
    """
    components: dict[str, dict[str, Any]] = {}
    dependencies: dict[str, set[str]] = {}
    for build in builds:
        main = _module(build["Main"], "application")
        parts = [_module(part.get("Replace") or part, "library") for part in build.get("Deps") or []]
        standard = _module({"Path": "std", "Version": build["GoVersion"].removeprefix("go")}, "library")
        components |= {one["bom-ref"]: one for one in (main, standard, *parts)}
        dependencies.setdefault(main["bom-ref"], set()).update(one["bom-ref"] for one in (standard, *parts))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": (at or datetime.now(UTC)).isoformat(timespec="seconds"),
            "component": {"type": "application", "bom-ref": "engine", "name": "engine"},
        },
        "components": [components[reference] for reference in sorted(components)],
        "dependencies": [
            {"ref": reference, "dependsOn": sorted(needed)} for reference, needed in sorted(dependencies.items())
        ],
    }


def unlocked(builds: Iterable[Mapping[str, Any]], sums: str) -> list[str]:
    """Modules in the binaries whose version and checksum go.sum does not hold; our own, which have none, apart."""
    locked = {tuple(line.split()) for line in sums.splitlines()}
    return sorted(
        f"{part['Path']} {part['Version']}"
        for build in builds
        for whole in (build["Main"], *(build.get("Deps") or []))
        if not whole["Path"].startswith(OURS)
        and (part := whole.get("Replace") or whole)
        and (part["Path"], part["Version"], part.get("Sum")) not in locked
    )


def faults(text: str, names: Collection[str]) -> list[str]:
    """What is wrong with this bill; `names` are components that it has to name, with a version and a package URL."""
    try:
        bill = json.loads(text)
    except ValueError:
        return ["it is not JSON"]
    if bill.get("bomFormat") != "CycloneDX" or bill.get("specVersion") != SPECIFICATION:
        return [f"it is {bill.get('bomFormat')} {bill.get('specVersion')}, not CycloneDX {SPECIFICATION}"]
    components = bill.get("components") or []
    named = {one["name"] for one in components if one.get("version") and str(one.get("purl", "")).startswith("pkg:")}
    return [f"{name} is missing" for name in sorted(set(names) - named)]


def origins(lock: str) -> set[str]:
    """Every place outside that a lock file names: scheme and host."""
    return set(re.findall(r"\b((?:git\+)?(?:https?|ssh|git|file)://[^/\"'\s]+)", lock))


def _module(module: Mapping[str, Any], kind: str) -> dict[str, Any]:
    path, version = str(module["Path"]), str(module["Version"])
    url = f"pkg:golang/{quote(path, safe='/')}@{quote(version)}"
    made: dict[str, Any] = {"type": kind, "bom-ref": url, "name": path, "version": version, "purl": url}
    if str(module.get("Sum", "")).startswith("h1:"):
        made["hashes"] = [{"alg": "SHA-256", "content": base64.b64decode(module["Sum"][3:]).hex()}]
    return made
