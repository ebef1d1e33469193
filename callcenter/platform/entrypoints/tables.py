"""Every table, in one place: importing this module fills `Base.metadata` for Alembic and for tests."""

from callcenter.journey.model import Effect
from callcenter.platform.plumbing.db import Base
from callcenter.platform.plumbing.model import ControlProcess
from callcenter.records.calls.model import Call, Leg
from callcenter.records.tallies.model import Tally, TallyPlace
from callcenter.records.timeline.model import StreamGeneration, TimelineEvent
from callcenter.records.tool_calls.model import ToolCall
from callcenter.records.transcripts.model import Segment
from callcenter.setup.deployments.model import Deployment
from callcenter.setup.numbers.model import Number
from callcenter.setup.orders.model import Order, OrderProblem
from callcenter.setup.profiles.model import Profile
from callcenter.setup.queues.model import Queue
from callcenter.setup.rule_sets.model import RuleSet
from callcenter.setup.users.model import ApiKey, SignInFailure, User, UserSession
from callcenter.stages.arrival.model import WebhookEvent
from callcenter.stages.offers.model import Offer, Seat, Worker
from callcenter.stages.outbound.model import CallOut
from callcenter.stages.waiting.model import WaitingEntry

TABLES = (
    Call, Leg, TimelineEvent, Segment, ToolCall, WebhookEvent, Worker, Seat, Offer, WaitingEntry, Effect,
    Deployment, Profile, Queue, Number, RuleSet, Order, OrderProblem, User, UserSession, ApiKey, SignInFailure,
    ControlProcess, StreamGeneration, Tally, TallyPlace, CallOut,
)  # fmt: skip

metadata = Base.metadata
