import type { TriedCall } from './queries';
import { FIGURES } from './words';

/** The form of *try it*; what is left empty is looked up. */
export interface TriedFields {
  to: string;
  from: string;
  at: string;
  language: string;
  digits: string;
  waited: number | null;
  lists: string[] | null;
  lastQueue: string | null;
  lastProfile: string | null;
  callBack: 'yes' | 'no' | null;
  headers: Record<string, unknown>;
  attributes: Record<string, unknown>;
  queue: string | null;
  figures: Partial<Record<(typeof FIGURES)[number], number>>;
}

export const NO_CALL: TriedFields = {
  to: '',
  from: '',
  at: '',
  language: '',
  digits: '',
  waited: null,
  lists: null,
  lastQueue: null,
  lastProfile: null,
  callBack: null,
  headers: {},
  attributes: {},
  queue: null,
  figures: {},
};

/** What the API is asked: only what was filled in. Times are the reader's own. */
export function callOf(fields: TriedFields): TriedCall {
  return {
    to: fields.to.trim(),
    from: fields.from.trim(),
    at: fields.at === '' ? null : new Date(fields.at).toISOString(),
    language: fields.language.trim() || null,
    digits: Array.from(fields.digits.replaceAll(/\s|,/g, '')),
    waited_seconds: fields.waited ?? 0,
    lists: fields.lists,
    last_queue: fields.lastQueue,
    last_profile: fields.lastProfile,
    open_call_back: fields.callBack === null ? null : fields.callBack === 'yes',
    headers: words(fields.headers),
    attributes: words(fields.attributes),
    queues: (fields.queue ? { [fields.queue]: fields.figures } : {}) as NonNullable<TriedCall['queues']>,
  };
}

function words(pairs: Record<string, unknown>): Record<string, string> {
  const named = Object.entries(pairs).filter(([name, value]) => name !== '' && typeof value === 'string');
  return Object.fromEntries(named) as Record<string, string>;
}

/** "X-Tenant: acme" in lines, as they are typed, to names and values. */
export function pairsOf(lines: string): Record<string, string> {
  const pairs = lines.split('\n').map((line) => line.split(/[:=]/));
  return Object.fromEntries(
    pairs.flatMap(([name = '', ...value]) =>
      name.trim() && value.length > 0 ? [[name.trim(), value.join(':').trim()]] : [],
    ),
  );
}
