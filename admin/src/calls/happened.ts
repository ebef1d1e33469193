import type { ParseKeys } from 'i18next';
import type { TimelineEvent } from '../api/shapes';

/** The words themselves stand in the transcript. */
export type Happening = TimelineEvent & { type: Exclude<TimelineEvent['type'], 'segment_stored'> };

export interface Sentence {
  key: ParseKeys;
  /** Names and counts that the sentence takes as they are. */
  values: Record<string, string | number>;
  /** Words of ours that it takes in the reader's language. */
  words: Record<string, ParseKeys>;
  /** Whether the server's own sentence says more: why something failed. */
  detail: boolean;
}

const ACTIONS = [
  'queue',
  'menu',
  'message',
  'voicemail',
  'call_back',
  'transfer',
  'reject',
  'human_first',
] as const;
const LEADS = ['none', 'attendant', 'agent', 'supervisor'] as const;
const SEATS = ['agent', 'attendant'] as const;
const OUTCOMES = ['completed', 'abandoned', 'refused', 'voicemail', 'call_back', 'failed'] as const;
const ENDERS = ['caller', 'agent', 'supervisor', 'system'] as const;

const WITH_A_REASON = new Set<string>([
  'call_overflowed',
  'offer_refused',
  'offer_withdrawn',
  'agent_suspect',
  'agent_lost',
  'agent_relieved',
  'attendant_lost',
  'attendant_relieved',
  'key_pressed',
  'model_trouble',
  'call_back_missed',
  'call_back_cancelled',
  'transfer_failed',
  'escalation_failed',
  'lessons_drafted',
]);

function known<const T extends readonly string[]>(all: T, value: unknown): T[number] | undefined {
  return all.find((one) => one === value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What one event means, as a sentence of the console's own; less is said where the event carries less. */
export function sentenceOf({ type, data }: Pick<Happening, 'type' | 'data'>): Sentence {
  const said = special(type, data) ?? {};
  return { key: `happened.${type}.plain`, values: {}, words: {}, detail: WITH_A_REASON.has(type), ...said };
}

function special(type: Happening['type'], data: Happening['data']): Partial<Sentence> | undefined {
  switch (type) {
    case 'call_arrived': {
      const trunk = textOf(data.trunk);
      return trunk ? { key: 'happened.call_arrived.full', values: { trunk } } : undefined;
    }
    case 'call_routed':
      return routed(data);
    case 'call_waiting': {
      const queue = textOf(data.queue);
      return queue ? { key: 'happened.call_waiting.full', values: { queue } } : undefined;
    }
    case 'offer_made':
    case 'offer_accepted': {
      const kind = known(SEATS, data.kind);
      const worker = textOf(data.worker);
      if (!kind || !worker) return undefined;
      return { key: `happened.${type}.full`, values: { worker }, words: { kind: `happened.seat.${kind}` } };
    }
    case 'lead_changed': {
      const lead = known(LEADS, data.lead);
      if (!lead) return undefined;
      if (lead === 'none') return { key: 'happened.lead_changed.nobody' };
      return { key: 'happened.lead_changed.full', words: { lead: `happened.seat.${lead}` } };
    }
    case 'tool_called': {
      const tool = textOf(data.tool);
      return tool ? { key: 'happened.tool_called.full', values: { tool } } : undefined;
    }
    case 'knowledge_used': {
      const question = firstQuestion(data.articles);
      return question ? { key: 'happened.knowledge_used.full', values: { question } } : undefined;
    }
    case 'voicemail_left': {
      const { seconds } = data;
      if (typeof seconds !== 'number') return undefined;
      return { key: 'happened.voicemail_left.full', values: { seconds: Math.round(seconds) } };
    }
    case 'call_ended':
      return ended(data);
    default:
      return undefined;
  }
}

/** What the best article that the agent was given answers. */
function firstQuestion(articles: unknown): string | undefined {
  const [best] = Array.isArray(articles) ? (articles as { question?: unknown }[]) : [];
  return textOf(best?.question);
}

function routed(data: Happening['data']): Partial<Sentence> | undefined {
  const action = known(ACTIONS, data.action);
  const rule = textOf(data.rule);
  if (!action || !rule) return undefined;
  return {
    key: 'happened.call_routed.full',
    values: { rule },
    words: { action: `happened.action.${action}` },
  };
}

function ended(data: Happening['data']): Partial<Sentence> | undefined {
  const outcome = known(OUTCOMES, data.outcome);
  const by = known(ENDERS, data.ended_by);
  if (!outcome || !by) return undefined;
  return {
    key: 'happened.call_ended.full',
    words: { by: `happened.endedBy.${by}`, outcome: `outcome.${outcome}` },
  };
}
