"""Session descriptions gone wrong, the same ones in every run, and a reader of our own that says which are sound."""

import random
import re
from collections.abc import Callable

from tests.edge.messages import SDP

SEED = 20260722
PAYLOAD_MAX = 127  # RFC 3550, section 5.1: seven bits
NUMBERS = ("-1", "128", "255", "256", "300", "1000", "65536", "4294967296", "99999999999999999999", "0x10", "1e3", "")
NOISE = ("\x00", "\xff", "%s%n", "A" * 4000, "\r", "\n\n", "'; --", "${jndi}", "\u202e", " " * 300, "=", ":")


def mutations(count: int) -> list[str]:
    """So many descriptions, each with one to three things changed; the first ones are payload types above 127."""
    known = [
        SDP.replace("0 8 101", "0 8 255"),
        SDP.replace("0 8 101", "255"),
        SDP.replace("rtpmap:101", "rtpmap:255"),
        SDP.replace("fmtp:101", "fmtp:255"),
        SDP.replace("0 8 101", "0 8 128"),
        SDP + "m=audio 30002 RTP/AVP 255\r\n",
        SDP + "m=video 30002 RTP/AVP 96 200\r\na=rtpmap:200 VP8/90000\r\n",
    ]
    chance = random.Random(SEED)
    changes = (_number, _noise, _line_gone, _line_twice, _line_elsewhere, _cut, _swollen, _byte)
    while len(known) < count:
        text = SDP
        for _ in range(chance.randint(1, 3)):
            text = chance.choice(changes)(text, chance)
        known.append(text)
    return known


def is_sound(body: str) -> bool:
    """Whether nothing in it is known to be deadly: every payload type of seven bits, every size a telephone's."""
    types = [
        number
        for line in re.findall(r"(?:^|\n)m=(?:audio|video) \S+ \S*RTP\S* ?([^\r\n]*)", body)
        for number in line.split()
    ]
    types += re.findall(r"(?:^|\n)a=(?:rtpmap|fmtp):([^\s]*)", body)
    return (
        all(re.fullmatch(r"\d{1,3}", number) and int(number) <= PAYLOAD_MAX for number in types)
        and len(body) <= 8192
        and body.count("\n") <= 150
        and all(len(line) <= 512 for line in body.splitlines())
    )


def _number(text: str, chance: random.Random) -> str:
    found = chance.choice(list(re.finditer(r"\d+", text)))
    return text[: found.start()] + chance.choice(NUMBERS) + text[found.end() :]


def _noise(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(NOISE) + text[at:]


def _line_gone(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return "".join(lines) or "v=0\r\n"


def _line_twice(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return "".join([*lines[:at], *[lines[at]] * chance.choice((2, 5, 200)), *lines[at:]])


def _line_elsewhere(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    chance.shuffle(lines)
    return "".join(lines)


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(1, len(text))] if len(text) > 1 else text + "m="


def _swollen(text: str, chance: random.Random) -> str:
    types = " ".join(str(chance.randrange(96, 400)) for _ in range(chance.choice((3, 50, 500))))
    return text.replace("0 8 101", types)


def _byte(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chr(chance.randrange(1, 256)) + text[at + 1 :]


Change = Callable[[str, random.Random], str]
