import { useSortable } from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import { IconChevronDown, IconCopy, IconGripVertical, IconTrash } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ActionForm } from './ActionForm';
import { useDesk, useErrorAt } from './desk';
import classes from './Routing.module.css';
import type { Rule } from './rules';
import { WhenForm } from './WhenForm';
import { actionWords, errorsOfRule, placeWords, whenWords } from './words';
import { Tag } from './Tag';

interface Props {
  id: string;
  rule: Rule;
  place: number;
  open: boolean;
  readOnly: boolean;
  onOpen: () => void;
  onChange: (rule: Rule) => void;
  onMove: (by: -1 | 1) => void;
  onCopy: () => void;
  onRemove: () => void;
}

/** One rule: a line that says it, and its form when it is open. */
export function RuleCard(props: Props) {
  const { t } = useTranslation();
  const { id, rule, place, open, readOnly, onMove } = props;
  const { setNodeRef, setActivatorNodeRef, attributes, listeners, transform, transition, isDragging } =
    useSortable({
      id,
      disabled: readOnly,
    });
  const wrong = errorsOfRule(useDesk().errors, place);
  const moveByKey = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null;
    if (event.altKey && by !== null) {
      event.preventDefault();
      onMove(by);
    } else listeners?.onKeyDown?.(event);
  };
  return (
    <li
      ref={setNodeRef}
      className={classes.rule}
      data-dragging={isDragging || undefined}
      data-wrong={wrong.length > 0 || undefined}
      style={{ transform: CSS.Translate.toString(transform), transition }}
    >
      <div className={classes.head}>
        {!readOnly && (
          <button
            type="button"
            ref={setActivatorNodeRef}
            {...attributes}
            {...listeners}
            onKeyDown={moveByKey}
            className={classes.handle}
            aria-label={t('routing.move', { name: rule.name })}
          >
            <IconGripVertical size={16} aria-hidden />
          </button>
        )}
        <Summary {...props} wrong={wrong.length} />
        {!readOnly && <Tools {...props} />}
      </div>
      {!open && wrong.length > 0 && (
        <ul className={classes.wrong}>
          {wrong.map(({ field, expected }) => (
            <li key={`${field} ${expected}`}>
              {[placeWords(field), t('routing.expected', { expected })].filter(Boolean).join(' – ')}
            </li>
          ))}
        </ul>
      )}
      {open && <Form {...props} />}
    </li>
  );
}

function Summary({ rule, place, open, onOpen, wrong }: Props & { wrong: number }) {
  const { t } = useTranslation();
  const when = whenWords(rule.when ?? {}, t);
  return (
    <button type="button" className={classes.summary} aria-expanded={open} onClick={onOpen}>
      <span className={classes.place}>{place + 1}</span>
      <span className={classes.says}>
        <span className={classes.name}>
          {rule.name || t('routing.unnamed')}
          {wrong > 0 && <Tag tone="bad">{t('routing.mistakes', { count: wrong })}</Tag>}
        </span>
        <span className={classes.words}>
          {when.length > 0 ? when.join(' · ') : t('routing.always')}
          <span className={classes.arrow}> → </span>
          <strong>{actionWords(rule.then, t)}</strong>
        </span>
      </span>
      <IconChevronDown size={16} aria-hidden className={classes.chevron} />
    </button>
  );
}

function Tools({ rule: { name }, onCopy, onRemove }: Props) {
  const { t } = useTranslation();
  const tools = [
    { label: t('routing.copy', { name }), icon: IconCopy, does: onCopy },
    { label: t('routing.remove', { name }), icon: IconTrash, does: onRemove },
  ];
  return tools.map(({ label, icon: Icon, does }) => (
    <Tooltip key={label} label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={does}>
        <Icon size={15} />
      </ActionIcon>
    </Tooltip>
  ));
}

function Form({ rule, place, readOnly, onChange }: Props) {
  const { t } = useTranslation();
  const path = `rules.${place}`;
  const whole = useErrorAt(path);
  return (
    <div className={classes.form}>
      {whole && <p className={classes.problem}>{whole}</p>}
      <TextInput
        label={t('routing.ruleName')}
        size="xs"
        maxLength={80}
        value={rule.name}
        readOnly={readOnly}
        error={useErrorAt(`${path}.name`)}
        onChange={({ currentTarget }) => {
          onChange({ ...rule, name: currentTarget.value });
        }}
      />
      <section aria-label={t('routing.when')}>
        <h3 className={classes.part}>{t('routing.when')}</h3>
        <WhenForm
          label={t('routing.when')}
          when={rule.when ?? {}}
          path={`${path}.when`}
          onChange={(when) => {
            onChange({ ...rule, when });
          }}
        />
      </section>
      <section aria-label={t('routing.then')}>
        <h3 className={classes.part}>{t('routing.then')}</h3>
        <ActionForm
          label={t('routing.what')}
          action={rule.then}
          path={`${path}.then`}
          onChange={(then) => {
            onChange({ ...rule, then });
          }}
        />
      </section>
    </div>
  );
}
