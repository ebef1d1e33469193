import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem } from '../api/problem';
import type { Lesson } from '../api/shapes';
import { type Difference, differencesOf, mergedOf, type Side } from '../app/edit/merge';
import { same } from '../app/edit/paths';
import { bodyOf, decide, type LessonBody, lessonQuery, merge, save, type Verb } from './queries';

const CHANGED_MEANWHILE = 412;

export type Step = { verb: Verb } | { into: string } | { save: true };

export interface Review {
  body: LessonBody;
  dirty: boolean;
  busy: boolean;
  problem: Error | null;
  /** What somebody else has saved meanwhile, where it differs from the draft. */
  differences: Difference[];
  set: (change: Partial<LessonBody>) => void;
  discard: () => void;
  resolve: (chosen: Record<string, Side>) => void;
  take: (step: Step) => void;
}

interface Draft {
  body: LessonBody;
  base: LessonBody;
}

function isMeanwhile(error: Error | null): boolean {
  return error instanceof ApiProblem && error.status === CHANGED_MEANWHILE;
}

/** One lesson being reviewed: what was written is saved before it is decided, and nothing of it is lost to others. */
export function useReview(lesson: Lesson, onTaken: (after: Lesson, step: Step) => void): Review {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft | null>(null);
  const stored = bodyOf(lesson);
  const body = draft?.body ?? stored;
  const dirty = draft !== null && !same(draft.body, stored);
  const moved = draft !== null && dirty && !same(draft.base, stored);
  const differences = moved ? differencesOf(draft.base, draft.body, stored) : [];

  const taking = useMutation({
    mutationFn: async (step: Step) => {
      const changed = dirty && !('verb' in step && step.verb !== 'approve');
      const current = changed ? await save({ id: lesson.id, etag: lesson.etag }, body) : lesson;
      if ('verb' in step) return decide(current, step.verb);
      return 'into' in step ? merge(current, step.into) : current;
    },
    onSuccess: async (after, step) => {
      setDraft(null);
      queries.setQueryData(lessonQuery(lesson.id).queryKey, after);
      onTaken(after, step);
      await queries.invalidateQueries({ queryKey: ['lessons'] });
    },
    // The writing may have been kept and only the decision refused; or somebody else was faster.
    onError: () => queries.invalidateQueries({ queryKey: ['lessons'] }),
  });

  return {
    body,
    dirty,
    busy: taking.isPending,
    problem: differences.length > 0 && isMeanwhile(taking.error) ? null : taking.error,
    differences,
    set: (change) => {
      setDraft({ body: { ...body, ...change }, base: draft?.base ?? stored });
    },
    discard: () => {
      setDraft(null);
      taking.reset();
    },
    resolve: (chosen) => {
      taking.reset();
      setDraft({ body: mergedOf(stored, differences, chosen), base: stored });
    },
    take: taking.mutate,
  };
}
