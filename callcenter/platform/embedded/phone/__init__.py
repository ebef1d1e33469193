"""A scripted SIP phone, in this process: signalling and RTP on asyncio."""

from callcenter.platform.embedded.phone.call import Call, CallEnd
from callcenter.platform.embedded.phone.errors import CallOver, CallRefused, NoResponse, PhoneError
from callcenter.platform.embedded.phone.incoming import IncomingCall
from callcenter.platform.embedded.phone.media.recording import Recording, SaidRecording, Silence, Utterance
from callcenter.platform.embedded.phone.outgoing import OutgoingCall
from callcenter.platform.embedded.phone.phone import Phone
from callcenter.platform.embedded.phone.sip.endpoint import Timers

__all__ = [
    "Call",
    "CallEnd",
    "CallOver",
    "CallRefused",
    "IncomingCall",
    "NoResponse",
    "OutgoingCall",
    "Phone",
    "PhoneError",
    "Recording",
    "SaidRecording",
    "Silence",
    "Timers",
    "Utterance",
]
