"""Digest authentication of requests: RFC 3261, section 22, with SHA-256 as in RFC 8760 and RFC 7616."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from urllib.request import parse_http_list, parse_keqv_list

_SCHEME = "digest "


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_HASHES: dict[str, Callable[[str], str]] = {"SHA-256": _sha256, "MD5": _md5}


def credentials(
    challenges: Sequence[str], method: str, uri: str, user: str, password: str, cnonce: str | None = None
) -> str | None:
    """Return the Authorization (or Proxy-Authorization) value that answers one of the challenges.

    `challenges` are the values of the response's challenge headers; the strongest hash offered is taken. `cnonce` is
    made up unless given. None if none of the challenges can be answered (another scheme, hash or protection).
    """
    offers = [_parse(challenge) for challenge in challenges if challenge.lower().startswith(_SCHEME)]
    for name, digest in _HASHES.items():
        for offer in offers:
            protections = [part.strip() for part in offer.get("qop", "").split(",") if part.strip()]
            if offer.get("algorithm", "MD5").upper() != name or (protections and "auth" not in protections):
                continue
            answer = _answer(offer, digest, method, uri, (user, password))
            answer |= _protected(offer, digest, answer, cnonce or secrets.token_hex(8)) if protections else {}
            return "Digest " + ", ".join(_written(key, value) for key, value in answer.items() if key[0] != "_")
    return None


def _parse(challenge: str) -> dict[str, str]:
    return parse_keqv_list(parse_http_list(challenge[len(_SCHEME) :]))


def _answer(
    offer: dict[str, str], digest: Callable[[str], str], method: str, uri: str, account: tuple[str, str]
) -> dict[str, str]:
    """The fields without `qop` (RFC 2069 style); `_a1` and `_a2` are the two halves of the response."""
    user, password = account
    realm, nonce = offer.get("realm", ""), offer.get("nonce", "")
    first, second = digest(f"{user}:{realm}:{password}"), digest(f"{method}:{uri}")
    fields = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
    fields["response"] = digest(f"{first}:{nonce}:{second}")
    fields |= {key: offer[key] for key in ("algorithm", "opaque") if key in offer}
    return fields | {"_a1": first, "_a2": second}


def _protected(
    offer: dict[str, str], digest: Callable[[str], str], answer: dict[str, str], cnonce: str
) -> dict[str, str]:
    count = "00000001"
    response = digest(f"{answer['_a1']}:{offer.get('nonce', '')}:{count}:{cnonce}:auth:{answer['_a2']}")
    return {"response": response, "qop": "auth", "nc": count, "cnonce": cnonce}


def _written(key: str, value: str) -> str:
    if key in ("algorithm", "qop", "nc"):
        return f"{key}={value}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{key}="{escaped}"'
