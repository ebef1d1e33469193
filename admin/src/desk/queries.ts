import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import type { Escalation, Notes, Presence, TimelineEvent } from '../api/shapes';

export const ESCALATIONS_KEY = ['escalations'] as const;
export const PRESENCE_KEY = ['presence'] as const;

/** What rings is looked for so often even when no event came. */
const RINGING_REFETCH_MS = 5_000;

export const OPEN_STATES = ['requested', 'offering', 'accepted', 'joined', 'leading'] as const;
const OVER_STATES = ['handed_back', 'closed'] as const;
const RECENT = 10;
const MOST_OPEN = 100;

export const presenceQuery = queryOptions({
  queryKey: PRESENCE_KEY,
  queryFn: ({ signal }) => answerOf(api.GET('/api/presence', { signal })),
});

export async function choosePresence(status: 'available' | 'busy' | 'away'): Promise<Presence> {
  return answerOf(api.PUT('/api/presence', { body: { status, for_seconds: 8 } }));
}

/** Humans who are asked for, or are in a call that they were asked into. */
export const openEscalationsQuery = queryOptions({
  queryKey: [...ESCALATIONS_KEY, 'open'],
  refetchInterval: RINGING_REFETCH_MS,
  queryFn: async ({ signal }) => {
    const query = { state: [...OPEN_STATES], limit: MOST_OPEN };
    return (await answerOf(api.GET('/api/escalations', { params: { query }, signal }))).items;
  },
});

export const recentEscalationsQuery = queryOptions({
  queryKey: [...ESCALATIONS_KEY, 'over'],
  queryFn: async ({ signal }) => {
    const query = { state: [...OVER_STATES], limit: RECENT };
    return (await answerOf(api.GET('/api/escalations', { params: { query }, signal }))).items;
  },
});

/** Why humans were asked into this call, the latest first. */
export const escalationsOfCallQuery = (callId: string) =>
  queryOptions({
    queryKey: ['call', callId, 'escalations'],
    queryFn: async ({ signal }) => {
      const query = { call_id: callId, limit: 20 };
      return (await answerOf(api.GET('/api/escalations', { params: { query }, signal }))).items;
    },
  });

export async function declineEscalation(id: string): Promise<void> {
  await answerOf(
    api.POST('/api/escalations/{escalation_id}/decline', { params: { path: { escalation_id: id } } }),
  );
}

export async function whisperTo(callId: string, text: string): Promise<void> {
  await answerOf(
    api.POST('/api/calls/{call_id}/whisper', { params: { path: { call_id: callId } }, body: { text } }),
  );
}

/** Which reads of the desk an event makes stale, beside those of its call. */
export function deskKeysTouchedBy(type: string): readonly (readonly string[])[] {
  const seats = type.startsWith('supervisor_') || type === 'mode_changed';
  const asked =
    type.startsWith('escalation_') || ['handed_back', 'lead_changed', 'call_ended'].includes(type);
  return [...(asked || seats ? [ESCALATIONS_KEY] : []), ...(seats ? [PRESENCE_KEY] : [])];
}

/** Mine first, then whoever has waited longest. */
export function inOrder(escalations: readonly Escalation[]): Escalation[] {
  return escalations.toSorted(
    (a, b) =>
      Number(b.offered_to_me) - Number(a.offered_to_me) || a.requested_at.localeCompare(b.requested_at),
  );
}

export const isAsking = ({ state }: Pick<Escalation, 'state'>): boolean =>
  state === 'requested' || state === 'offering';

export interface Whispered {
  id: string;
  text: string;
  /** What the agent says it will change; null until it has said so. */
  answer: string | null;
  at: string;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Whispers of a call with the agent's answers, the latest first. */
export function whispersOf(events: readonly Pick<TimelineEvent, 'type' | 'data' | 'at'>[]): Whispered[] {
  const answers = new Map(
    events
      .filter(({ type }) => type === 'whisper_heard')
      .map(({ data }) => [textOf(data.whisper_id), textOf(data.text)]),
  );
  return events
    .filter(({ type }) => type === 'whispered')
    .map(({ data, at }) => {
      const id = textOf(data.whisper_id);
      return { id, text: textOf(data.text), answer: answers.get(id) ?? null, at };
    })
    .toReversed();
}

/** Whether this supervisor has put the caller on hold, by the timeline. */
export function isHeldBy(
  events: readonly { type: string; data: TimelineEvent['data'] }[],
  supervisionId: string,
): boolean {
  const last = events.findLast(
    ({ type, data }) => type === 'caller_held' && data.supervision_id === supervisionId,
  );
  return last?.data.held === true;
}

/** Whether this person was in the call when their browser died, and has not come back, by the timeline. */
export function wasLost(
  events: readonly { type: string; actor: string; data: TimelineEvent['data'] }[],
  userId: string,
): boolean {
  const last = events.findLast(
    ({ type, actor }) =>
      actor === `user:${userId}` && (type === 'supervisor_joined' || type === 'supervisor_left'),
  );
  return last?.type === 'supervisor_left' && last.data.lost === true;
}

/** What the listening agent has written down for the supervisor, and what the supervisor notes. */
export const notesQuery = (callId: string) =>
  queryOptions({
    queryKey: ['call', callId, 'notes'],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/calls/{call_id}/notes', { params: { path: { call_id: callId } }, signal })),
  });

export async function saveNotes(
  callId: string,
  noted: { disposition: string | null; notes: string },
): Promise<Notes> {
  return answerOf(
    api.PUT('/api/calls/{call_id}/notes', { params: { path: { call_id: callId } }, body: noted }),
  );
}

/** Who led last by the timeline: a supervision's id, or null for the agent or nobody. */
export function leadingSupervision(events: readonly Pick<TimelineEvent, 'type' | 'data'>[]): string | null {
  const last = events.findLast(({ type }) => type === 'lead_changed');
  return last?.data.lead === 'supervisor' ? textOf(last.data.supervision_id) || null : null;
}
