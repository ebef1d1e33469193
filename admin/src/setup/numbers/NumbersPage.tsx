import { Alert } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type BodyOf, collectionAt, entriesQuery } from '../../app/edit/collection';
import { EntryPage } from '../../app/edit/EntryPage';
import { TextField } from '../../app/edit/Fields';
import { numberTrafficQuery } from '../queries';
import { NumberTabs } from './NumberTabs';
import { NumberUse } from './NumberUse';

const collection = collectionAt('/api/numbers');
const empty: BodyOf<'/api/numbers'> = { name: '' };

function NumberFields({ name, isNew }: { name: string; isNew: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <TextField path="name" label={t('numbers.label')} hint={t('numbers.labelHint')} />
      {!isNew && <NumberUse number={name} />}
    </>
  );
}

export function NumbersPage() {
  const { t } = useTranslation();
  return (
    <EntryPage
      above={
        <>
          <NumberTabs />
          <NotEntered />
        </>
      }
      kind={{
        collection,
        empty,
        Fields: NumberFields,
        words: {
          title: t('numbers.title'),
          lead: t('numbers.lead'),
          add: t('numbers.add'),
          key: t('callers.number'),
          keyHint: t('callers.numberHint'),
          emptyText: t('numbers.emptyText'),
          fieldName: () => t('numbers.label'),
        },
        summary: ({ name }) => name,
      }}
    />
  );
}

/** Numbers that a trunk brings and nobody has entered: their callers are told that the number is not in service. */
function NotEntered() {
  const { t } = useTranslation();
  const traffic = useQuery(numberTrafficQuery);
  const entries = useQuery(entriesQuery(collection));
  if (!traffic.data || !entries.data) return null;
  const entered = new Set(entries.data.map(({ number }) => number));
  const missing = traffic.data.items.filter(
    ({ number, trunks }) => trunks.length > 0 && !entered.has(number),
  );
  if (missing.length === 0) return null;
  return (
    <Alert
      color="orange"
      icon={<IconInfoCircle />}
      title={t('numbers.notEntered', { count: missing.length })}
    >
      {missing.map(({ number }) => number).join(', ')}
    </Alert>
  );
}
