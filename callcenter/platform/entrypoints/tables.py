"""Every table, in one place: importing this module fills `Base.metadata` for Alembic and for tests."""

from callcenter.journey.model import Effect
from callcenter.platform.plumbing.db import Base
from callcenter.platform.plumbing.model import ControlProcess
from callcenter.records.calls.model import Call, Leg
from callcenter.records.notes.model import CallNotes
from callcenter.records.tallies.model import Tally, TallyPlace
from callcenter.records.timeline.model import StreamGeneration, TimelineEvent
from callcenter.records.tool_calls.model import ToolCall
from callcenter.records.transcripts.model import Segment
from callcenter.records.voicemails.model import Voicemail, VoicemailPart
from callcenter.setup.audit.model import AuditEntry
from callcenter.setup.calendars.model import Calendar
from callcenter.setup.caller_lists.model import CallerList, CallerListEntry
from callcenter.setup.callers.model import Caller
from callcenter.setup.deployments.model import Deployment
from callcenter.setup.limits.model import Limit
from callcenter.setup.numbers.model import Number
from callcenter.setup.orders.model import Order, OrderProblem
from callcenter.setup.profiles.model import Profile, ProfileKey, ProfileVersion
from callcenter.setup.queues.model import Queue
from callcenter.setup.rule_sets.model import RuleSet
from callcenter.setup.skills.model import Skill
from callcenter.setup.sounds.model import Sound
from callcenter.setup.users.model import ApiKey, Invitation, SignInFailure, User, UserSession
from callcenter.stages.arrival.model import BrowserCall, WebhookEvent
from callcenter.stages.callbacks.model import CallBack
from callcenter.stages.escalation.model import Escalation, EscalationOffer, Supervision, SupervisorPresence
from callcenter.stages.learning.model import Lesson, LessonQuote, LessonTask
from callcenter.stages.offers.model import Offer, Seat, Worker
from callcenter.stages.offers.spending import Spending
from callcenter.stages.outbound.model import CallOut
from callcenter.stages.routing.model import Replay, ReplayedCall
from callcenter.stages.waiting.model import WaitingEntry

TABLES = (
    Call, Leg, TimelineEvent, Segment, ToolCall, WebhookEvent, Worker, Seat, Offer, WaitingEntry, Effect,
    Deployment, Profile, Queue, Number, RuleSet, Order, OrderProblem, User, UserSession, ApiKey, SignInFailure,
    ControlProcess, StreamGeneration, Tally, TallyPlace, CallOut, Replay, ReplayedCall, AuditEntry,
    Calendar, CallerList, CallerListEntry, Caller, Skill, Sound, Limit, Spending, Voicemail, VoicemailPart,
    CallBack, Invitation, Escalation, EscalationOffer, Supervision, SupervisorPresence, ProfileVersion, ProfileKey,
    BrowserCall, CallNotes, Lesson, LessonQuote, LessonTask,
)  # fmt: skip

metadata = Base.metadata
