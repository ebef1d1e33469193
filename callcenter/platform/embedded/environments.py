"""What each part is told: the settings it reads and little else, so that a part gives away no more than it needs.

Parts that speak with callers and models know neither the database nor the engine's secret.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BASIC = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
PYTHON_PREFIX = "PYTHON"
# How a request leaves this network. Clients read both spellings.
OUTWARD = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    *(name for upper in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY") for name in (upper, upper.lower())),
)
# Also keys that a profile names in `api_key_env`: those begin with OPENAI_ too.
MODELS_PREFIX = "OPENAI_"
MODEL_SERVER_PREFIX = "CALLCENTER_MODEL_"
LOG_LEVEL = "CALLCENTER_LOG_LEVEL"
DESK = ("CALLCENTER_DESK_URL", "CALLCENTER_DESK_SECRET")
IN_ROOM = (*DESK, LOG_LEVEL, "CALLCENTER_DATA_DIR")
WORKER = (*IN_ROOM, "CALLCENTER_DEPLOYMENT", "CALLCENTER_DRAIN_SECONDS")
ATTENDANT = (*WORKER, "CALLCENTER_ATTENDANT_SEATS")
LIVEKIT = ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")
AGENT = (*WORKER, "CALLCENTER_AGENT_SEATS", "CALLCENTER_AGENT_SKILLS")
FAILPOINTS = "CALLCENTER_FAILPOINTS"  # plumbing/failpoints.py; nobody but a test sets it
DEMO_TRUNK_PASSWORD = "DEMO_TRUNK_PASSWORD"  # noqa: S105 (a name)


@dataclass(frozen=True)
class Environments:
    """One environment per kind of part. `control` is for whoever works with the database: API, router, commands."""

    engine: dict[str, str]
    control: dict[str, str]
    trunks: dict[str, str]
    model_server: dict[str, str]
    attendant: dict[str, str]
    agent: dict[str, str]


def environments(
    settings: Mapping[str, str],
    base: Mapping[str, str],
    demo_trunk_password: str,
    trunk_secrets: Iterable[str],
) -> Environments:
    """Share out the settings (as variables) and what `up` itself was started with (`base`).

    `trunk_secrets` names the variables that trunk files take passwords from; an operator's own demo trunk password wins
    over `demo_trunk_password`.
    """
    engine = _named(base, BASIC)
    python = {
        **engine,
        **{name: value for name, value in base.items() if name.startswith(PYTHON_PREFIX)},
        # `up` has read `.env` already: read again, it would bring back what is left out here.
        "PYTHON_DOTENV_DISABLED": "1",
    }
    outward = {**python, **_named(base, OUTWARD)}
    models = {
        **outward,
        **{name: value for name, value in {**base, **settings}.items() if name.startswith(MODELS_PREFIX)},
    }
    given = {name: word for name, word in _named(base, (DEMO_TRUNK_PASSWORD, *trunk_secrets)).items() if word}
    return Environments(
        engine=engine,
        control={**outward, **settings, **_named(base, (FAILPOINTS,))},
        trunks={**outward, **_named(settings, LIVEKIT), DEMO_TRUNK_PASSWORD: demo_trunk_password, **given},
        model_server={
            **python,
            **{name: value for name, value in settings.items() if name.startswith(MODEL_SERVER_PREFIX)},
            **_named(settings, (LOG_LEVEL,)),
        },
        attendant={**models, **_named(settings, ATTENDANT)},
        agent={**models, **_named(settings, AGENT)},
    )


def _named(source: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: source[name] for name in names if name in source}
