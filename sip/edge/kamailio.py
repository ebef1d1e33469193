"""Kamailio's configuration as text. Names and behaviour: Kamailio 5.6 core and module documentation (Debian 12)."""

import re
from collections.abc import Mapping
from pathlib import Path

from sip.edge.admission import Admission, Door
from sip.edge.model import Address, Edge, Limits
from sip.errors import SipError

Setting = tuple[str, str, int | str]  # module, parameter, value

ROUTING = Path(__file__).with_name("routing.cfg")
NODE_MILLISECONDS = 1500  # livekit-sip says 100, or 200 to OPTIONS, within a few: silent for so long it is gone
NODES = 1  # the dispatcher's set of livekit-sip nodes
RPC_SOCKET = "rpc.sock"
NODE_FILE = "nodes.list"

PAYLOAD = "([0-9]|[1-9][0-9]|1[01][0-9]|12[0-7])"  # RFC 3551, section 6: seven bits
PORT = "([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
BYTE = "([0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
SCANNERS = (
    "friendly-scanner|friendly-request|sipvicious|sipcli|sip-scan|sipsak|sundayddr|iWar|sivus|smap|VaxSIPUserAgent"
    "|VaxIPUserAgent|pplsip|gulp|scamblaster|siparmyknife|Test Agent"
)

MODULES = (
    *("kex", "kemix", "corex", "tm", "tmx", "sl", "rr", "pv", "maxfwd", "textops", "textopsx", "siputils", "xlog"),
    *("sanity", "htable", "ipops", "nathelper", "dispatcher", "jsonrpcs", "rtimer"),
)


def configuration(edge: Edge) -> str:
    """The text of `kamailio.cfg`. Raises SipError for what Kamailio could not be told."""
    _check(edge)
    return "\n".join(
        (_core(edge), _modules(edge), *_tables(edge), _admit(edge.admission), _state(edge), _routing(edge))
    )


def node_list(nodes: tuple[Address, ...], inside: Address, drained: frozenset[str] = frozenset()) -> str:
    """The dispatcher's list: set, address, flags (4: nothing new goes there and nobody asks it), priority, attrs."""
    lines = [f"{NODES} sip:{node} {4 if str(node) in drained else 0} 0 socket=udp:{inside}" for node in nodes]
    return "\n".join((*lines, ""))


def _check(edge: Edge) -> None:
    if not edge.nodes:
        raise SipError("--node is missing: expected at least one livekit-sip, such as --node 10.0.0.7:5060")
    if edge.outside == edge.inside:
        raise SipError(f"--inside {edge.inside}: expected another port than --listen")
    if edge.inside in edge.nodes or edge.outside in edge.nodes:
        raise SipError("--node names the edge itself: expected the address of a livekit-sip")
    if not re.fullmatch(r"[0-9a-f]{32,}", edge.secret):
        raise SipError("the edge's secret is not 32 hexadecimal digits or more: remove the file to have it made anew")
    if re.search(r'["\s$\\]', f"{edge.state_url}{edge.advertised}{edge.folder}"):
        raise SipError('addresses and folders of the edge may not hold spaces, quotes, "$" or backslashes')


def _core(edge: Edge) -> str:
    advertised = f" advertise {edge.advertised}" if edge.advertised else ""
    return f"""#!KAMAILIO
# Made by `python -m sip edge` from the trunk files: change those, not this.
debug=0
log_stderror=yes
log_prefix="{{$mt $rm $cfg(route)}} "
children={edge.workers}
tcp_children={edge.workers}
tcp_max_connections=4096
tcp_connection_lifetime=3605
tcp_connect_timeout=3
tcp_send_timeout=3
tcp_rd_buf_size=65536
max_while_loops={edge.limits.lines + 10}
auto_aliases=no
dns=no
rev_dns=no
server_signature=no
sip_warning=0
disable_core_dump=yes
listen=udp:{edge.outside}{advertised}
listen=tcp:{edge.outside}{advertised}
listen=udp:{edge.inside}
listen=tcp:{edge.inside}
"""


def _modules(edge: Edge) -> str:
    modules = (*MODULES, "http_client") if edge.state_url else MODULES
    loads = "\n".join(f'loadmodule "{name}.so"' for name in modules)
    lines = [
        f'modparam("{module}", "{name}", {value})'
        if isinstance(value, int)
        else f'modparam("{module}", "{name}", "{value}")'
        for module, name, value in (*_counters(edge.limits), *_settings(edge), *_questions(edge))
    ]
    return f"{loads}\n\n" + "\n".join(lines) + "\n"


def _counters(limits: Limits) -> list[Setting]:
    """The tables in memory. What expires does so whether or not it is counted on: a window has an end."""
    tables = {
        "rate": f"size=12;autoexpire={limits.window_seconds};initval=0;updateexpire=0;",
        "wrong": "size=12;autoexpire=60;initval=0;updateexpire=0;",
        "guesses": f"size=10;autoexpire={limits.guess_seconds};initval=0;updateexpire=0;",
        "banned": f"size=12;autoexpire={limits.ban_seconds};updateexpire=0;",
        "known": "size=10;autoexpire=3600;",
        "house": "size=2;autoexpire=5;",
        "trunk": "size=10;",
    }
    return [*(("htable", "htable", f"{name}=>{how}") for name, how in tables.items()), ("htable", "timer_interval", 1)]


def _settings(edge: Edge) -> list[Setting]:
    return [
        ("sanity", "autodrop", 0),
        ("sanity", "noreply", 1),
        ("rr", "enable_double_rr", 2),
        ("rr", "enable_full_lr", 1),
        ("rr", "append_fromtag", 0),
        ("tm", "failure_reply_mode", 3),
        ("tm", "fr_timer", NODE_MILLISECONDS),
        ("tm", "auto_inv_100_reason", "Trying"),
        ("tm", "wt_timer", 5000),
        ("dispatcher", "list_file", str(edge.folder / NODE_FILE)),
        ("dispatcher", "flags", 2),
        ("dispatcher", "xavp_dst", "_dsdst_"),
        ("dispatcher", "xavp_ctx", "_dsctx_"),
        ("dispatcher", "ds_ping_interval", 1),
        ("dispatcher", "ds_ping_from", f"sip:edge@{edge.inside}"),
        ("dispatcher", "ds_probing_mode", 1),
        ("dispatcher", "ds_probing_threshold", 2),
        ("dispatcher", "ds_inactive_threshold", 1),
        ("jsonrpcs", "transport", 4),
        ("jsonrpcs", "dgram_socket", str(edge.folder / RPC_SOCKET)),
        ("jsonrpcs", "dgram_mode", 0o600),
    ]


def _questions(edge: Edge) -> list[Setting]:
    """To the API, in a process of their own, so that no call waits for an answer."""
    if not edge.state_url:
        return []
    return [
        ("http_client", "connection_timeout", 2),
        ("rtimer", "timer", "name=house;interval=1;mode=1;"),
        ("rtimer", "exec", "timer=house;route=HOUSE"),
    ]


def _tables(edge: Edge) -> tuple[str, ...]:
    entries = [
        f'    $sht(trunk=>{number}) = "{door.trunk}";' for door in edge.admission.doors for number in door.numbers
    ]
    return ("event_route[htable:mod-init] {", *(entries or ['    $sht(trunk=>none) = "none";']), "}", "")


def _admit(admission: Admission) -> str:
    """The number decides the trunk, as LiveKit will (`NormalizeNumber` in livekit/protocol's `livekit/sip.go`, of the
    To header), and the trunk decides who may call it."""
    other = admission.catch_all
    unknown = f'$var(trunk) = "{other.trunk}";' if other else "route(REFUSE);"
    cases = "\n".join(_case(door) for door in admission.doors)
    return f"""route[ADMIT] {{
    if ($tU == $null || $tU =~ "[%;]" || $(tU{{s.len}}) > 128) {{ route(REFUSE); }}
    $var(number) = $tU;
    if ($tU =~ "^\\+?[0-9() -]+$") {{
        $var(number) = $(tU{{re.subst,/[() -]//g}});
        if (!($var(number) =~ "^\\+")) {{ $var(number) = "+" + $var(number); }}
    }}
    if ($sht(trunk=>$var(number)) == $null) {{
        {unknown}
    }} else {{
        $var(trunk) = $sht(trunk=>$var(number));
    }}
    switch ($var(trunk)) {{
{cases}
        default:
            route(REFUSE);
    }}
}}

# A number that this source may not call. Strangers get no answer: to them there is nobody here.
route[REFUSE] {{
    if ($var(listed) == 0) {{ route(STRANGE); }}
    sl_send_reply("403", "Forbidden");
    exit;
}}
"""


def _case(door: Door) -> str:
    if not door.addresses:
        return f'        case "{door.trunk}": break;'
    networks = ",".join(door.addresses)
    return f"""        case "{door.trunk}":
            if (!is_in_subnet("$si", "{networks}")) {{ route(REFUSE); }}
            break;"""


def _state(edge: Edge) -> str:
    """Without an answer the mark goes after five seconds, and calls are admitted: an API that is away turns nobody
    away."""
    if not edge.state_url:
        return ""
    return f"""route[HOUSE] {{
    $var(status) = http_client_query("{edge.state_url}", "$var(answer)");
    if ($rc == 200 && $var(answer) =~ "\\"admit\\": *false") {{
        $sht(house=>full) = 1;
    }} else if ($rc == 200) {{
        $sht(house=>full) = $null;
    }}
}}
"""


def _routing(edge: Edge) -> str:
    limits = edge.limits
    words: Mapping[str, object] = {
        "LISTED": ",".join(edge.admission.listed) or "255.255.255.255/32",
        "INSIDE_IP": edge.inside.host,
        "INSIDE_PORT": edge.inside.port,
        "OUTSIDE": edge.outside,
        "SECRET": edge.secret,
        "SCANNERS": SCANNERS,
        "PAYLOAD": PAYLOAD,
        "PORT": PORT,
        "BYTE": BYTE,
        "MAX_BYTES": limits.message_bytes,
        "MAX_BODY_BYTES": limits.body_bytes,
        "MAX_LINES": limits.lines,
        "MAX_LINE_BYTES": limits.line_bytes,
        "MAX_MEDIA": limits.media,
        "STRANGER_MESSAGES": limits.stranger_messages,
        "STRANGER_MISTAKES": limits.stranger_mistakes,
        "CARRIER_MESSAGES": limits.carrier_messages,
        "WINDOW_SECONDS": limits.window_seconds,
        "GUESSES": limits.guesses,
        "RETRY_AFTER_SECONDS": limits.retry_after_seconds,
        "NODE_TRIES": min(len(edge.nodes), 4),
        # One that rings for longer than livekit-sip's own limit of 180 s is given up.
        "FIRST_MILLISECONDS": NODE_MILLISECONDS,
        "FAR_MILLISECONDS": 12000,
        "FINAL_MILLISECONDS": 200000,
    }
    pattern = re.compile(rf"\b({'|'.join(words)})\b")
    text = ROUTING.read_text(encoding="utf-8")
    return pattern.sub(lambda found: str(words[found[0]]), text)
