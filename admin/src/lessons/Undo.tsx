import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Lesson } from '../api/shapes';
import { UndoRow } from '../app/edit/UndoRow';
import { decide, lessonQuery } from './queries';

/** Says what has just been decided, and takes it back. */
export function Undo({ after, onDone }: { after: Lesson; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const undoing = useMutation({
    mutationFn: () => decide(after, 'reopen'),
    onSuccess: async (opened) => {
      queries.setQueryData(lessonQuery(after.id).queryKey, opened);
      onDone();
      await queries.invalidateQueries({ queryKey: ['lessons'] });
    },
  });
  return <UndoRow text={t(`lessons.done.${after.state}`)} undoing={undoing} />;
}
