"""Who changes the set-up."""

from dataclasses import dataclass

from callcenter.setup.users.rules import Principal

KEY_DIGITS = 12


@dataclass(frozen=True)
class Author:
    """`actor` as the timeline names them, `who` in words."""

    actor: str
    who: str


def author(principal: Principal) -> Author:
    """Who asks over HTTP; a key that belongs to nobody is told by the start of its stored hash."""
    if principal.person is not None:
        return Author(principal.actor, principal.person.email)
    return Author(f"key:{principal.token_hash[:KEY_DIGITS]}", f"an API key with the role {principal.role.value}")


def command(words: str) -> Author:
    """Somebody with a shell: `words` are the command, such as "callcenter rules publish"."""
    return Author("system", words)
