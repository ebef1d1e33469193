"""What a worker's fork server holds, so that each job process has it at once: the code of a call, and the music.

Libraries import parts of themselves at their first use: on the event loop of a call, that is 150 ms of deafness. The
music takes 300 ms of a core to make, and is wanted when there is no time for that.
"""

import wave

import openai.lib.streaming.chat
import openai.resources.audio.audio
import openai.resources.chat.chat
import openai.resources.chat.completions.completions
import openai.resources.models
import openai.types.chat.completions
from livekit.agents.llm import async_toolset

from callcenter.inroom.agent import job
from callcenter.inroom.sound import music

LOADED = (
    async_toolset,
    job,
    openai.lib.streaming.chat,
    openai.resources.audio.audio,
    openai.resources.chat.chat,
    openai.resources.chat.completions.completions,
    openai.resources.models,
    openai.types.chat.completions,
    wave,
)
music.loop()
