import { useTranslation } from 'react-i18next';
import { type BodyOf, collectionAt } from '../../app/edit/collection';
import { EntryPage } from '../../app/edit/EntryPage';
import { CallerTabs } from './CallerTabs';
import { ListFields } from './ListFields';

const collection = collectionAt('/api/caller-lists');
const empty: BodyOf<'/api/caller-lists'> = { note: '', entries: [] };

export function CallerListsPage() {
  const { t } = useTranslation();
  const fields: Record<string, string> = { note: t('callers.note'), entries: t('callers.lists') };
  return (
    <EntryPage
      above={<CallerTabs />}
      kind={{
        collection,
        empty,
        Fields: ListFields,
        words: {
          title: t('callers.lists'),
          lead: t('callers.listsLead'),
          add: t('callers.addList'),
          key: t('edit.name'),
          keyHint: t('edit.nameHint'),
          emptyText: t('callers.listsEmpty'),
          fieldName: (field) => fields[field] ?? field,
        },
        summary: ({ note, entries }) =>
          [t('callers.entries', { count: entries.length }), note].filter(Boolean).join(' · '),
      }}
    />
  );
}
