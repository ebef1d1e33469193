"""Where a model is reached and with which key."""

import os
from dataclasses import dataclass

from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.settings import Settings

OPENAI_URL = "https://api.openai.com/v1"
NO_KEY = "none"


@dataclass(frozen=True)
class Access:
    """An OpenAI-compatible server's address, with `/v1` or the like, and its key."""

    base_url: str
    api_key: str


def access(endpoint: ModelEndpoint, settings: Settings) -> Access:
    """The address and key of an endpoint: its own, else this process's OpenAI settings, else OpenAI itself.

    The settings' key goes to the settings' address alone: a profile's own server gets the key that the profile names,
    or none. A server that asks for no key still gets a word, because the client insists on one.
    """
    ours = settings.openai_base_url or OPENAI_URL
    base_url = endpoint.base_url or ours
    named = os.environ.get(endpoint.api_key_env, "") if endpoint.api_key_env else ""
    own = settings.openai_api_key.get_secret_value() if base_url == ours else ""
    return Access(base_url, named or own or NO_KEY)
