import {
  Autocomplete,
  Collapse,
  MultiSelect,
  NumberInput,
  Select,
  TextInput,
  Textarea,
  UnstyledButton,
} from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNames } from './desk';
import type { Source } from './kinds';
import classes from './Routing.module.css';
import { withField } from './rules';
import { pairsOf, type TriedFields } from './tried';
import { FIGURES } from './words';

interface Props {
  fields: TriedFields;
  onChange: (fields: TriedFields) => void;
}

/** Who calls what number, when, and whatever else rules may ask. */
export function TryForm({ fields, onChange }: Props) {
  const { t } = useTranslation();
  const [more, setMore] = useState(false);
  const numbers = useNames('numbers');
  const set = (changed: Partial<TriedFields>) => {
    onChange({ ...fields, ...changed });
  };
  return (
    <>
      <Autocomplete
        label={t('routing.tried.to')}
        size="xs"
        data={numbers}
        value={fields.to}
        onChange={(to) => {
          set({ to });
        }}
        required
      />
      <Line name="from" placeholder={t('routing.tried.withheld')} fields={fields} set={set} />
      <Line name="at" type="datetime-local" fields={fields} set={set} />
      <div className={classes.pair}>
        <Line name="language" fields={fields} set={set} />
        <Line name="digits" fields={fields} set={set} />
      </div>
      <UnstyledButton
        className={classes.fold}
        aria-expanded={more}
        onClick={() => {
          setMore(!more);
        }}
      >
        <IconChevronRight size={14} aria-hidden />
        {t('routing.tried.more')}
      </UnstyledButton>
      <Collapse expanded={more} transitionDuration={0}>
        <More fields={fields} set={set} />
      </Collapse>
    </>
  );
}

interface MoreProps {
  fields: TriedFields;
  set: (changed: Partial<TriedFields>) => void;
}

interface LineProps extends MoreProps {
  name: 'from' | 'at' | 'language' | 'digits';
  type?: string;
  placeholder?: string;
}

function Line({ name, fields, set, ...rest }: LineProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t(`routing.tried.${name}`)}
      size="xs"
      value={fields[name]}
      onChange={({ currentTarget }) => {
        set({ [name]: currentTarget.value });
      }}
      {...rest}
    />
  );
}

interface KnownProps extends MoreProps {
  field: 'lastQueue' | 'lastProfile';
  label: string;
  source: Source;
}

/** A name that is looked up unless one is chosen. */
function Known({ field, label, source, fields, set }: KnownProps) {
  const { t } = useTranslation();
  return (
    <Select
      label={label}
      size="xs"
      data={useNames(source)}
      placeholder={t('routing.tried.lookedUp')}
      clearable
      value={fields[field]}
      onChange={(name) => {
        set({ [field]: name });
      }}
    />
  );
}

function More({ fields, set }: MoreProps) {
  const { t } = useTranslation();
  const looked = t('routing.tried.lookedUp');
  return (
    <div className={classes.stack}>
      <MultiSelect
        label={t('routing.kind.in_list')}
        size="xs"
        data={useNames('caller_lists')}
        placeholder={fields.lists ? '' : looked}
        value={fields.lists ?? []}
        onChange={(lists) => {
          set({ lists: lists.length > 0 ? lists : null });
        }}
      />
      <div className={classes.pair}>
        <Known
          field="lastQueue"
          label={t('routing.kind.last_queue')}
          source="queues"
          fields={fields}
          set={set}
        />
        <Known
          field="lastProfile"
          label={t('routing.kind.last_profile')}
          source="profiles"
          fields={fields}
          set={set}
        />
        <Select
          label={t('routing.kind.open_call_back')}
          size="xs"
          data={(['yes', 'no'] as const).map((value) => ({ value, label: t(`routing.${value}`) }))}
          placeholder={looked}
          clearable
          value={fields.callBack}
          onChange={(value) => {
            set({ callBack: value === 'yes' || value === 'no' ? value : null });
          }}
        />
        <NumberInput
          label={t('routing.kind.waited_seconds')}
          size="xs"
          min={0}
          value={fields.waited ?? ''}
          onChange={(waited) => {
            set({ waited: waited === '' ? null : Number(waited) });
          }}
        />
      </div>
      {(['headers', 'attributes'] as const).map((name) => (
        <Textarea
          key={name}
          label={t(`routing.tried.${name}`)}
          placeholder={t(`routing.tried.${name}Example`)}
          size="xs"
          rows={2}
          onChange={({ currentTarget }) => {
            set({ [name]: pairsOf(currentTarget.value) });
          }}
        />
      ))}
      <QueueFigures fields={fields} set={set} />
    </div>
  );
}

function QueueFigures({ fields, set }: MoreProps) {
  const { t } = useTranslation();
  return (
    <>
      <Select
        label={t('routing.tried.queue')}
        size="xs"
        data={useNames('queues')}
        placeholder={t('routing.tried.measured')}
        clearable
        value={fields.queue}
        onChange={(queue) => {
          set({ queue });
        }}
      />
      {fields.queue && (
        <div className={classes.pair}>
          {FIGURES.map((figure) => (
            <NumberInput
              key={figure}
              label={t(`routing.figure.${figure}`)}
              size="xs"
              min={0}
              value={fields.figures[figure] ?? ''}
              onChange={(value) => {
                set({ figures: withField(fields.figures, figure, value === '' ? undefined : Number(value)) });
              }}
            />
          ))}
        </div>
      )}
    </>
  );
}
