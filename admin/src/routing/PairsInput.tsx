import { ActionIcon, Button, TagsInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useDesk, useErrorAt } from './desk';
import type { InputProps } from './FieldInput';
import classes from './Forms.module.css';
import { ANY_VALUE, list, record, text } from './words';

/** Names, each with the values of which one is wanted: headers, or what is kept of a caller. */
export function PairsInput({ label, value, onChange, path }: InputProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const error = useErrorAt(path, true);
  const pairs = Object.entries(record(value));
  const set = (place: number, pair: [string, unknown] | null) => {
    const others = pairs.map((each, index) => (index === place ? pair : each));
    onChange(Object.fromEntries(others.filter((each) => each !== null)));
  };
  return (
    <div role="group" aria-label={label} className={classes.stack}>
      {pairs.map(([name, values], place) => (
        <Pair
          key={place}
          name={name}
          values={list(values).map(text)}
          onChange={(pair) => {
            set(place, pair);
          }}
        />
      ))}
      {error && <p className={classes.error}>{error}</p>}
      {!readOnly && !pairs.some(([name]) => name === '') && (
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconPlus size={12} />}
          className={classes.start}
          onClick={() => {
            onChange({ ...record(value), '': [ANY_VALUE] });
          }}
        >
          {t('routing.addPair')}
        </Button>
      )}
    </div>
  );
}

interface PairProps {
  name: string;
  values: string[];
  onChange: (pair: [name: string, values: string[]] | null) => void;
}

function Pair({ name, values, onChange }: PairProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  return (
    <div className={classes.row}>
      <TextInput
        label={t('routing.pairName')}
        size="xs"
        value={name}
        readOnly={readOnly}
        onChange={({ currentTarget }) => {
          onChange([currentTarget.value, values]);
        }}
      />
      <TagsInput
        label={t('routing.pairValues')}
        size="xs"
        className={classes.grows}
        value={values}
        data={[ANY_VALUE]}
        renderOption={() => t('routing.anyValue')}
        acceptValueOnBlur
        readOnly={readOnly}
        onChange={(wanted) => {
          onChange([name, wanted]);
        }}
      />
      {!readOnly && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('routing.removePair', { name })}
          onClick={() => {
            onChange(null);
          }}
        >
          <IconX size={14} />
        </ActionIcon>
      )}
    </div>
  );
}
