"""Debian and Ubuntu packages: which are missing, and installing them without starting services nobody asked for."""

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path

# What shows that a package is there: a command on the PATH, or a file by pattern.
RUN = {
    "postgresql": "/usr/lib/postgresql/*/bin/initdb",
    "redis-server": "redis-server",
    "pkg-config": "pkg-config",
    "libopus-dev": "/usr/include/opus/opus.h",
    "libopusfile-dev": "/usr/include/opus/opusfile.h",
    "libsoxr-dev": "/usr/include/soxr.h",
    "flite": "flite",
    "espeak-ng": "espeak-ng",
    "sox": "sox",
    "gcc": "cc",
    "libc6-dev": "/usr/include/stdlib.h",
    "ca-certificates": "/etc/ssl/certs/ca-certificates.crt",
    "util-linux": "setpriv",
}
# Needed to run only with CALLCENTER_SIP_EDGE=1, which says so itself.
EDGE = {
    "kamailio": "kamailio",
    "kamailio-utils-modules": "/usr/lib/*/kamailio/modules/http_client.so",
}
TEST = {"sip-tester": "sipp", "chromium": "chromium|chromium-browser|google-chrome", **EDGE}
UBUNTU_NAMES = {"chromium": "chromium-browser"}
POLICY = Path("/usr/sbin/policy-rc.d")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/callcenter.conf")


def missing_packages(tests: bool) -> list[str]:
    """The packages whose traces are not on this machine."""
    wanted = {**RUN, **(TEST if tests else {})}
    missing = [package for package, trace in wanted.items() if not _there(trace)]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    return [UBUNTU_NAMES.get(package, package) for package in missing] if _is_ubuntu() else missing


def install_packages(packages: list[str], run: Callable[..., None]) -> None:
    """apt-get, with services kept from starting and no database cluster made: the stack brings its own.

    `run` gets a command line and runs it with the right to change the system. The two files that hold services back
    are there during the installation only, and one that the machine has already is left alone.
    """
    held_back = {
        path: text
        for path, text in (
            (POLICY, "#!/bin/sh\nexit 101\n"),
            (NO_CLUSTER, "create_main_cluster = false\n"),
        )
        if not path.exists()
    }
    run("apt-get", "update")
    try:
        for path, text in held_back.items():
            run("sh", "-c", f"mkdir -p {path.parent} && printf '{_escaped(text)}' > {path} && chmod 755 {path}")
        run(
            "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-install-recommends", *packages
        )  # fmt: skip
    finally:
        run("rm", "-f", *(str(path) for path in held_back))
    if "redis-server" in packages and shutil.which("systemctl"):
        run("sh", "-c", "systemctl disable redis-server || true")


def _there(trace: str) -> bool:
    if trace.startswith("/"):
        return any(Path("/").glob(trace[1:]))
    path = f"{os.environ.get('PATH', '')}:/usr/local/bin:/usr/bin:/usr/sbin"
    return any(shutil.which(name, path=path) for name in trace.split("|"))


def _is_ubuntu() -> bool:
    release = Path("/etc/os-release")
    return release.exists() and "ID=ubuntu" in release.read_text().splitlines()


def _escaped(text: str) -> str:
    return text.replace("\n", "\\n")
