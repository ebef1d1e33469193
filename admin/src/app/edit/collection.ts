import { queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../../api/client';
import type { paths } from '../../api/schema';

/** Where things are that are kept by name and edited by edition (callcenter/setup/entries). */
export type KeptPath =
  '/api/calendars' | '/api/queues' | '/api/caller-lists' | '/api/callers' | '/api/numbers' | '/api/limits';

interface OnePath {
  '/api/calendars': '/api/calendars/{name}';
  '/api/queues': '/api/queues/{name}';
  '/api/caller-lists': '/api/caller-lists/{name}';
  '/api/callers': '/api/callers/{number}';
  '/api/numbers': '/api/numbers/{number}';
  '/api/limits': '/api/limits/{name}';
}

export type EntryOf<Path extends KeptPath> =
  paths[Path]['get']['responses'][200]['content']['application/json']['items'][number];
export type BodyOf<Path extends KeptPath> =
  paths[OnePath[Path]]['put']['requestBody']['content']['application/json'];

export interface Edited {
  etag: string;
  changed_at: string;
}

export interface Collection<Entry extends Edited, Body extends object> {
  path: KeptPath;
  keyOf: (entry: Entry) => string;
  bodyOf: (entry: Entry) => Body;
  all: (signal: AbortSignal) => Promise<Entry[]>;
  /** `etag` null: something new. */
  put: (key: string, body: Body, etag: string | null) => Promise<Entry>;
  remove: (key: string, etag: string) => Promise<void>;
}

interface Page {
  items: unknown[];
  next_cursor: string | null;
}

// The kinds differ in nothing but their bodies, whose types come from the schema; these calls cannot know which it is.
type Call = (path: string, options: object) => Promise<{ data?: never; error?: unknown; response: Response }>;

export function collectionAt<Path extends KeptPath>(
  path: Path,
): Collection<EntryOf<Path> & Edited, BodyOf<Path> & object> {
  const field = path === '/api/callers' || path === '/api/numbers' ? 'number' : 'name';
  const one = `${path}/{${field}}`;
  const [read, put, remove] = [api.GET, api.PUT, api.DELETE] as unknown as [Call, Call, Call];
  return {
    path,
    keyOf: (entry) => (entry as unknown as Record<string, string>)[field] ?? '',
    bodyOf: (entry) => {
      const own = new Set([field, 'etag', 'changed_at']);
      return Object.fromEntries(Object.entries(entry).filter(([name]) => !own.has(name))) as never;
    },
    all: async (signal) => {
      const items: unknown[] = [];
      let cursor: string | null = null;
      do {
        const query = { limit: 200, ...(cursor ? { cursor } : {}) };
        const page: Page = await answerOf<Page>(read(path, { params: { query }, signal }));
        items.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor);
      return items as never;
    },
    put: (key, body, etag) => {
      const header = etag === null ? { 'if-none-match': '*' } : { 'if-match': etag };
      return answerOf(put(one, { params: { path: { [field]: key }, header }, body }));
    },
    remove: async (key, etag) => {
      const header = { 'if-match': etag };
      await answerOf(remove(one, { params: { path: { [field]: key }, header } }));
    },
  };
}

export function entriesQuery<Entry extends Edited, Body extends object>(collection: Collection<Entry, Body>) {
  return queryOptions({
    queryKey: ['setup', collection.path],
    queryFn: ({ signal }) => collection.all(signal),
  });
}
