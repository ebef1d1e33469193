"""Where a model is reached and with which key."""

import os
from dataclasses import dataclass, field

from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.settings import Settings

OPENAI_URL = "https://api.openai.com/v1"
OWN_KEY = "OPENAI_API_KEY"  # the variable of the settings' key
NO_KEY = "none"


@dataclass(frozen=True)
class Access:
    """An OpenAI-compatible server's address, with `/v1` or the like, and its key."""

    base_url: str
    api_key: str = field(repr=False)


def own_url(settings: Settings) -> str:
    """The address of the settings, the only one that their key goes to."""
    return settings.openai_base_url or OPENAI_URL


def access(endpoint: ModelEndpoint, settings: Settings) -> Access:
    """The address and key of an endpoint: its own, else this process's OpenAI settings, else OpenAI itself.

    A key that was entered for the endpoint comes first. The settings' key goes to the settings' address alone: a
    profile's own server gets the key that was entered for it, the one that the profile names, or none; naming
    OPENAI_API_KEY does not send it elsewhere. A server that asks for no key still gets a word, because the client
    insists on one.
    """
    ours = own_url(settings)
    base_url = endpoint.base_url or ours
    another = endpoint.api_key_env not in ("", OWN_KEY)
    named = os.environ.get(endpoint.api_key_env, "") if another else ""
    own = settings.openai_api_key.get_secret_value() if base_url == ours else ""
    return Access(base_url, endpoint.api_key.get_secret_value() or named or own or NO_KEY)
