"""The baseline: about the least that livekit-agents needs to talk to a caller, with the models that our agent uses.

`python -m bench.baseline same|defaults`; LiveKit and the models are named by LIVEKIT_URL, LIVEKIT_API_KEY,
LIVEKIT_API_SECRET, OPENAI_API_KEY and OPENAI_BASE_URL. Says "ready" once it is registered.

Three things are not the framework's defaults: as many idle processes as our worker keeps; a load that is always zero,
for LiveKit gives no call to a worker on a busy machine; and turn detection by voice activity in `defaults` too, because
the end-of-turn model cannot be judged with synthetic voices and would wait for its 2.5 s (docs/decisions/0012).
"""

import asyncio
import logging
import sys
from functools import partial

from livekit import local_inference
from livekit.agents import Agent, AgentServer, AgentSession, AutoSubscribe, JobContext, JobProcess, inference
from livekit.agents.voice.turn import TurnHandlingOptions
from livekit.plugins import openai

from bench.arms import Arm, agent_name, demo_turn_taking, greeting
from callcenter.inroom.agent import models

IDLE_PROCESSES = 2
INSTRUCTIONS = "You are the telephone agent of a small web shop. Answer in one or two short spoken sentences."


def prewarm(process: JobProcess) -> None:
    """Load the voice detector before the call, as LiveKit's examples do."""
    local_inference.init_vad()


def build_session(arm: Arm) -> AgentSession[None]:
    """The session of this arm: `same` takes its turn settings from the product's own code."""
    stt = openai.STT(model="gpt-4o-mini-transcribe", language="en", use_realtime=False)
    llm = openai.LLM(model="gpt-4.1-mini")
    tts = openai.TTS(model="gpt-4o-mini-tts", voice="alloy", response_format="pcm")
    if arm is Arm.SAME:
        turns = demo_turn_taking()
        return AgentSession(
            stt=stt, llm=llm, tts=tts, vad=models.build_vad(turns), turn_handling=models.turn_handling(turns, "en"),
            aec_warmup_duration=None,
        )  # fmt: skip
    by_voice = TurnHandlingOptions(turn_detection="vad")
    return AgentSession(stt=stt, llm=llm, tts=tts, vad=inference.VAD(model="silero"), turn_handling=by_voice)


async def entrypoint(ctx: JobContext) -> None:
    """One call."""
    await ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    session = build_session(Arm(ctx.job.agent_name.removeprefix("bench-")))
    await session.start(Agent(instructions=INSTRUCTIONS), room=ctx.room)
    session.say(greeting())


async def work(arm: Arm) -> None:
    """Serve until terminated."""
    server = AgentServer(
        host="127.0.0.1", port=0, load_fnc=lambda: 0.0, load_threshold=float("inf"),
        num_idle_processes=IDLE_PROCESSES, setup_fnc=prewarm,
    )  # fmt: skip
    server.rtc_session(entrypoint, agent_name=agent_name(arm))
    server.on("worker_registered", lambda *_: print("ready", flush=True))
    await server.run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(partial(work, Arm(sys.argv[1]))())
