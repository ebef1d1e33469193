"""What livekit-agents runs in a job process: warm up once, then one call."""

import logging

import anyio
from livekit import api, local_inference
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
from callcenter.inroom.sound.speech import Speech
from callcenter.platform.wire.brief import AgentBrief
from callcenter.platform.wire.dispatch import DispatchMetadata
from callcenter.platform.wire.messages import JOB_BEAT_SECONDS, Hello, JobBeat
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


def silent_token(claims: api.access_token.Claims, settings: Settings) -> str:
    """A token for the same room and identity that allows to publish a camera, and so no microphone (decision 4).

    A job must not be heard before its claim. Without any right to publish, though, the client connects its sending side
    only with its first track, and delays that by 150 ms: 200 ms more of ringing, measured. livekit-server promises fast
    publishing to whoever may publish anything (v1.13.5, `pkg/rtc/room.go`, FastPublish), and checks the source of each
    track. Tokens that it makes for jobs cannot carry sources (protocol, `agent/token.go`), so this one is made here.
    """
    grants = api.VideoGrants(
        room_join=True,
        room=claims.video.room if claims.video else "",
        agent=True,
        can_publish=True,
        can_publish_sources=["camera"],
        can_subscribe=True,
        can_publish_data=True,
        can_update_own_metadata=True,
    )
    token = api.AccessToken(settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())
    token = token.with_identity(claims.identity).with_name(claims.name).with_kind("agent")
    return token.with_attributes(claims.attributes or {}).with_grants(grants).to_jwt()


async def entrypoint(ctx: JobContext) -> None:
    """Start the agent's part in the call that the dispatch names. The job lives on until something ends the call."""
    settings: Settings = ctx.proc.userdata["settings"]
    watch = ctx.proc.userdata[_WATCH] = Watch()
    dispatch = DispatchMetadata.model_validate_json(ctx.job.metadata)
    ctx._info.token = silent_token(ctx.token_claims(), settings)
    call: AgentCall

    def on_command(command: Command) -> None:
        call.on_command(command)

    def beat() -> JobBeat:
        return call.beat()

    def session(brief: AgentBrief) -> AgentSession[None]:
        return build_session(brief, settings, models.http_client(ctx.proc.userdata["certificates"]))

    line = Line(
        url=f"{dispatch.desk_url}/job",
        secret=dispatch.token,
        first=lambda: Hello(offer_id=dispatch.offer_id, pid=ctx.proc.pid or 0),
        beat=beat,
        beat_seconds=JOB_BEAT_SECONDS,
        on_command=on_command,
        give_up_when_refused=True,
    )
    outbox = Outbox(outbox_folder(settings.data_dir))
    outbox.address(dispatch.offer_id, Address(url=f"{dispatch.desk_url}/replay", token=dispatch.token))
    link = DeskLink(line, outbox)
    speech = Speech(settings, ctx.proc.userdata["certificates"])
    call = AgentCall(ctx, dispatch, link, session, speech, watch.call_is_over)
    ctx.proc.userdata[_CALL] = call
    await call.begin()


async def session_end(ctx: JobContext) -> None:
    """Whatever ended the job: flush the transcript, leave, free the seat."""
    call: AgentCall | None = ctx.proc.userdata.get(_CALL)
    if call is not None:
        await call.finish()
