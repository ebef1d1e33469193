import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useReducer } from 'react';
import { ApiProblem } from '../api/problem';
import { checkQuery, discardDraft, editionQuery, publishDraft, rollBack, saveDraft } from './queries';
import { plain } from './rules';
import { keep, resume } from './unsaved';
import { type Edition, isUnsaved, next, type Step, type Work } from './work';

/** Long enough not to ask for every letter, short enough to be an answer to what was just typed. */
const CHECK_AFTER_MS = 350;

export interface Editor {
  work: Work;
  step: (step: Step) => void;
  unsaved: boolean;
  /** What the server has meanwhile, where somebody else has changed it while there is unsaved work here. */
  conflict: Edition | null;
}

/** The rules on the page: they begin with what was left unsaved in this tab, and follow the server until changed. */
export function useEditor(latest: Edition, email: string): Editor {
  const [work, step] = useReducer(next, null, () => resume(sessionStorage, email, latest));
  const unsaved = isUnsaved(work);
  const stale = work.base.etag !== latest.etag;
  useEffect(() => {
    keep(sessionStorage, email, work);
  }, [email, work]);
  useEffect(() => {
    if (stale && !unsaved) step({ do: 'adopt', edition: latest });
  }, [stale, unsaved, latest]);
  return { work, step, unsaved, conflict: stale && unsaved ? latest : null };
}

/** The server's verdict on what is on the page, and what is new in it, a moment after it was written; nothing for who may not have it judged. */
export function useVerdict(work: Work, may: boolean) {
  const [rules] = useDebouncedValue(work.rules, CHECK_AFTER_MS);
  return useQuery({ ...checkQuery(plain(rules)), enabled: may });
}

/** Saving, publishing, throwing away, rolling back; whatever is refused, what is on the page stays. */
export function useDeeds({ work, step, unsaved }: Editor) {
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['rules'] });
  const settled = (edition: Edition) => {
    queries.setQueryData(editionQuery.queryKey, edition);
  };
  const onError = (problem: Error) => {
    if (problem instanceof ApiProblem && [404, 409, 412, 428].includes(problem.status)) void refresh();
  };
  const save = async (note: string) => {
    await queries.cancelQueries({ queryKey: editionQuery.queryKey });
    const edition = await saveDraft(work.base.etag, plain(work.rules), note);
    settled(edition);
    step({ do: 'note', note });
    step({ do: 'saved', edition, sent: work.rules });
    return edition;
  };
  const saving = useMutation({ mutationFn: () => save(work.note), onError });
  const publishing = useMutation({
    mutationFn: async (note: string) => {
      const changed = unsaved || note !== work.base.note || work.base.state !== 'draft';
      const edition = changed ? await save(note) : work.base;
      const before = edition.publishedVersion;
      const live = await publishDraft(edition.etag ?? '*');
      return { version: live.version, before };
    },
    onError,
    onSuccess: refresh,
  });
  const discarding = useMutation({
    mutationFn: () => discardDraft(work.base.etag ?? '*'),
    onError,
    onSuccess: async () => {
      step({ do: 'revert' });
      await refresh();
    },
  });
  const rollingBack = useMutation({
    mutationFn: async (version: number) => {
      const before = work.base.publishedVersion;
      const live = await rollBack(version);
      return { version: live.version, before };
    },
    onError,
    onSuccess: refresh,
  });
  return { saving, publishing, discarding, rollingBack };
}

export type Deeds = ReturnType<typeof useDeeds>;
