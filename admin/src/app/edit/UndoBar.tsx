import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Collection, Edited } from './collection';
import { UndoRow } from './UndoRow';

interface Props<Entry extends Edited, Body extends object> {
  collection: Collection<Entry, Body>;
  name: string;
  body: Body;
  onDone: () => void;
}

/** Says what was deleted, and makes it again as it was. */
export function UndoBar<Entry extends Edited, Body extends object>({
  collection,
  name,
  body,
  onDone,
}: Props<Entry, Body>) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const undoing = useMutation({
    mutationFn: () => collection.put(name, body, null),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['setup'] });
      onDone();
      await navigate({ to: '.', search: { open: name } });
    },
  });
  return <UndoRow text={t('edit.deleted', { name })} undoing={undoing} onDismiss={onDone} />;
}
