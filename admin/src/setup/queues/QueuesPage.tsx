import { useTranslation } from 'react-i18next';
import { EntryPage } from '../../app/edit/EntryPage';
import { queueCollection } from '../queries';
import { emptyQueue } from './body';
import { QueueFields } from './QueueFields';

export function QueuesPage() {
  const { t } = useTranslation();
  return (
    <EntryPage
      kind={{
        collection: queueCollection,
        empty: emptyQueue,
        Fields: QueueFields,
        words: {
          title: t('queues.title'),
          lead: t('queues.lead'),
          add: t('queues.add'),
          key: t('edit.name'),
          keyHint: t('edit.nameHint'),
          emptyText: t('queues.emptyText'),
          fieldName: (field) =>
            field in emptyQueue ? t(`queues.field.${field as keyof typeof emptyQueue}`) : field,
        },
        summary: ({ profile, required_skills, max_waiting }) =>
          [
            profile,
            ...required_skills,
            ...(max_waiting == null ? [] : [t('queues.atMost', { count: max_waiting })]),
          ].join(' · '),
      }}
    />
  );
}
