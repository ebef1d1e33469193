"""What livekit-agents runs in a job process: warm up once, then one call."""

import logging

import anyio
from livekit import local_inference
from livekit.agents import AgentSession, JobContext, JobProcess

from callcenter.inroom.agent import models
from callcenter.inroom.agent.call import AgentCall
from callcenter.inroom.agent.conversation import build_session
from callcenter.inroom.agent.hung import Watch
from callcenter.inroom.agent.orphan import watch_worker
from callcenter.inroom.client.line import Command, Line
from callcenter.inroom.client.link import DeskLink
from callcenter.inroom.client.offer_file import Address
from callcenter.inroom.client.outbox import Outbox, outbox_folder
from callcenter.inroom.sound.sounds import Sounds
from callcenter.inroom.sound.speech import Speech
from callcenter.platform.wire.brief import AgentBrief
from callcenter.platform.wire.messages import JOB_BEAT_SECONDS, Hello, JobBeat, Take
from callcenter.platform.wire.settings import Settings

logger = logging.getLogger(__name__)

watch_worker()
_CALL = "call"
_WATCH = "watch"


def prewarm(process: JobProcess) -> None:
    """Do before the call what would delay its first word: settings, certificates, voice detector.

    What all processes share is loaded before they fork (warm.py).
    """
    process.userdata["settings"] = Settings()
    local_inference.init_vad()
    anyio.run(anyio.sleep, 0)
    process.userdata["certificates"] = models.trusted_certificates()


async def entrypoint(ctx: JobContext) -> None:
    """Start the agent's part in the call that it was sent to. The job lives on until something ends the call."""
    settings: Settings = ctx.proc.userdata["settings"]
    watch = ctx.proc.userdata[_WATCH] = Watch()
    take = Take.model_validate_json(ctx.job.metadata)
    call: AgentCall

    def on_command(command: Command) -> None:
        call.on_command(command)

    def beat() -> JobBeat:
        return call.beat()

    def session(brief: AgentBrief) -> AgentSession[None]:
        return build_session(brief, settings, models.http_client(ctx.proc.userdata["certificates"]))

    line = Line(
        url=f"{settings.desk_url}/job",
        secret=take.desk_token,
        first=lambda: Hello(offer_id=take.offer_id, pid=ctx.proc.pid or 0),
        beat=beat,
        beat_seconds=JOB_BEAT_SECONDS,
        on_command=on_command,
        give_up_when_refused=True,
    )
    outbox = Outbox(outbox_folder(settings.data_dir))
    outbox.address(take.offer_id, Address(url=f"{settings.desk_url}/replay", token=take.desk_token))
    link = DeskLink(line, outbox)
    speech = Speech(settings, ctx.proc.userdata["certificates"])
    call = AgentCall(ctx, take, link, session, speech, Sounds(settings, take.desk_token), watch.call_is_over)
    ctx.proc.userdata[_CALL] = call
    await call.begin()


async def session_end(ctx: JobContext) -> None:
    """Whatever ended the job: flush the transcript, leave, free the seat."""
    call: AgentCall | None = ctx.proc.userdata.get(_CALL)
    if call is not None:
        await call.finish()
