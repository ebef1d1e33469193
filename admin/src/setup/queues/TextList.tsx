import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useContext, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { EditContext, useField } from '../../app/edit/EditContext';
import { errorAt } from '../../app/edit/problems';
import { RowActs } from '../../app/edit/RowActs';
import { useRows } from '../../app/edit/useRows';

interface Props {
  path: string;
  label: string;
  hint?: string;
  add: string;
}

/** Texts in their order. */
export function TextList({ path, label, hint, add }: Props) {
  const { value, set } = useField(path);
  const texts = Array.isArray(value) ? (value as string[]) : [];
  const box = useRef<HTMLDivElement>(null);
  const rows = useRows(box);
  return (
    <Stack gap="xs" role="group" aria-label={label} ref={box}>
      <div>
        <Text size="sm" fw={600}>
          {label}
        </Text>
        {hint && (
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        )}
      </div>
      {texts.map((text, place) => (
        <Group key={place} gap="xs" wrap="nowrap" align="start" data-row={place}>
          <TextInRow path={`${path}.${place}`} label={`${label} ${place + 1}`} />
          <RowActs
            name={text || `${label} ${place + 1}`}
            place={place}
            count={texts.length}
            onMove={(by) => {
              set(texts.toSpliced(place, 1).toSpliced(place + by, 0, text));
              rows.moved(place + by, by);
            }}
            onRemove={() => {
              set(texts.toSpliced(place, 1));
              rows.removed(place);
            }}
          />
        </Group>
      ))}
      <WrongAsAWhole path={path} count={texts.length} />
      <div>
        <Button
          size="xs"
          variant="default"
          data-act="add"
          leftSection={<IconPlus size={14} />}
          onClick={() => {
            set([...texts, '']);
            rows.added(texts.length);
          }}
        >
          {add}
        </Button>
      </div>
    </Stack>
  );
}

function TextInRow({ path, label }: { path: string; label: string }) {
  const { value, error, set } = useField(path);
  return (
    <TextInput
      flex={1}
      aria-label={label}
      error={error}
      value={typeof value === 'string' ? value : ''}
      onChange={({ currentTarget }) => {
        set(currentTarget.value);
      }}
    />
  );
}

/** What no single row is to blame for, such as too many. */
function WrongAsAWhole({ path, count }: { path: string; count: number }) {
  const { t } = useTranslation();
  const problem = useContext(EditContext)?.problem ?? null;
  const inRows = Array.from({ length: count }, (_, place) => errorAt(problem, `${path}.${place}`));
  const error = inRows.some(Boolean) ? undefined : errorAt(problem, path);
  return error ? (
    <Text size="sm" c="red">
      {t('edit.expected', { expected: error })}
    </Text>
  ) : null;
}
