"""How words are compared, wherever callers' words are looked for in what they said."""

import unicodedata


def plain(text: str) -> str:
    """Without case, accents that stand alone and punctuation: as words are compared."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())
