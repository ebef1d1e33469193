import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useField } from '../../app/edit/EditContext';
import { useQueueNames } from './QueueFields';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '*', '#'];
const VERBS = ['call_back', 'voicemail', 'person'] as const;
type Verb = (typeof VERBS)[number];

interface WaitingKey {
  name: string;
  then: Verb | { queue: string };
}

const TO_QUEUE = 'queue:';

/** What callers may press while they wait. */
export function KeyFields() {
  const { t } = useTranslation();
  const { value, error, set } = useField('keys');
  const keys = (value ?? {}) as Record<string, WaitingKey>;
  const queues = useQueueNames();
  const free = KEYS.filter((key) => !(key in keys));
  const change = (key: string, next: WaitingKey) => {
    set({ ...keys, [key]: next });
  };
  const goals = [
    ...VERBS.map((verb) => ({ value: verb, label: t(`queues.keyThen.${verb}`) })),
    ...queues.map((queue) => ({ value: `${TO_QUEUE}${queue}`, label: t('queues.keyThen.queue', { queue }) })),
  ];
  return (
    <Stack gap="xs" role="group" aria-label={t('queues.field.keys')}>
      <Text size="sm" fw={600}>
        {t('queues.field.keys')}
      </Text>
      {KEYS.filter((key) => key in keys).map((key) => {
        return (
          <KeyRow
            key={key}
            sign={key}
            free={free}
            goals={goals}
            held={keys[key] ?? { name: '', then: 'call_back' }}
            onChange={(next) => {
              change(key, next);
            }}
            onMove={(other) => {
              set({ ...without(keys, key), ...(keys[key] && { [other]: keys[key] }) });
            }}
            onRemove={() => {
              set(without(keys, key));
            }}
          />
        );
      })}
      {error && (
        <Text size="sm" c="red">
          {error}
        </Text>
      )}
      <div>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          disabled={free.length === 0}
          onClick={() => {
            change(free[0] ?? '1', { name: t('queues.keyThen.call_back'), then: 'call_back' });
          }}
        >
          {t('queues.addKey')}
        </Button>
      </div>
    </Stack>
  );
}

function without(keys: Record<string, WaitingKey>, gone: string): Record<string, WaitingKey> {
  return Object.fromEntries(Object.entries(keys).filter(([key]) => key !== gone));
}

interface RowProps {
  sign: string;
  free: string[];
  goals: { value: string; label: string }[];
  held: WaitingKey;
  onChange: (next: WaitingKey) => void;
  onMove: (key: string) => void;
  onRemove: () => void;
}

function KeyRow({ sign, free, goals, held: { name, then }, onChange, onMove, onRemove }: RowProps) {
  const { t } = useTranslation();
  const goal = typeof then === 'string' ? then : `${TO_QUEUE}${then.queue}`;
  const chosen = (value: string): WaitingKey['then'] =>
    value.startsWith(TO_QUEUE) ? { queue: value.slice(TO_QUEUE.length) } : (value as Verb);
  return (
    <Group gap="xs" wrap="nowrap">
      <Select
        w={72}
        aria-label={t('queues.key')}
        data={[sign, ...free]}
        value={sign}
        allowDeselect={false}
        onChange={(other) => {
          onMove(other ?? sign);
        }}
      />
      <TextInput
        flex={1}
        aria-label={t('queues.keyName', { key: sign })}
        placeholder={t('queues.keyNameHint')}
        value={name}
        onChange={({ currentTarget }) => {
          onChange({ name: currentTarget.value, then });
        }}
      />
      <Select
        flex={1}
        aria-label={t('queues.keyDoes', { key: sign })}
        data={goals}
        value={goal}
        allowDeselect={false}
        onChange={(value) => {
          onChange({ name, then: chosen(value ?? goal) });
        }}
      />
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={t('edit.removeOf', { name: `${t('queues.key')} ${sign}` })}
        onClick={onRemove}
      >
        <IconTrash size={15} />
      </ActionIcon>
    </Group>
  );
}
