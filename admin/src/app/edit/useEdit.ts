import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from '../../api/problem';
import { type Collection, type Edited, entriesQuery } from './collection';
import { type Difference, differencesOf, mergedOf, type Side } from './merge';
import { same, withValueAt } from './paths';

const CHANGED_MEANWHILE = 412;

export interface Edit<Body extends object> {
  draft: Body;
  key: string;
  isNew: boolean;
  dirty: boolean;
  saving: boolean;
  problem: Error | null;
  /** Somebody else has saved another edition since the draft was begun: what differs, and `gone` if it was deleted. */
  conflict: { differences: Difference[]; gone: boolean } | null;
  setKey: (key: string) => void;
  set: (path: string, value: unknown) => void;
  replace: (body: Body) => void;
  discard: () => void;
  resolve: (chosen: Record<string, Side>) => void;
  save: () => void;
}

interface Draft<Body> {
  body: Body;
  /** What it was begun from; null for something new. */
  base: { body: Body; etag: string } | null;
}

/**
 * One entry being edited. `entry` is what the server holds now (null: nothing yet). While nothing was changed the
 * draft follows it; afterwards an entry of another edition is a conflict, and nothing of the draft is lost.
 */
export function useEdit<Entry extends Edited, Body extends object>(
  collection: Collection<Entry, Body>,
  entry: Entry | null,
  empty: Body,
  onSaved: (key: string) => void,
): Edit<Body> {
  const [draft, setDraft] = useState<Draft<Body> | null>(null);
  const [newKey, setKey] = useState('');
  const stored = entry && { body: collection.bodyOf(entry), etag: entry.etag };
  const current = draft?.body ?? stored?.body ?? empty;
  const key = entry ? collection.keyOf(entry) : newKey;
  const base = draft?.base ?? null;

  const change = (body: Body) => {
    setDraft({ body, base: draft ? draft.base : stored });
  };
  const saving = useSaving(collection, (saved) => {
    setDraft(null);
    onSaved(saved);
  });
  const gone = base !== null && entry === null;
  const moved = base !== null && stored !== null && stored.etag !== base.etag;
  const differences = moved && draft ? differencesOf(base.body, draft.body, stored.body) : [];
  return {
    draft: current,
    key,
    isNew: entry === null && base === null,
    dirty:
      entry === null
        ? key !== '' || (draft !== null && !same(draft.body, empty))
        : draft !== null && !same(draft.body, stored?.body),
    saving: saving.isPending,
    problem: saving.error,
    conflict: gone || moved ? { differences, gone } : null,
    setKey,
    set: (path, value) => {
      change(withValueAt(current, path, value));
    },
    replace: change,
    discard: () => {
      setDraft(null);
      saving.reset();
    },
    resolve: (chosen) => {
      saving.reset();
      if (draft)
        setDraft({ body: stored ? mergedOf(stored.body, differences, chosen) : draft.body, base: stored });
    },
    save: () => {
      saving.mutate({ key, body: current, etag: draft ? (base?.etag ?? null) : (stored?.etag ?? null) });
    },
  };
}

interface Saved<Body> {
  key: string;
  body: Body;
  etag: string | null;
}

/** Writes an edition; a refusal for another one leads to reading again, which shows the conflict. */
function useSaving<Entry extends Edited, Body extends object>(
  collection: Collection<Entry, Body>,
  onSaved: (key: string) => void,
) {
  const queries = useQueryClient();
  const { queryKey } = entriesQuery(collection);
  const { keyOf } = collection;
  return useMutation({
    mutationFn: ({ key, body, etag }: Saved<Body>) => collection.put(key, body, etag),
    onSuccess: async (saved) => {
      const known = queries.getQueryData<Entry[]>(queryKey) ?? [];
      const others = known.filter((one) => keyOf(one) !== keyOf(saved));
      const sorted = [...others, saved].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      queries.setQueryData(queryKey, sorted);
      onSaved(keyOf(saved));
      await queries.invalidateQueries({ queryKey: ['setup'] });
    },
    onError: async (error) => {
      const meanwhile = error instanceof ApiProblem && error.status === CHANGED_MEANWHILE;
      if (meanwhile) await queries.invalidateQueries({ queryKey });
    },
  });
}
