"""The embedded SIP edge: Kamailio on the port that callers dial, livekit-sip behind it (docs/edge.md).

Started as root, it runs as the account `kamailio` (or `nobody`), which can often not pass through the folders above
ours: so it is started in its folder and knows it as `/proc/self/cwd` alone (proc(5)). It closes all descriptors when it
starts, so the embedded Postgres' way with one would not do.
"""

import os
import pwd
import shutil
from pathlib import Path

from callcenter.platform.embedded.checks import sip_check
from callcenter.platform.embedded.child import Account, bound_to_parent
from callcenter.platform.embedded.folder import DataFolder
from callcenter.platform.embedded.parts import Part, StartError
from callcenter.platform.embedded.ports import LOOPBACK, InternalPorts
from callcenter.platform.wire.settings import Settings
from sip.config import default_files
from sip.edge import Address, Edge, admission, write
from sip.edge.admission import read
from sip.edge.files import CONFIGURATION, secret_of
from sip.errors import SipError

PROGRAM = "kamailio"
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
HTTP_MODULE = "kamailio/modules/http_client.so"
SEEN_AS = Path("/proc/self/cwd")
HANG_SECONDS = 5.0
MEMORY_MB = 64
WORKER_MEMORY_MB = 8


def require_edge(settings: Settings, embedded_livekit: bool) -> None:
    """Raises `StartError` when the settings ask for an edge that cannot be."""
    if not settings.sip_edge:
        return
    if not embedded_livekit:
        raise StartError(
            "CALLCENTER_SIP_EDGE=1 is for the embedded LiveKit, but LIVEKIT_URL names another: put an edge in front of "
            "its livekit-sip as docs/edge.md says, and unset CALLCENTER_SIP_EDGE"
        )
    modules = any(Path("/usr").glob(f"lib*/{HTTP_MODULE}")) or any(Path("/usr").glob(f"lib/*/{HTTP_MODULE}"))
    if shutil.which(PROGRAM, path=PLACES) is None or not modules:
        raise StartError(
            "CALLCENTER_SIP_EDGE=1 needs Kamailio: install the packages kamailio and kamailio-utils-modules "
            "(`make setup-test` does), or unset CALLCENTER_SIP_EDGE"
        )


def edge_folder(folder: DataFolder) -> Path:
    """Where the embedded edge's files are: what `python -m sip edge drain … --out` is to be told."""
    return folder.config / "edge"


def sip_edge_part(
    folder: DataFolder, settings: Settings, ports: InternalPorts, state_url: str, environment: dict[str, str]
) -> Part:
    """Write the configuration; Kamailio reads it whenever it starts. Raises `StartError`."""
    here, account = edge_folder(folder), edge_account()
    try:
        edge = Edge(
            admission(read(default_files())),
            Address(LOOPBACK, settings.sip_port),
            Address(LOOPBACK, ports.sip_inside),
            (Address(LOOPBACK, ports.sip_node),),
            SEEN_AS if account else here,
            secret_of(here),
            state_url=state_url,
        )
        write(edge, here, (account.uid, account.gid) if account else None)
    except SipError as error:
        raise StartError(f"the SIP edge cannot be set up: {error}") from error
    return Part(
        "sip-edge",
        _command(here, edge.folder, account),
        environment,
        sip_check(LOOPBACK, ports.sip_inside),
        stop_seconds=3.0,
        hang_seconds=HANG_SECONDS,
    )


def _command(here: Path, seen: Path, account: Account | None) -> tuple[str, ...]:
    """-DD: in the foreground, with its workers in the same process group; -E: logs to stderr."""
    program = shutil.which(PROGRAM, path=PLACES) or PROGRAM
    memory = ("-m", str(MEMORY_MB), "-M", str(WORKER_MEMORY_MB))
    command = (program, "-f", str(seen / CONFIGURATION), "-DD", "-E", *memory, "-w", str(seen))
    if account is None:
        return command
    return ("sh", "-c", 'cd "$0" && exec "$@"', str(here), *bound_to_parent(command, account))


def edge_account() -> Account | None:
    """Whom Kamailio runs as; None is whoever we are. Raises `StartError`."""
    if os.geteuid() != 0:
        return None
    for name in ("kamailio", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StartError("Kamailio does not run as root, and there is no account `kamailio` or `nobody` to run it as")
