import {
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ActionForm } from './ActionForm';
import { countries } from './countries';
import { useDesk, useErrorAt, useNames } from './desk';
import { DropInput } from './DropInput';
import { FallbacksInput } from './FallbacksInput';
import { BetweenInput, FiguresInput } from './FigureInputs';
import { GroupInput } from './GroupInput';
import type { Field, Shape } from './kinds';
import { OptionsInput } from './OptionsInput';
import { PairsInput } from './PairsInput';
import { FALLBACK_ACTIONS, RULE_ACTIONS } from './kinds';
import { ShareInput, WeekdayInput } from './TimeInputs';
import { isAction } from './tree';
import { list, text } from './words';

export interface InputProps {
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
  /** Where it is in the rules, as errors name it: `rules.2.then.queue`. */
  path: string;
}

type ShapedProps<Name extends Shape['shape']> = InputProps & { field: Extract<Field, { shape: Name }> };

/** The input that fits a field of a condition or an action. */
export function FieldInput({ field, ...props }: InputProps & { field: Field }) {
  switch (field.shape) {
    case 'name':
      return <NameInput field={field} {...props} />;
    case 'names':
      return <NamesInput field={field} {...props} />;
    case 'tags':
      return <TagInput field={field} {...props} />;
    case 'line':
      return <LineInput field={field} {...props} />;
    case 'number':
      return <FigureInput field={field} {...props} />;
    case 'choice':
      return <ChoiceInput field={field} {...props} />;
    case 'countries':
      return <CountriesInput {...props} />;
    case 'yesno':
      return <YesNoInput {...props} />;
    case 'text':
      return <TextAreaInput {...props} />;
    default:
      return <WholeInput shape={field.shape} {...props} />;
  }
}

type Whole =
  | 'pairs'
  | 'weekday'
  | 'between'
  | 'figures'
  | 'share'
  | 'group'
  | 'drop'
  | 'action'
  | 'options'
  | 'fallbacks';

/** Fields that have fields of their own. */
function WholeInput({ shape, ...props }: InputProps & { shape: Whole }) {
  switch (shape) {
    case 'pairs':
      return <PairsInput {...props} />;
    case 'weekday':
      return <WeekdayInput {...props} />;
    case 'between':
      return <BetweenInput {...props} />;
    case 'figures':
      return <FiguresInput {...props} />;
    case 'share':
      return <ShareInput {...props} />;
    case 'group':
      return <GroupInput {...props} />;
    case 'drop':
      return <DropInput {...props} />;
    case 'action':
      return (
        <ActionForm
          {...props}
          action={isAction(props.value) ? props.value : { action: 'queue', queue: '' }}
          offered={RULE_ACTIONS}
        />
      );
    case 'options':
      return <OptionsInput {...props} />;
    case 'fallbacks':
      return <FallbacksInput {...props} offered={FALLBACK_ACTIONS} />;
  }
}

/** An empty list or text is as good as none, but for what has to be there. */
function emptied(field: { starts?: unknown }, value: string | string[] | null): unknown {
  return value === null || value.length === 0 ? field.starts : value;
}

function NameInput({ field, label, value, onChange, path }: ShapedProps<'name'>) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const names = useNames(field.source, [text(value)]);
  return (
    <Select
      label={label}
      data={names}
      value={text(value) || null}
      onChange={(name) => {
        onChange(emptied(field, name));
      }}
      placeholder={t(field.starts === undefined ? 'routing.usual' : 'routing.choose')}
      nothingFoundMessage={t(`routing.noNames.${field.source}`)}
      clearable={field.starts === undefined && !readOnly}
      searchable
      readOnly={readOnly}
      error={useErrorAt(path, true)}
      size="xs"
    />
  );
}

function NamesInput({ field, label, value, onChange, path }: ShapedProps<'names'>) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const chosen = list(value).map(text);
  return (
    <MultiSelect
      label={label}
      data={useNames(field.source, chosen)}
      value={chosen}
      onChange={(names) => {
        onChange(emptied(field, names));
      }}
      placeholder={
        chosen.length === 0 ? t(field.starts === undefined ? 'routing.noneNeeded' : 'routing.choose') : ''
      }
      nothingFoundMessage={t(`routing.noNames.${field.source}`)}
      searchable
      readOnly={readOnly}
      error={useErrorAt(path, true)}
      size="xs"
    />
  );
}

function TagInput({ field, label, value, onChange, path }: ShapedProps<'tags'>) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  const known = useNames(field.source);
  return (
    <TagsInput
      label={label}
      data={[...known, ...(field.suggestions ?? [])]}
      value={list(value).map(text)}
      onChange={onChange}
      placeholder={list(value).length === 0 ? t('routing.typeAndEnter') : ''}
      acceptValueOnBlur
      readOnly={readOnly}
      error={useErrorAt(path, true)}
      size="xs"
    />
  );
}

function LineInput({ field, label, value, onChange, path }: ShapedProps<'line'>) {
  const { readOnly } = useDesk();
  return (
    <TextInput
      label={label}
      value={text(value)}
      onChange={({ currentTarget }) => {
        onChange(emptied(field, currentTarget.value));
      }}
      readOnly={readOnly}
      error={useErrorAt(path, true)}
      size="xs"
    />
  );
}

function FigureInput({ field, label, value, onChange, path }: ShapedProps<'number'>) {
  const { readOnly } = useDesk();
  return (
    <NumberInput
      label={label}
      value={typeof value === 'number' ? value : ''}
      onChange={(figure) => {
        onChange(figure === '' ? undefined : Number(figure));
      }}
      placeholder={field.unset === undefined ? '' : String(field.unset)}
      min={field.least}
      max={field.most}
      readOnly={readOnly}
      error={useErrorAt(path, true)}
      size="xs"
    />
  );
}

function ChoiceInput({ field, label, value, onChange, path }: ShapedProps<'choice'>) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  return (
    <Select
      label={label}
      data={field.choices.map((choice) => ({ value: choice, label: t(`routing.choice.${choice}`) }))}
      value={text(value) || field.choices[0]}
      onChange={(choice) => {
        onChange(choice === field.choices[0] ? undefined : choice);
      }}
      allowDeselect={false}
      readOnly={readOnly}
      error={useErrorAt(path, true)}
      size="xs"
    />
  );
}

function CountriesInput({ label, value, onChange, path }: InputProps) {
  const { t, i18n } = useTranslation();
  const { readOnly } = useDesk();
  return (
    <MultiSelect
      label={label}
      data={countries(i18n.language)}
      value={list(value).map(text)}
      onChange={onChange}
      placeholder={list(value).length === 0 ? t('routing.choose') : ''}
      searchable
      limit={40}
      readOnly={readOnly}
      error={useErrorAt(path, true)}
      size="xs"
    />
  );
}

function YesNoInput({ label, value, onChange }: InputProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  return (
    <SegmentedControl
      aria-label={label}
      size="xs"
      value={value === true ? 'yes' : 'no'}
      onChange={(choice) => {
        onChange(choice === 'yes');
      }}
      data={(['yes', 'no'] as const).map((choice) => ({ value: choice, label: t(`routing.${choice}`) }))}
      readOnly={readOnly}
    />
  );
}

function TextAreaInput({ label, value, onChange, path }: InputProps) {
  const { t } = useTranslation();
  const { readOnly } = useDesk();
  return (
    <Textarea
      label={label}
      value={text(value)}
      onChange={({ currentTarget }) => {
        onChange(currentTarget.value === '' ? undefined : currentTarget.value);
      }}
      placeholder={t('routing.sentence')}
      rows={2}
      readOnly={readOnly}
      error={useErrorAt(path, true)}
      size="xs"
    />
  );
}
