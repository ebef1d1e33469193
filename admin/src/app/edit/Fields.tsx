import { NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useField } from './EditContext';

interface FieldProps {
  path: string;
  label: string;
  hint?: string | undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `optional`: an empty text is kept as null. */
export function TextField({ path, label, hint, optional }: FieldProps & { optional?: boolean }) {
  const { value, error, set } = useField(path);
  return (
    <TextInput
      label={label}
      description={hint}
      error={error}
      value={textOf(value)}
      onChange={({ currentTarget }) => {
        set(optional && currentTarget.value === '' ? null : currentTarget.value);
      }}
    />
  );
}

export function LongTextField({ path, label, hint }: FieldProps) {
  const { value, error, set } = useField(path);
  return (
    <Textarea
      label={label}
      description={hint}
      error={error}
      autosize
      minRows={2}
      value={textOf(value)}
      onChange={({ currentTarget }) => {
        set(currentTarget.value);
      }}
    />
  );
}

/** An empty field is kept as null. */
export function NumberField({
  path,
  label,
  hint,
  suffix,
  placeholder,
}: FieldProps & { suffix?: string; placeholder?: string }) {
  const { value, error, set } = useField(path);
  return (
    <NumberInput
      label={label}
      description={hint}
      error={error}
      {...(suffix === undefined ? {} : { suffix })}
      {...(placeholder === undefined ? {} : { placeholder })}
      min={0}
      value={typeof value === 'number' ? value : ''}
      onChange={(next) => {
        set(typeof next === 'number' ? next : null);
      }}
    />
  );
}

export interface Choice {
  value: string;
  label: string;
}

/** One of several; `clearable`: or none, which is kept as null. What is set but not offered is shown all the same. */
export function ChoiceField({
  path,
  label,
  hint,
  choices,
  clearable = false,
}: FieldProps & { choices: readonly (Choice | string)[]; clearable?: boolean }) {
  const { value, error, set } = useField(path);
  const offered = choices.map((choice) =>
    typeof choice === 'string' ? { value: choice, label: choice } : choice,
  );
  const held = textOf(value);
  const data =
    held === '' || offered.some((choice) => choice.value === held)
      ? offered
      : [...offered, { value: held, label: held }];
  return (
    <Select
      label={label}
      description={hint}
      error={error}
      data={data}
      value={held === '' ? null : held}
      searchable={data.length > 8}
      clearable={clearable}
      allowDeselect={false}
      limit={60}
      onChange={set}
    />
  );
}

export function TagsField({ path, label, hint, offered }: FieldProps & { offered: string[] }) {
  const { value, error, set } = useField(path);
  return (
    <TagsInput
      label={label}
      description={hint}
      error={error}
      data={offered}
      value={Array.isArray(value) ? (value as string[]) : []}
      onChange={set}
    />
  );
}

export function SwitchField({ path, label, hint }: FieldProps) {
  const { value, set } = useField(path);
  return (
    <Switch
      label={label}
      description={hint}
      checked={value === true}
      onChange={({ currentTarget }) => {
        set(currentTarget.checked);
      }}
    />
  );
}

/** A part that may be left out: switched on it begins with `initial`, switched off it is kept as null. */
export function PartSwitch({ path, label, hint, initial }: FieldProps & { initial: unknown }) {
  const { value, set } = useField(path);
  return (
    <Switch
      label={label}
      description={hint}
      checked={value !== null && value !== undefined}
      onChange={({ currentTarget }) => {
        set(currentTarget.checked ? initial : null);
      }}
    />
  );
}
