import type { Call, Invariant, Segment, TimelineEvent } from '../src/api/shapes';
import type { FakeCall } from './fakeApi';

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();

/** A call that arrived so many seconds ago, with what a test wants to be different. */
export function aCall(id: string, arrivedAgo: number, changes: Partial<Call> = {}): Call {
  return {
    id,
    sip_call_id: `${id}@127.0.0.1`,
    channel: 'sip',
    direction: 'inbound',
    from: '+4915550123',
    to: '+15550100',
    trunk: 'demo',
    room: `call-${id}`,
    state: 'talking',
    lead: 'agent',
    lead_epoch: 1,
    queue: 'support',
    profile: 'shop',
    profile_version: 1,
    priority: 0,
    routing: {
      rule_set_version: 3,
      rule: 'Main line',
      trace: ['After hours: no, it is Friday 10:12 in Berlin', 'Main line: the number is +15550100'],
    },
    arrived_at: ago(arrivedAgo),
    answered_at: ago(arrivedAgo - 1),
    ended_at: null,
    outcome: null,
    ended_by: null,
    legs: [
      {
        id: `${id}-l1`,
        kind: 'caller',
        identity: 'sip_+4915550123',
        joined_at: ago(arrivedAgo),
        left_at: null,
      },
      { id: `${id}-l2`, kind: 'agent', identity: 'agent-1', joined_at: ago(arrivedAgo - 1), left_at: null },
    ],
    offers: [
      {
        id: `${id}-o1`,
        kind: 'agent',
        worker: 'agent-1',
        state: 'accepted',
        offered_at: ago(arrivedAgo - 0.2),
        accepted_at: ago(arrivedAgo - 0.8),
        ended_at: null,
      },
    ],
    escalations: [],
    ...changes,
  };
}

export function segment(seq: number, speaker: Segment['speaker'], start_ms: number, text: string): Segment {
  return {
    id: `s${seq}`,
    offer_id: 'o1',
    leg_id: 'l1',
    seq,
    speaker,
    text,
    start_ms,
    end_ms: start_ms + 1_500,
    interrupted: false,
    language: 'en',
    stored_at: ago(0),
  };
}

const PROMISES = {
  I1: 'Every INVITE that reaches a room gets exactly one call record and exactly one outcome. No call is lost.',
  I2: 'At most one live offer per call and kind, and per seat; calls on a worker never exceed its seats.',
  I3: "A seat is busy until its job is confirmed gone; it is free within 5 s of the caller's leaving.",
  I4: 'Never two agents audible in one call.',
  I5: 'A segment that was acknowledged survives any crash; segments have no gap and no duplicate.',
};

/** Every rule kept, but those that are given with their examples of broken calls. */
export function invariants(broken: Record<string, Invariant['examples']> = {}): Invariant[] {
  return Object.entries(PROMISES).map(([name, promise]) => {
    const examples = broken[name] ?? [];
    return { name, promise, violations: examples.length, examples: examples.slice(0, 10) };
  });
}

function events(call: Call): TimelineEvent[] {
  const facts: [TimelineEvent['type'], string][] = [
    ['call_arrived', 'The call came in on trunk demo'],
    ['call_routed', 'Rule “Main line” chose queue support, profile shop'],
    ['offer_made', 'Offered to a seat on agent-1'],
    ['offer_accepted', 'agent-1 took the call'],
    ['lead_changed', 'The agent leads'],
    ['call_answered', 'The phone was picked up'],
    ['tool_called', 'order_status for order 4711: shipped yesterday'],
  ];
  return facts.map(([type, summary], place) => ({
    seq: place + 1,
    stream_id: 100 + place,
    type: type,
    at: new Date(Date.parse(call.arrived_at) + place * 350).toISOString(),
    actor: 'system',
    summary,
    data: {},
  }));
}

const talk: Segment[] = [
  segment(1, 'attendant', 200, 'Please hold on, somebody will be with you in a moment.'),
  segment(2, 'agent', 4_100, 'Hello, this is the demo shop. How can I help you?'),
  segment(3, 'caller', 7_900, 'Where is my order 4711?'),
  { ...segment(4, 'agent', 10_200, 'Let me look that up for you, one'), interrupted: true },
  segment(5, 'caller', 11_700, 'Four seven one one.'),
  segment(6, 'agent', 13_500, 'Order 4711 was shipped yesterday.'),
  segment(7, 'agent', 15_900, 'It should be with you within two days. Is there anything else?'),
  segment(8, 'caller', 19_800, 'No, thank you.'),
];

/** A little of everything: live calls in each state, ended ones with each outcome. */
export function demoCalls(): FakeCall[] {
  const ended = (seconds: number, outcome: Call['outcome'], by: Call['ended_by']): Partial<Call> => ({
    state: 'ended',
    lead: 'none',
    ended_at: ago(seconds),
    outcome,
    ended_by: by,
  });
  const calls = [
    aCall('talking', 41),
    aCall('waiting', 73, { state: 'waiting', lead: 'attendant', from: '+4930555777', to: '+15550102' }),
    aCall('ringing', 2, {
      state: 'ringing',
      lead: 'none',
      answered_at: null,
      queue: null,
      from: '+33155550199',
    }),
    aCall('done', 905, { ...ended(850, 'completed', 'caller'), from: '+4915550177' }),
    aCall('gone', 1_900, { ...ended(1_866, 'abandoned', 'caller'), to: '+15550102', from: '+4915550188' }),
    aCall('refused', 4_200, {
      ...ended(4_194, 'refused', 'system'),
      to: '+15550199',
      routing: { rule_set_version: 3, rule: null, trace: ['+15550199 is not entered among the numbers'] },
      queue: null,
    }),
    aCall('broken', 9_000, { ...ended(8_400, 'failed', 'system'), from: '' }),
  ];
  return calls.map((call) => ({
    call,
    events: events(call),
    segments: call.state === 'ringing' ? [] : [...talk],
  }));
}
