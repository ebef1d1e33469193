"""What a caller heard: which of some sentences were spoken in recorded telephone audio, and in which order."""

import math
import tempfile
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from callcenter.platform.embedded.model_server import hearing
from callcenter.platform.embedded.model_server.answering import normal
from callcenter.platform.embedded.model_server.phrases import DIGITS
from callcenter.platform.embedded.model_server.sound import loudness

RATE = 8000
GAP_SECONDS = 0.3
SILENCE = 100.0  # root mean square of 20 ms
LONGEST_SECONDS = 8.0
ALIKE = 0.75
COMMON_WORDS = frozenset(
    ["the", "a", "is", "you", "i", "to", "and", "of", "it", "in", "your", "my", "we", "for", "that", "on", "are", "can"]
)


class Ear:
    """Listens for sentences (any case and punctuation; numbers digit by digit) in a voice like flite's slt.

    Recognises with a language model of the sentences and common words, then compares word by word: at least
    three quarters must be there in the right order. A word pocketsphinx has no sound for is not listened for; raises
    ValueError if a sentence has nothing else.
    """

    def __init__(self, sentences: Sequence[str]) -> None:
        self._decoder = pocketsphinx.Decoder(
            hmm=pocketsphinx.get_model_path("en-us/en-us"),
            dict=pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"),
            lm=None,
            loglevel="FATAL",
        )
        self._candidates = {
            sentence: [word for word in _words(sentence) if self._decoder.lookup_word(word)] for sentence in sentences
        }
        for sentence, words in self._candidates.items():
            if not words:
                raise ValueError(f"no word of this can be listened for: {sentence!r}")
        with tempfile.NamedTemporaryFile("w", suffix=".arpa") as file:
            file.write(_language_model(list(self._candidates.values())))
            file.flush()
            self._decoder.add_lm_file("ear", file.name)
        self._decoder.activate_search("ear")

    def listen(self, pcm: NDArray[np.int16]) -> list[str]:
        """The sentences that were heard in this audio of 8 kHz, in their order, one entry for each time."""
        heard = [word for piece in _pieces(pcm) for word in self._recognise(piece)]
        found: list[tuple[int, str]] = []
        for sentence, words in sorted(self._candidates.items(), key=lambda item: -len(item[1])):
            while (place := _find(words, heard)) is not None:
                found.append((place[0], sentence))
                heard[place[0] : place[1]] = [""] * (place[1] - place[0])
        return [sentence for _, sentence in sorted(found)]

    def _recognise(self, piece: NDArray[np.int16]) -> list[str]:
        self._decoder.set_cmn(",".join(str(value) for value in hearing.USUAL_MEAN))
        self._decoder.start_stream()
        self._decoder.start_utt()
        self._decoder.process_raw(hearing.shape(piece).tobytes(), False, True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        return hypothesis.hypstr.split() if hypothesis else []


def _language_model(sentences: list[list[str]]) -> str:
    """An ARPA model in which the words of the sentences follow each other, and common words may come anywhere."""
    pairs: dict[str, set[str]] = {}
    for words in sentences:
        for word, following in pairwise(["<s>", *words, "</s>"]):
            pairs.setdefault(word, set()).add(following)
    words = sorted(COMMON_WORDS.union(*sentences))
    anywhere = math.log10(1 / (len(words) + 1))
    unigrams = ["-99 <s> -0.5", f"{anywhere:.4f} </s>", *(f"{anywhere:.4f} {word} -0.5" for word in words)]
    bigrams = [
        f"{math.log10(0.7 / len(following)):.4f} {word} {after}"
        for word, following in sorted(pairs.items())
        for after in sorted(following)
    ]
    counts = ["\\data\\", f"ngram 1={len(unigrams)}", f"ngram 2={len(bigrams)}", ""]
    return "\n".join([*counts, "\\1-grams:", *unigrams, "", "\\2-grams:", *bigrams, "", "\\end\\", ""])


def _words(sentence: str) -> list[str]:
    digits = {str(value): word for value, word in enumerate(DIGITS)}
    spaced = "".join(f" {digits[c]} " if c in digits else c for c in normal(sentence))
    return spaced.split()


def _pieces(pcm: NDArray[np.int16]) -> list[NDArray[np.int16]]:
    """Stretches of sound, parted by pauses, with a margin of silence on both sides."""
    size, margin = RATE // 50, RATE // 5
    loud = np.nonzero(loudness(pcm, RATE) > SILENCE)[0]
    if not len(loud):
        return []
    breaks = np.nonzero(np.diff(loud) * size > GAP_SECONDS * RATE)[0]
    starts, ends = [loud[0], *loud[breaks + 1]], [*loud[breaks], loud[-1]]
    pieces = []
    for start, end in zip(starts, ends, strict=True):
        whole = pcm[max(0, start * size - margin) : (end + 1) * size + margin]
        count = math.ceil(len(whole) / (LONGEST_SECONDS * RATE))
        pieces.extend(np.array_split(whole, count))
    return pieces


def _find(words: list[str], heard: list[str]) -> tuple[int, int] | None:
    """Where in what was heard these words are, most alike first; None if nowhere alike enough."""
    best, place = ALIKE, None
    for start in range(len(heard)):
        for end in range(start + 1, min(len(heard), start + len(words) + len(words) // 3 + 1) + 1):
            alike = SequenceMatcher(None, words, heard[start:end], autojunk=False).ratio()
            if alike > best or (place is None and alike == best):
                best, place = alike, (start, end)
    return place
