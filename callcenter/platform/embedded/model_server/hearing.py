"""Speech to text: pocketsphinx with the grammar of `phrases.yaml`, and the refusal of whatever is not in it.

The acoustic model was trained on wide-band speech and gets telephone speech here, so every utterance is brought into
the same shape first: telephone band, one level, a little noise where the band ends, and the voice's pitch taken as a
hint for the length of the vocal tract. Numbers below were found by measuring with flite's and espeak-ng's voices
through G.711; tests/platform/embedded/model_server/test_hearing.py holds them to it.
"""

import math
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from callcenter.platform.embedded.model_server.phrases import Phrases, written
from callcenter.platform.embedded.model_server.sound import Samples, resample, to_int16, trim

TELEPHONE_RATE = 8000
MODEL_RATE = 16000
FRAMES_PER_SECOND = 100

SILENCE = 60.0  # root mean square under which nothing is speech
BELOW_PEAK = 0.02
MARGIN_SECONDS = 0.24
SHORTEST_SECONDS = 0.1
LONGEST_SECONDS = 10.0

LEVEL = 2000.0
NOISE = 15.0
HIGH_PITCH_HERTZ = 155.0
HIGH_VOICE_STRETCH = 1.13

# Cepstral mean of telephone speech of this shape, counted like so many frames of the utterance's own.
USUAL_MEAN = (47.6, 11.1, -5.0, 26.4, -5.2, 2.2, 4.0, -9.8, 2.3, -6.5, 5.9, 3.5, -0.6)
USUAL_MEAN_FRAMES = 100

# What is still taken for a phrase. A misfit is counted in nats a frame by which the states of the phrase fit worse than
# the best states there are. A word on its own may fit worse than the whole; short ones are judged more gently.
WORST_PHRASE = 6.2
WORST_WORD = 6.5
WORD_GRACE_FRAMES = 10
WORST_PAUSE = 8.0
LOUD = 0.1
MOST_LOUD_PAUSE_FRAMES = 12
PAUSES = ("<sil>", "[NOISE]", "[SPEECH]")

# pocketsphinx holds the interpreter's lock while it searches: other threads get their turn between pieces.
PIECE_SAMPLES = 800


@dataclass(frozen=True)
class Segment:
    """A word or a pause of the decoder's best path, with frames of a hundredth of a second."""

    word: str
    first: int
    last: int
    misfit: float

    @property
    def frames(self) -> int:
        return self.last - self.first + 1

    @property
    def is_word(self) -> bool:
        return self.word[0] not in "<["


@dataclass(frozen=True)
class Heard:
    """What was understood, empty for nothing, in how many seconds of sound; `best` is the guess it was judged by."""

    text: str
    seconds: float
    best: tuple[Segment, ...] = ()


class Listener:
    """One decoder; for one utterance at a time."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases
        self._decoder = _decoder(compallsen=True)  # so that frames can be compared
        missing = sorted(word for word in phrases.vocabulary if self._decoder.lookup_word(word) is None)
        if missing:
            raise ValueError(f"phrases.yaml: not in pocketsphinx's dictionary: {', '.join(missing)}")
        self._decoder.add_jsgf_string("shop", phrases.grammar())
        self._decoder.activate_search("shop")
        self._gauge = _decoder(compallsen=False, ds=20, topn=1)  # hardly scores: only its cepstra are wanted
        self._gauge.add_jsgf_string("any", "#JSGF V1.0;\ngrammar any;\npublic <any> = yes;\n")
        self._gauge.activate_search("any")

    def listen(self, samples: Samples, rate: int, unwanted: threading.Event | None = None) -> Heard:
        """The phrase that was said, or nothing: never the nearest phrase. Nothing, too, once it is `unwanted`."""
        unwanted = unwanted or threading.Event()
        seconds = len(samples) / rate
        if unwanted.is_set():
            return Heard("", seconds)
        speech = trim(
            resample(samples, rate, TELEPHONE_RATE), TELEPHONE_RATE,
            floor=SILENCE, below_peak=BELOW_PEAK, margin_seconds=MARGIN_SECONDS,
        )  # fmt: skip
        if not SHORTEST_SECONDS < len(speech) / TELEPHONE_RATE - 2 * MARGIN_SECONDS < LONGEST_SECONDS:
            return Heard("", seconds)
        sound = shape(speech)
        self._decode(sound, unwanted)
        hypothesis = self._decoder.hyp()
        if hypothesis is None or unwanted.is_set():
            return Heard("", seconds)
        segments = [Segment(s.word, s.start_frame, s.end_frame, _nats(s.ascore)) for s in self._decoder.seg()]
        said = self._phrases.complete(hypothesis.hypstr) and fits(segments, sound)
        best = tuple(segment for segment in segments if segment.is_word)
        return Heard(written(hypothesis.hypstr) if said else "", seconds, best)

    def _decode(self, sound: Samples, unwanted: threading.Event) -> None:
        self._decoder.set_cmn(",".join(f"{value:.2f}" for value in self._mean(sound)))
        self._begin(self._decoder)
        for start in range(0, len(sound), PIECE_SAMPLES):
            if unwanted.is_set():
                break
            self._decoder.process_raw(sound[start : start + PIECE_SAMPLES].tobytes(), False, False)
        self._decoder.end_utt()

    @staticmethod
    def _begin(decoder: Any) -> None:
        """A new stream, so that the noise reduction forgets whom it heard before.

        pocketsphinx 5.1 calls this unnecessary; a test shows that without it one caller changes how the next is heard.
        """
        decoder.start_stream()
        decoder.start_utt()

    def _mean(self, sound: Samples) -> NDArray[np.float64]:
        """The cepstral mean to subtract: the utterance's own, steadied by the usual one where it is short.

        Only a search computes it, so the gauge searches for a single word, which costs next to nothing.
        """
        self._begin(self._gauge)
        self._gauge.process_raw(sound.tobytes(), False, True)
        self._gauge.end_utt()
        own = np.array([float(value) for value in self._gauge.get_cmn(False).split(",")])
        frames = len(sound) / MODEL_RATE * FRAMES_PER_SECOND
        weighed = own * frames + np.array(USUAL_MEAN) * USUAL_MEAN_FRAMES
        mean: NDArray[np.float64] = weighed / (frames + USUAL_MEAN_FRAMES)
        return mean


def fits(segments: list[Segment], sound: Samples) -> bool:
    """Whether a path is good enough: the phrase as a whole, its worst word, and no speech in its pauses."""
    words = [segment for segment in segments if segment.is_word]
    pauses = [segment for segment in segments if segment.word in PAUSES]
    phrase = sum(s.misfit for s in words) / max(sum(s.frames for s in words), 1)
    word = max((s.misfit / (s.frames + WORD_GRACE_FRAMES) for s in words), default=math.inf)
    pause = max((s.misfit / s.frames for s in pauses), default=0.0)
    if phrase > WORST_PHRASE or word > WORST_WORD or pause > WORST_PAUSE:
        return False
    size = MODEL_RATE // FRAMES_PER_SECOND
    levels = np.sqrt(np.mean(sound[: len(sound) // size * size].reshape(-1, size).astype(np.float64) ** 2, axis=1))
    loud = levels > LOUD * np.quantile(levels, 0.98)
    return sum(int(loud[s.first : s.last + 1].sum()) for s in pauses) <= MOST_LOUD_PAUSE_FRAMES


def _nats(score: float) -> float:
    """How unlikely a score is; one that is too small for a number is as unlikely as can be."""
    return -math.log(score) if score > 1e-300 else math.inf


def _decoder(**options: Any) -> Any:
    """A decoder with the wheel's acoustic model and dictionary."""
    return pocketsphinx.Decoder(
        hmm=pocketsphinx.get_model_path("en-us/en-us"),
        dict=pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"),
        lm=None,
        loglevel="FATAL",
        **options,
    )


def shape(speech: Samples) -> Samples:
    """Telephone speech as the acoustic model is given it."""
    sound = speech.astype(np.float64)
    level = math.sqrt(float(np.mean(sound**2)))
    louder = to_int16(sound * (LEVEL / max(level, 1.0)))
    stretch = HIGH_VOICE_STRETCH if pitch(louder) > HIGH_PITCH_HERTZ else 1.0
    wide = resample(louder, TELEPHONE_RATE, round(MODEL_RATE * stretch))
    return to_int16(wide + NOISE * _noise(len(wide)))


@cache
def _endless_noise() -> NDArray[np.float64]:
    return np.random.default_rng(0).normal(size=int(MODEL_RATE * (LONGEST_SECONDS + 2) * 2))


def _noise(length: int) -> NDArray[np.float64]:
    """Always the same, so that the same speech is always heard alike."""
    return _endless_noise()[:length]


def pitch(samples: Samples) -> float:
    """The median pitch of the voiced parts in Hz at telephone rate, by autocorrelation; 0 if nothing is voiced."""
    size = 400
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    levels = np.sqrt(np.mean(frames**2, axis=1))
    frames = frames[levels > 0.3 * levels.max(initial=1.0)] * np.hanning(size)
    spectra = np.abs(np.fft.rfft(frames, 2 * size)) ** 2
    correlation = np.fft.irfft(spectra)[:, :size]
    shortest, longest = TELEPHONE_RATE // 350, TELEPHONE_RATE // 65
    window = correlation[:, shortest:longest]
    voiced = window.max(axis=1, initial=0.0) > 0.35 * correlation[:, 0]
    if not voiced.any():
        return 0.0
    lags = shortest + window[voiced].argmax(axis=1)
    return TELEPHONE_RATE / float(np.median(lags))


class Ears:
    """A few listeners, so that several callers are heard at once without the event loop waiting."""

    def __init__(self, phrases: Phrases, count: int) -> None:
        self._free: queue.SimpleQueue[Listener] = queue.SimpleQueue()
        for _ in range(count):
            self._free.put(Listener(phrases))
        self.executor = ThreadPoolExecutor(count, thread_name_prefix="ear")

    def listen(self, samples: Samples, rate: int, unwanted: threading.Event) -> Heard:
        """Hear one utterance; to be called in `executor`."""
        listener = self._free.get()
        try:
            return listener.listen(samples, rate, unwanted)
        finally:
            self._free.put(listener)

    def close(self) -> None:
        self.executor.shutdown(wait=False, cancel_futures=True)
