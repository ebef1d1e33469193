import { ActionIcon, Button, Checkbox, Select, TagsInput, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ActionForm } from './ActionForm';
import { useDesk, useErrorAt } from './desk';
import type { InputProps } from './FieldInput';
import classes from './Forms.module.css';
import { withField } from './rules';
import { isAction } from './tree';
import { list, record, text } from './words';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '*', '#'];

type Option = [key: string, option: Record<string, unknown>];

/** A menu: which keys there are, their words, and where each leads. */
export function OptionsInput({ label, value, onChange, path }: InputProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const error = useErrorAt(path);
  const options = Object.entries(record(value)).map(([key, option]): Option => [key, record(option)]);
  options.sort(([one], [other]) => KEYS.indexOf(one) - KEYS.indexOf(other));
  const free = KEYS.filter((key) => !options.some(([taken]) => taken === key));
  const set = (changed: Option[]) => {
    onChange(Object.fromEntries(changed));
  };
  return (
    <fieldset className={classes.fieldset}>
      <legend>{label}</legend>
      {options.map((option, place) => (
        <OptionForm
          key={option[0]}
          option={option}
          free={free}
          path={`${path}.${option[0]}`}
          onChange={(changed) => {
            set(options.flatMap((each, index) => (index === place ? (changed ? [changed] : []) : [each])));
          }}
        />
      ))}
      {error && <p className={classes.error}>{error}</p>}
      {!readOnly && free[0] !== undefined && (
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconPlus size={12} />}
          onClick={() => {
            set([...options, [free[0] ?? '', { name: '' }]]);
          }}
        >
          {t('routing.addKey')}
        </Button>
      )}
    </fieldset>
  );
}

interface OptionProps {
  option: Option;
  free: string[];
  path: string;
  onChange: (option: Option | null) => void;
}

function OptionForm({ option: [key, option], free, path, onChange }: OptionProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const change = (name: string, value: unknown) => {
    onChange([key, withField(option, name, value)]);
  };
  return (
    <div className={classes.part} role="group" aria-label={t('routing.keyNamed', { key })}>
      <OptionLine option={[key, option]} free={free} path={path} onChange={onChange} />
      <Checkbox
        size="xs"
        label={t('routing.askAgain')}
        checked={!isAction(option.then)}
        disabled={readOnly}
        onChange={({ currentTarget }) => {
          change('then', currentTarget.checked ? undefined : { action: 'queue', queue: '' });
        }}
      />
      {isAction(option.then) && (
        <ActionForm
          label={t('routing.keyThen', { key })}
          action={option.then}
          path={`${path}.then`}
          onChange={(then) => {
            change('then', then);
          }}
        />
      )}
    </div>
  );
}

function OptionLine({ option: [key, option], free, path, onChange }: OptionProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  return (
    <div className={classes.row}>
      <Select
        label={t('routing.key')}
        size="xs"
        w={64}
        data={[key, ...free]}
        value={key}
        allowDeselect={false}
        readOnly={readOnly}
        error={useErrorAt(path)}
        onChange={(other) => {
          onChange([other ?? key, option]);
        }}
      />
      <TextInput
        label={t('routing.keyName')}
        size="xs"
        value={text(option.name)}
        readOnly={readOnly}
        error={useErrorAt(`${path}.name`)}
        onChange={({ currentTarget }) => {
          onChange([key, withField(option, 'name', currentTarget.value)]);
        }}
      />
      <TagsInput
        label={t('routing.keyWords')}
        size="xs"
        className={classes.grows}
        value={list(option.say).map(text)}
        acceptValueOnBlur
        readOnly={readOnly}
        error={useErrorAt(`${path}.say`, true)}
        onChange={(words) => {
          onChange([key, withField(option, 'say', words.length > 0 ? words : undefined)]);
        }}
      />
      {!readOnly && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('routing.removeKey', { key })}
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
