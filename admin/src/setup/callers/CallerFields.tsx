import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useField } from '../../app/edit/EditContext';
import { FieldGroup } from '../../app/edit/FieldGroup';
import { TextField } from '../../app/edit/Fields';

/** What is kept of a known caller: a name, and attributes that rules ask for. */
export function CallerFields() {
  const { t } = useTranslation();
  const { value, error, set } = useField('attributes');
  const attributes = Object.entries((value ?? {}) as Record<string, string>);
  const change = (place: number, next: [string, string]) => {
    set(Object.fromEntries(attributes.map((one, at) => (at === place ? next : one))));
  };
  return (
    <>
      <TextField path="name" label={t('callers.name')} />
      <FieldGroup title={t('callers.attributes')} hint={t('callers.attributesHint')}>
        <Stack gap="xs">
          {attributes.map(([key, text], place) => (
            <AttributeRow
              key={place}
              number={place + 1}
              name={key}
              text={text}
              onChange={(next) => {
                change(place, next);
              }}
              onRemove={() => {
                set(Object.fromEntries(attributes.filter((_, at) => at !== place)));
              }}
            />
          ))}
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
              disabled={attributes.some(([key]) => key === '')}
              onClick={() => {
                set({ ...Object.fromEntries(attributes), '': '' });
              }}
            >
              {t('callers.addAttribute')}
            </Button>
          </div>
        </Stack>
      </FieldGroup>
    </>
  );
}

interface RowProps {
  number: number;
  name: string;
  text: string;
  onChange: (next: [string, string]) => void;
  onRemove: () => void;
}

function AttributeRow({ number, name, text, onChange, onRemove }: RowProps) {
  const { t } = useTranslation();
  return (
    <Group gap="xs" wrap="nowrap">
      <TextInput
        flex={1}
        aria-label={t('callers.attribute', { number })}
        value={name}
        onChange={({ currentTarget }) => {
          onChange([currentTarget.value, text]);
        }}
      />
      <TextInput
        flex={2}
        aria-label={t('callers.value', { name })}
        value={text}
        onChange={({ currentTarget }) => {
          onChange([name, currentTarget.value]);
        }}
      />
      <ActionIcon variant="default" size="lg" aria-label={t('edit.removeOf', { name })} onClick={onRemove}>
        <IconTrash size={15} />
      </ActionIcon>
    </Group>
  );
}
