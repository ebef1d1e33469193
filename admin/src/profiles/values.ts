import { ApiProblem } from '../api/problem';
import type { Profile, ProfileBody } from '../api/shapes';

type Rules = ProfileBody['escalation'];

/** What the editor holds: figures that are not set are empty fields. */
export type Values = Omit<ProfileBody, 'max_calls' | 'daily_budget' | 'escalation'> & {
  max_calls: number | '';
  daily_budget: number | '';
  escalation: Pick<Rules, 'keywords'> & {
    after_misunderstandings: number | '';
    caller_list: string | null;
    after_seconds: number | '';
  };
};

export function valuesOf(body: ProfileBody): Values {
  const { max_calls, daily_budget, escalation, ...rest } = body;
  return {
    ...rest,
    max_calls: max_calls ?? '',
    daily_budget: daily_budget ?? '',
    escalation: {
      keywords: escalation.keywords,
      after_misunderstandings: escalation.after_misunderstandings ?? '',
      caller_list: escalation.caller_list ?? null,
      after_seconds: escalation.after_seconds ?? '',
    },
  };
}

export function bodyOf(values: Values): ProfileBody {
  const { max_calls, daily_budget, escalation } = values;
  return {
    ...values,
    max_calls: orNull(max_calls),
    daily_budget: orNull(daily_budget),
    escalation: {
      ...escalation,
      after_misunderstandings: orNull(escalation.after_misunderstandings),
      after_seconds: orNull(escalation.after_seconds),
    },
  };
}

function orNull(figure: number | ''): number | null {
  return figure === '' ? null : figure;
}

/** The lists of words, by their place: one by one they have no field. */
export function wordsOf({ escalation, turn_taking }: Values): Record<string, readonly string[]> {
  return {
    'escalation.keywords': escalation.keywords,
    'turn_taking.goes_on_after': turn_taking.goes_on_after,
  };
}

const TOLD: readonly string[] = ['name', 'version', 'changed_at', 'etag', 'keys', 'queues'];

/** A profile without what is only told of it. */
export function bodyOfProfile(profile: Profile): ProfileBody {
  return Object.fromEntries(
    Object.entries(profile).filter(([field]) => !TOLD.includes(field)),
  ) as ProfileBody;
}

export const BLANK: Values = {
  instructions: '',
  greeting: '',
  goodbye: '',
  not_understood: 'I am sorry, I did not understand that. Could you say it again, please?',
  language: 'en',
  voice: 'alloy',
  stt: { model: 'gpt-4o-mini-transcribe', base_url: '', api_key_env: '' },
  llm: { model: 'gpt-4.1-mini', base_url: '', api_key_env: '' },
  tts: { model: 'gpt-4o-mini-tts', base_url: '', api_key_env: '' },
  turn_taking: {
    detector: 'vad',
    min_endpointing_delay: 0.2,
    max_endpointing_delay: 1.5,
    vad_silence: 0.25,
    interruption_min_duration: 0.09,
    goes_on_after: [],
  },
  tools: [],
  fields: [],
  escalation: { after_misunderstandings: '', keywords: [], caller_list: null, after_seconds: '' },
  max_calls: '',
  cost_per_minute: 0,
  daily_budget: '',
  budget_zone: 'UTC',
};

/**
 * What the server says of single fields, by the field's place: tools have one, and so have lists of words, of which the
 * one that is wrong is named.
 */
export function fieldErrors(
  error: Error,
  words: Record<string, readonly string[]> = {},
): Record<string, string> {
  if (!(error instanceof ApiProblem)) return {};
  const found: Record<string, string> = {};
  for (const { field, expected } of error.problem.errors ?? []) {
    const [, list = '', index = ''] = /^(.+)\.(\d+)$/.exec(field) ?? [];
    const held = words[list];
    const place = field.startsWith('tools.') ? 'tools' : held ? list : field;
    const said = held ? `${held[Number(index)] ?? index}: ${expected}` : expected;
    found[place] = found[place] ? `${found[place]} · ${said}` : said;
  }
  return found;
}

/** Somebody else has changed it since it was read. */
export function isConflict(error: Error | null): boolean {
  return error instanceof ApiProblem && error.status === 412;
}
