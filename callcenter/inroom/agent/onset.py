"""An agent's sound from its first word on (`callcenter/inroom/sound/onset.py`), while it comes from the voice."""

from collections import ChainMap
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT, TimedString
from livekit.agents.utils import is_given, merge_frames

from callcenter.inroom.sound.onset import LONGEST_SECONDS, lead_in


async def without_lead_in(sound: AsyncIterable[rtc.AudioFrame]) -> AsyncGenerator[rtc.AudioFrame, None]:
    """The sound without the silence before its first word; times that are given with its text are moved by what was
    left out. Sound that stays silent for `LONGEST_SECONDS`, or ends before it was heard, is passed on as it is."""
    held: list[rtc.AudioFrame] = []
    left_out: float | None = None
    async for frame in sound:
        if left_out is not None:
            yield _moved(frame, left_out)
            continue
        held.append(frame)
        whole = _joined(held)
        silent = lead_in(np.frombuffer(whole.data, dtype=np.int16)[:: whole.num_channels], whole.sample_rate)
        if silent is None and whole.duration < LONGEST_SECONDS:
            continue
        held, left_out = [], (silent or 0) / whole.sample_rate
        yield _moved(_from(whole, silent or 0), left_out)
    if held:
        yield _joined(held)


def _joined(frames: list[rtc.AudioFrame]) -> rtc.AudioFrame:
    """The frames as one, with all their texts; of what else several say of themselves the first counts."""
    one = merge_frames(frames)
    userdata: dict[str, Any] = dict(ChainMap(*(frame.userdata for frame in frames)))
    texts = [text for frame in frames for text in frame.userdata.get(USERDATA_TIMED_TRANSCRIPT, ())]
    if texts:
        userdata[USERDATA_TIMED_TRANSCRIPT] = texts
    return rtc.AudioFrame(one.data, one.sample_rate, one.num_channels, one.samples_per_channel, userdata=userdata)


def _from(frame: rtc.AudioFrame, first: int) -> rtc.AudioFrame:
    return rtc.AudioFrame(
        frame.data[first * frame.num_channels :], frame.sample_rate, frame.num_channels,
        frame.samples_per_channel - first, userdata=frame.userdata,
    )  # fmt: skip


def _moved(frame: rtc.AudioFrame, seconds: float) -> rtc.AudioFrame:
    for text in frame.userdata.get(USERDATA_TIMED_TRANSCRIPT, ()):
        if isinstance(text, TimedString):
            if is_given(text.start_time):
                text.start_time = max(0.0, text.start_time - seconds)
            if is_given(text.end_time):
                text.end_time = max(0.0, text.end_time - seconds)
    return frame
