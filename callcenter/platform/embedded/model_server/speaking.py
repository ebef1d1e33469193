"""Text to speech: flite for English, espeak-ng for other languages and where flite is missing."""

import asyncio
import logging
import re
import shutil
import tempfile
import textwrap
from collections import OrderedDict
from collections.abc import AsyncIterator
from pathlib import Path

from callcenter.platform.embedded.model_server.errors import BadRequest
from callcenter.platform.embedded.model_server.sound import Samples, read_wav, resample, trim

logger = logging.getLogger(__name__)

SPEECH_RATE = 24_000
KEPT_SENTENCES = 128
SYNTHESIS_SECONDS = 20.0
ESPEAK_WORDS_PER_MINUTE = 165
MARGIN_SECONDS = 0.08
# So much is spoken in one piece: a sentence without a full stop still comes in time.
LONGEST_PIECE = 300

# OpenAI's voices by flite's; a name of flite's own ("rms") or of a language of espeak-ng's ("de") works too.
VOICES = {
    "alloy": "slt", "ash": "rms", "ballad": "awb", "cedar": "rms", "coral": "slt", "echo": "rms", "fable": "awb",
    "marin": "slt", "nova": "slt", "onyx": "rms", "sage": "slt", "shimmer": "slt", "verse": "awb",
}  # fmt: skip
FLITE_VOICES = frozenset({"slt", "rms", "awb", "kal", "kal16"})
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9-]{2,12})?")

_LONG_NUMBER = re.compile(r"\d{4,}")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?;:])\s+|\n+")


class Mouth:
    """Speaks sentence by sentence; what was said lately is kept."""

    def __init__(self) -> None:
        self._flite, self._espeak = shutil.which("flite"), shutil.which("espeak-ng")
        if not (self._flite or self._espeak):
            raise RuntimeError("neither flite nor espeak-ng is installed")
        self._said: OrderedDict[tuple[str, str, float], Samples] = OrderedDict()

    async def speak(self, text: str, voice: str, speed: float) -> AsyncIterator[Samples]:
        """The text as 24 kHz mono, a sentence at a time. Raises BadRequest for a voice it does not have."""
        engine_voice = VOICES.get(voice.lower(), voice.lower())
        if engine_voice not in FLITE_VOICES and not LANGUAGE.fullmatch(engine_voice):
            raise BadRequest("voice", f"Invalid voice '{voice}': use one of {', '.join(sorted(VOICES))}, or 'de'.")
        for sentence in sentences(text):
            yield await self._sentence(sentence, engine_voice, speed)

    async def _sentence(self, sentence: str, voice: str, speed: float) -> Samples:
        key = (sentence, voice, speed)
        kept = self._said.get(key)
        if kept is None:
            kept = await self._synthesise(sentence, voice, speed)
            self._said[key] = kept
            while len(self._said) > KEPT_SENTENCES:
                self._said.popitem(last=False)
        else:
            self._said.move_to_end(key)
        return kept

    async def _synthesise(self, sentence: str, voice: str, speed: float) -> Samples:
        with tempfile.TemporaryDirectory(prefix="speech-") as folder:
            text, sound = Path(folder) / "text", Path(folder) / "sound.wav"
            text.write_text(spoken(sentence), encoding="utf-8")
            await self._run(*self._command(voice, speed, text, sound))
            samples, rate = read_wav(sound.read_bytes())
        heard = trim(samples, rate, floor=30, below_peak=0.005, margin_seconds=MARGIN_SECONDS)
        return resample(heard, rate, SPEECH_RATE)

    def _command(self, voice: str, speed: float, text: Path, sound: Path) -> tuple[str, ...]:
        if voice in FLITE_VOICES and self._flite:
            stretch = f"duration_stretch={1 / speed:.3f}"
            return (self._flite, "-voice", voice, "--setf", stretch, "-f", str(text), "-o", str(sound))
        if not self._espeak:
            raise BadRequest("voice", f"Invalid voice '{voice}': espeak-ng is not installed.")
        language = "en-us" if voice in FLITE_VOICES else voice
        words = str(round(ESPEAK_WORDS_PER_MINUTE * speed))
        return (self._espeak, "-v", language, "-s", words, "-f", str(text), "-w", str(sound))

    async def _run(self, *command: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(SYNTHESIS_SECONDS):
                _, complaint = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            logger.warning("synthesis failed", extra={"engine": Path(command[0]).name, "code": process.returncode})
            raise BadRequest("voice", complaint.decode(errors="replace").strip() or "The voice could not speak.")


def sentences(text: str) -> list[str]:
    """The text in pieces that are spoken one after the other; marks without a word are not spoken."""
    found = [" ".join(piece.split()) for piece in _BETWEEN_SENTENCES.split(text)]
    pieces = [piece for sentence in found for piece in textwrap.wrap(sentence, LONGEST_PIECE)]
    return [piece for piece in pieces if any(character.isalnum() for character in piece)]


def spoken(text: str) -> str:
    """Long numbers digit by digit, as people say them on the phone: an order 4711 is "4 7 1 1"."""
    return _LONG_NUMBER.sub(lambda number: " ".join(number[0]), text)
