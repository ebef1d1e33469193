import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconFileExport } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type BodyOf, collectionAt, entriesQuery, type EntryOf } from '../../app/edit/collection';
import { EntryPage } from '../../app/edit/EntryPage';
import { Refusal } from '../../app/edit/Refusal';
import { useMay } from '../../app/edit/useMay';
import { CallerFields } from './CallerFields';
import { CallerTabs } from './CallerTabs';
import { download } from './download';
import { ImportPanel } from './ImportPanel';
import { type Known, readKnown, writeKnown } from './lines';

const collection = collectionAt('/api/callers');
const empty: BodyOf<'/api/callers'> = { name: '', attributes: {} };

export function CallersPage() {
  const { t } = useTranslation();
  const fields: Record<string, string> = { name: t('callers.name'), attributes: t('callers.attributes') };
  return (
    <Stack gap="md">
      <EntryPage
        above={<CallerTabs />}
        kind={{
          collection,
          empty,
          Fields: CallerFields,
          words: {
            title: t('callers.known'),
            lead: t('callers.knownLead'),
            add: t('callers.addKnown'),
            key: t('callers.number'),
            keyHint: t('callers.numberHint'),
            emptyText: t('callers.knownEmpty'),
            fieldName: (field) => fields[field] ?? field,
          },
          summary: ({ name, attributes }) =>
            [name, ...Object.entries(attributes).map(([key, value]) => `${key}: ${value}`)]
              .filter(Boolean)
              .join(' · '),
        }}
      />
      <Exchange />
    </Stack>
  );
}

type KnownEntry = EntryOf<'/api/callers'>;

/** Writes callers one after the other; those that are there already are replaced. */
function useImporting(known: readonly KnownEntry[]) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (items: Known[]) => {
      for (const { number, name, attributes } of items) {
        const etag = known.find((one) => one.number === number)?.etag ?? null;
        await collection.put(number, { name, attributes }, etag);
      }
      return items.length;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['setup', collection.path] }),
  });
}

/** All known callers into a file, and more of them out of one. */
function Exchange() {
  const { t } = useTranslation();
  const mayEdit = useMay('edit_setup');
  const callers = useQuery(entriesQuery(collection));
  const known = callers.data ?? [];
  const importing = useImporting(known);
  if (!mayEdit && known.length === 0) return null;
  const read = (text: string) =>
    readKnown(text, t('callers.numberHint'), t('callers.attributeHint'), t('callers.once'));
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        {mayEdit && (
          <ImportPanel
            hint={t('callers.importKnownHint')}
            example={'+4930123456,Jo Miller,tier=gold'}
            read={read}
            busy={importing.isPending}
            onImport={(items) => {
              importing.mutate(items);
            }}
          />
        )}
        {importing.isSuccess && (
          <Text size="sm" role="status">
            {t('callers.imported', { count: importing.data })}
          </Text>
        )}
        {importing.error && <Refusal error={importing.error} />}
        {known.length > 0 && (
          <Group>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconFileExport size={14} />}
              onClick={() => {
                download(
                  'callers.csv',
                  writeKnown(
                    known.map(({ number, name, attributes }) => ({
                      number,
                      name,
                      attributes,
                    })),
                  ),
                );
              }}
            >
              {t('callers.export')}
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}
