import { ActionIcon, Button, Group, Table, Text, TextInput } from '@mantine/core';
import { IconFileExport, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useField } from '../../app/edit/EditContext';
import { FieldGroup } from '../../app/edit/FieldGroup';
import { TextField } from '../../app/edit/Fields';
import { useMay } from '../../app/edit/useMay';
import { download } from './download';
import { ImportPanel } from './ImportPanel';
import { type Listed, readListed, writeListed } from './lines';

const MOST_SHOWN = 100;

/** Who is in a list: numbers and the starts of numbers, with a note each. */
export function ListFields({ name }: { name: string }) {
  const { t } = useTranslation();
  const mayEdit = useMay('edit_setup');
  const { value, error, set } = useField('entries');
  const entries = Array.isArray(value) ? (value as Listed[]) : [];
  const read = (text: string) => readListed(text, t('callers.numberHint'), t('callers.once'));
  const add = (items: Listed[]) => {
    const fresh = new Map(items.map((item) => [keyOf(item), item]));
    set([...entries.filter((entry) => !fresh.has(keyOf(entry))), ...items]);
  };
  return (
    <>
      <TextField path="note" label={t('callers.note')} />
      <FieldGroup title={t('callers.entries', { count: entries.length })} hint={t('callers.entriesHint')}>
        {error && (
          <Text size="sm" c="red">
            {error}
          </Text>
        )}
        <Entries entries={entries} mayEdit={mayEdit} onChange={set} />
        {mayEdit && <AddOne onAdd={add} />}
        {entries.length > 0 && (
          <div>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconFileExport size={14} />}
              onClick={() => {
                download(`${name}.csv`, writeListed(entries));
              }}
            >
              {t('callers.export')}
            </Button>
          </div>
        )}
      </FieldGroup>
      {mayEdit && (
        <FieldGroup title={t('callers.import')}>
          <ImportPanel
            hint={t('callers.importHint')}
            example={'+4930123456,VIP\n+4989*,Munich'}
            read={read}
            onImport={add}
          />
        </FieldGroup>
      )}
    </>
  );
}

function keyOf({ number, prefix }: Listed): string {
  return number ?? `${prefix ?? ''}*`;
}

function Entries({
  entries,
  mayEdit,
  onChange,
}: {
  entries: Listed[];
  mayEdit: boolean;
  onChange: (entries: Listed[]) => void;
}) {
  const { t } = useTranslation();
  if (entries.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('callers.nobody')}
      </Text>
    );
  return (
    <Table.ScrollContainer minWidth={420} maxHeight={360} tabIndex={0}>
      <Table verticalSpacing={6} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('callers.number')}</Table.Th>
            <Table.Th>{t('callers.note')}</Table.Th>
            <Table.Th aria-label={t('edit.delete')} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.slice(0, MOST_SHOWN).map((entry) => (
            <Table.Tr key={keyOf(entry)}>
              <Table.Td>{entry.number ?? t('callers.startsWith', { prefix: entry.prefix })}</Table.Td>
              <Table.Td>{entry.note}</Table.Td>
              <Table.Td align="right">
                {mayEdit && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('edit.removeOf', { name: keyOf(entry) })}
                    onClick={() => {
                      onChange(entries.filter((one) => one !== entry));
                    }}
                  >
                    <IconTrash size={15} />
                  </ActionIcon>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
          {entries.length > MOST_SHOWN && (
            <Table.Tr>
              <Table.Td colSpan={3}>{t('edit.moreFound', { count: entries.length - MOST_SHOWN })}</Table.Td>
            </Table.Tr>
          )}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function AddOne({ onAdd }: { onAdd: (items: Listed[]) => void }) {
  const { t } = useTranslation();
  const [number, setNumber] = useState('');
  const [note, setNote] = useState('');
  const { items, errors } = readListed(number, t('callers.numberHint'), '');
  return (
    <Group gap="xs" align="start">
      <TextInput
        aria-label={t('callers.newNumber')}
        placeholder="+4930123456, +4989*"
        value={number}
        error={number.length > 2 ? errors[0]?.expected : undefined}
        onChange={({ currentTarget }) => {
          setNumber(currentTarget.value);
        }}
      />
      <TextInput
        flex={1}
        aria-label={t('callers.newNote')}
        placeholder={t('callers.note')}
        value={note}
        onChange={({ currentTarget }) => {
          setNote(currentTarget.value);
        }}
      />
      <Button
        variant="default"
        leftSection={<IconPlus size={14} />}
        disabled={items.length === 0}
        onClick={() => {
          onAdd(items.map((item) => ({ ...item, note })));
          setNumber('');
          setNote('');
        }}
      >
        {t('callers.addOne')}
      </Button>
    </Group>
  );
}
