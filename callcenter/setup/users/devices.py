"""A browser in a few words. No more than these is kept: a User-Agent as a whole tells people apart."""

import re

_BROWSERS = (  # the first that is found: most browsers call themselves by others' names, too
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("HeadlessChrome", "Chrome"),
    ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
    ("Mac OS X", "macOS"), ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
LONGEST = 1000


def device_of(user_agent: str | None) -> str:
    """`Firefox on Linux`, `Chrome`, or empty where nothing is known."""
    said = (user_agent or "")[:LONGEST]
    browser = next((name for mark, name in _BROWSERS if re.search(rf"\b{mark}[A-Za-z]*/", said)), "")
    system = next((name for mark, name in _SYSTEMS if mark in said), "")
    return " on ".join(part for part in (browser, system) if part)
