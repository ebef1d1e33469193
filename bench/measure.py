"""From a finished call to samples: pure questions to the recording."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bench import ear
from bench.ear import Unmeasurable
from bench.samples import Metric, Sample, now
from bench.talk import Said, Talk
from bench.voices import alike
from callcenter.platform.embedded.phone.media.g711 import SAMPLE_RATE, Samples

ANSWER_SECONDS = 6.0
PIECE_SECONDS = 0.6
# Another answer is heard where it is so much more like what is heard than the awaited one.
MORE_ALIKE = 0.1
NEAR_SECONDS = 2.0
EARLY_SECONDS = 3.0
# A frame under way when the pause begins is still the answer before.
PAUSE_MARGIN_SECONDS = 0.1

References = Mapping[str, Samples]
"""The sound of each answer, by the question it answers, 8 kHz."""


@dataclass(frozen=True)
class Origin:
    """Where samples come from."""

    arm: str
    block: int
    noise: Callable[..., dict[str, float | None]]
    span: tuple[float, float] | None = None

    def within(self, since: float, until: float) -> "Origin":
        """The same, with the noise of this stretch only."""
        return replace(self, span=(since, until))

    def sample(self, metric: Metric, value: float | None, failure: str | None = None, **detail: Any) -> Sample:
        noise = self.noise(*(self.span or ()))
        return Sample(metric, self.arm, self.block, value, now(), failure, noise, detail)

    def measured(self, metric: Metric, measure: Callable[[], float], **detail: Any) -> Sample:
        """The sample of what `measure` finds, or of why it cannot."""
        try:
            return self.sample(metric, measure(), **detail)
        except Unmeasurable as error:
            return self.sample(metric, None, str(error), **detail)


def samples_of(talk: Talk, origin: Origin, references: References) -> list[Sample]:
    """Everything that one talk shows."""
    found: list[Sample] = []
    for said in talk.said:
        near = origin.within(said.first_frame_at - 0.2, said.last_frame_at + NEAR_SECONDS)
        found.extend(_KINDS[said.what](talk, said, near, references))
    found.extend(_costs(talk, replace(origin, noise=lambda *_: {**origin.noise(), "lag_ms": None})))
    return found


def _turn(talk: Talk, said: Said, origin: Origin, references: References) -> Iterator[Sample]:
    if said.interrupts:
        yield _interruption(Metric.INTERRUPTION, talk, said, origin)
    yield origin.measured(Metric.VOICE_TO_VOICE, lambda: _answer(talk, said, references), question=said.text)


def _early(talk: Talk, said: Said, origin: Origin, _: References) -> Iterator[Sample]:
    first = talk.call.heard.first_sound_at(talk.invited_at)
    if first is not None and said.first_frame_at - first < EARLY_SECONDS:
        yield _interruption(Metric.EARLY_INTERRUPTION, talk, said, origin)


def _interruption(metric: Metric, talk: Talk, said: Said, origin: Origin) -> Sample:
    def silent() -> float:
        onset, end = ear.speech_span(talk.call.said, said.first_frame_at, said.last_frame_at)
        return ear.silent_after(talk.call.heard, onset, end + ANSWER_SECONDS)

    return origin.measured(metric, silent)


def _answer(talk: Talk, said: Said, references: References) -> float:
    """The wait for the answer; what is heard must be the answer to this question and not an old one that goes on."""
    heard = talk.call.heard
    _, end = ear.speech_span(talk.call.said, said.first_frame_at, said.last_frame_at)
    waited = ear.answer_after(heard, end, ANSWER_SECONDS)
    if said.text in references and heard.started_at is not None:
        start = max(0, int((end + waited - heard.started_at) * SAMPLE_RATE))
        piece = heard.pcm()[start : start + int(PIECE_SECONDS * SAMPLE_RATE)]
        likeness = {question: alike(piece, reference) for question, reference in references.items()}
        best = max(likeness, key=lambda question: likeness[question])
        if likeness[best] > likeness[said.text] + MORE_ALIKE:
            told = f"{likeness[best]:.2f} like that to {best!r}, {likeness[said.text]:.2f} like the awaited one"
            raise Unmeasurable(f"another answer was heard ({told})")
    return waited


def _disturbance(talk: Talk, said: Said, origin: Origin, _: References) -> Iterator[Sample]:
    metric = Metric.COUGH_STOPS if said.what == "cough" else Metric.HUM_STOPS
    heard, until = talk.call.heard, said.last_frame_at + 3.5
    if ear.longest_silence(heard, said.first_frame_at - 0.3, said.first_frame_at) > ear.SPEAKS_SECONDS:
        yield origin.sample(metric, None, "the agent was not speaking")
        return
    longest = ear.longest_silence(heard, said.first_frame_at, until)
    yield origin.sample(metric, float(longest >= ear.FALSE_STOP_SECONDS), silent_seconds=round(longest, 3))


def _pause(talk: Talk, said: Said, origin: Origin, _: References) -> Iterator[Sample]:
    assert said.pause_at is not None
    cut = ear.spoke_between(talk.call.heard, said.pause_at + PAUSE_MARGIN_SECONDS, said.last_frame_at)
    yield origin.sample(Metric.CUT_OFF, float(cut), pause_seconds=round(said.pause_seconds, 3))


def _nothing(talk: Talk, said: Said, origin: Origin, _: References) -> Iterator[Sample]:
    yield from ()


def _costs(talk: Talk, origin: Origin) -> Iterator[Sample]:
    if talk.worker is None:
        return
    before, after = talk.worker
    minutes = (after.at - before.at) / 60
    busiest = after.busiest_since(before)
    others = {f"{name}_cpu": round(seconds / minutes, 2) for name, seconds in talk.others.items()}
    detail: dict[str, Any] = {**others, "tree_megabytes": round(after.megabytes)}
    yield origin.sample(Metric.TALK_CPU, after.cpu_since(before) / minutes, None, **detail)
    if busiest is not None and busiest in after.memory:
        yield origin.sample(Metric.TALK_MEMORY, after.memory[busiest])


_KINDS: dict[str, Callable[[Talk, Said, Origin, References], Iterator[Sample]]] = {
    "turn": _turn,
    "early": _early,
    "cough": _disturbance,
    "hum": _disturbance,
    "pause": _pause,
    "enough": _nothing,
}
