"""Secrets that the database keeps: sealed with a key that it does not hold."""

import base64
import hashlib
import logging
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from callcenter.platform.plumbing.errors import Conflict
from callcenter.platform.wire.brief import ModelEndpoint
from callcenter.platform.wire.settings import Settings

log = logging.getLogger(__name__)

SHORTEST_KEY = 32


class NothingToSealWith(Conflict):
    """Keys cannot be kept: set CALLCENTER_SECRETS_KEY (at least 32 characters) for the api and router processes."""


class Keyring:
    """Seals with the first key and opens with any, so that a new key can be put before the old one (Fernet:
    AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([_fernet(key) for key in keys]) if keys else None

    @classmethod
    def of(cls, settings: Settings) -> "Keyring":
        """Raises ValueError for a key that is too short to be one."""
        keys = [key.strip() for key in settings.secrets_key.get_secret_value().split(",") if key.strip()]
        if any(len(key) < SHORTEST_KEY for key in keys):
            raise ValueError(f"CALLCENTER_SECRETS_KEY: expected at least {SHORTEST_KEY} characters")
        return cls(keys)

    def seal(self, secret: str) -> str:
        """Raises NothingToSealWith."""
        if self._fernet is None:
            raise NothingToSealWith()
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret; "" where none of our keys opens it: the model's server then says that a key is missing."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode() if self._fernet else ""
        except InvalidToken:
            log.warning("a model's key cannot be opened: CALLCENTER_SECRETS_KEY is not the one it was sealed with")
            return ""

    def opened(self, endpoint: ModelEndpoint) -> ModelEndpoint:
        """The endpoint as whoever talks to the model needs it."""
        if not endpoint.sealed_key:
            return endpoint
        return endpoint.model_copy(update={"sealed_key": "", "api_key": SecretStr(self.open(endpoint.sealed_key))})


def _fernet(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"models' keys {key}".encode()).digest()))
