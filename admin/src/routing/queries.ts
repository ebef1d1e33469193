import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client';
import { ApiProblem } from '../api/problem';
import type { components } from '../api/schema';
import type { Rule } from './rules';
import type { Edition } from './work';

type Schemas = components['schemas'];
export type Version = Schemas['RuleSet'];
export type VersionItem = Schemas['RuleSetItem'];
export type Trial = Schemas['Trial'];
export type TriedCall = Partial<Schemas['TriedCall']> & { to: string };
export type Replay = Schemas['ReplayResult'];

/** How often the page looks whether somebody else has saved or published. */
const LOOK_MS = 5_000;

interface Tagged {
  data?: Version;
  error?: unknown;
  response: Response;
}

async function editionOf(pending: Promise<Tagged>): Promise<Edition> {
  let etag: string | null = null;
  const version = await answerOf(
    pending.then((answer) => {
      etag = answer.response.headers.get('ETag');
      return answer;
    }),
  );
  return {
    etag,
    version: version.version,
    state: version.state === 'draft' ? 'draft' : 'published',
    publishedVersion: version.published_version,
    note: version.note,
    changedBy: version.state === 'draft' ? version.changed_by : (version.published_by ?? version.changed_by),
    changedAt: version.state === 'draft' ? version.changed_at : version.published_at,
    rules: version.rules as unknown as Rule[],
  };
}

const NOTHING: Edition = {
  etag: null,
  version: null,
  state: null,
  publishedVersion: null,
  note: '',
  changedBy: '',
  changedAt: null,
  rules: [],
};

async function orElse<T>(pending: Promise<T>, otherwise: () => Promise<T>): Promise<T> {
  try {
    return await pending;
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.status === 404) return otherwise();
    throw problem;
  }
}

function readEdition(which: 'draft' | 'published', signal: AbortSignal): Promise<Edition> {
  return editionOf(api.GET('/api/rule-sets/{which}', { params: { path: { which } }, signal }));
}

/** What is edited: the draft, or the published rules where no draft is. */
export const editionQuery = queryOptions({
  queryKey: ['rules', 'edition'],
  refetchInterval: LOOK_MS,
  queryFn: ({ signal }) =>
    orElse(readEdition('draft', signal), () =>
      orElse(readEdition('published', signal), () => Promise.resolve(NOTHING)),
    ),
});

export const namesQuery = queryOptions({
  queryKey: ['rules', 'names'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/rule-sets/names', { signal })),
});

export const versionsQuery = queryOptions({
  queryKey: ['rules', 'versions'],
  queryFn: ({ signal }) => answerOf(api.GET('/api/rule-sets', { params: { query: { limit: 200 } }, signal })),
});

export const versionQuery = (version: number) =>
  queryOptions({
    queryKey: ['rules', 'version', version],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/rule-sets/{which}', { params: { path: { which: String(version) } }, signal })),
  });

export const comparisonQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ['rules', 'comparison', from, to],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/rule-sets/compare', { params: { query: { from, to } }, signal })),
  });

/** What is wrong with rules that are kept nowhere, and what is new in them since `before` (or what is published). */
export const checkQuery = (rules: readonly Rule[], before: readonly Rule[] | null = null) =>
  queryOptions({
    queryKey: ['rules', 'check', JSON.stringify([rules, before])],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      answerOf(
        api.POST('/api/rule-sets/check', {
          body: { rules: [...rules], before: before && [...before] },
          signal,
        }),
      ),
  });

export async function saveDraft(etag: string | null, rules: readonly Rule[], note: string): Promise<Edition> {
  const body = { rules: rules as unknown as Schemas['Rule'][], note };
  const header = etag === null ? {} : { 'if-match': etag };
  return editionOf(api.PUT('/api/rule-sets/draft', { params: { header }, body }));
}

export async function publishDraft(etag: string): Promise<Version> {
  return answerOf(api.POST('/api/rule-sets/draft/publish', { params: { header: { 'if-match': etag } } }));
}

export async function discardDraft(etag: string): Promise<void> {
  await answerOf(api.DELETE('/api/rule-sets/draft', { params: { header: { 'if-match': etag } } }));
}

export async function rollBack(version: number): Promise<Version> {
  return answerOf(api.POST('/api/rule-sets/{version}/roll-back', { params: { path: { version } } }));
}

export async function tryCall(rules: readonly Rule[], call: TriedCall): Promise<Trial> {
  const body = { rules: [...rules], call: call as Schemas['TriedCall'] };
  return answerOf(api.POST('/api/rule-sets/try', { body }));
}

export async function replayCalls(which: string, from: string, to: string): Promise<Replay> {
  return answerOf(
    api.POST('/api/rule-sets/{which}/replay', { params: { path: { which } }, body: { from, to } }),
  );
}

export async function replayPage(id: string, change: number | null, cursor: string | null): Promise<Replay> {
  const query = { ...(change === null ? {} : { change }), ...(cursor === null ? {} : { cursor }) };
  return answerOf(
    api.GET('/api/rule-sets/replays/{replay_id}', { params: { path: { replay_id: id }, query } }),
  );
}
