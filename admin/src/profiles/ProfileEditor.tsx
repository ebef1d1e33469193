import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { IconAlertCircle } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../api/shapes';
import { same } from '../app/edit/paths';
import { useFocusOnError } from '../app/edit/useFocusOnError';
import { problemText } from '../app/problemText';
import { Panel } from '../calls/Panel';
import { EscalationFields } from './EscalationFields';
import { LimitFields } from './LimitFields';
import { ModelFields } from './ModelFields';
import { NotedFields } from './NotedFields';
import classes from './Profiles.module.css';
import { ToolFields } from './ToolFields';
import { TurnFields } from './TurnFields';
import { bodyOf, fieldErrors, isConflict, wordsOf, type Values } from './values';
import { SoundFields, WordFields } from './WordFields';

export type ProfileForm = UseFormReturnType<Values>;

/** Said where somebody else was faster; `again` saves over the edition of this ETag. */
export type Conflict = (ways: { drop: () => void; again: (etag: string) => void }) => ReactNode;

interface Props {
  start: Values;
  /** Keys of the models, and whose; both null for a profile that does not exist yet. */
  keys: Profile['keys'] | null;
  name: string | null;
  mayEdit: boolean;
  saveLabel: string;
  /** The save bar stays even where nothing was changed. */
  always?: boolean;
  top?: (error: string | undefined) => ReactNode;
  /** Said where somebody else was faster. */
  conflict?: Conflict | undefined;
  onDirty?: (dirty: boolean) => void;
  onSave: (values: Values, etag?: string) => Promise<void>;
}

/** All sections of a profile in one form; what the server refuses is said at its field. */
export function ProfileEditor(props: Props) {
  const { start, keys, name, mayEdit, saveLabel, always = false, top, conflict, onDirty, onSave } = props;
  const { t } = useTranslation();
  const { form, problem, busy, dirty, submit, drop, dropProblem } = useEditing(start, onSave, onDirty);
  const box = useFocusOnError(problem);
  const sections = [
    ['words', <WordFields key="words" form={form} />],
    ['sound', <SoundFields key="sound" form={form} />],
    ['models', <ModelFields key="models" form={form} keys={keys} name={name} saved={start} />],
    ['turns', <TurnFields key="turns" form={form} />],
    ['tools', <ToolFields key="tools" form={form} />],
    ['escalation', <EscalationFields key="escalation" form={form} />],
    ['noted', <NotedFields key="noted" form={form} />],
    ['limits', <LimitFields key="limits" form={form} />],
  ] as const;
  return (
    <form
      ref={box}
      onSubmit={form.onSubmit((values) => void submit(values))}
      noValidate
      className={classes.editor}
    >
      <fieldset disabled={!mayEdit || busy} className={classes.fieldset}>
        <Stack gap="md">
          {top && <div className={classes.top}>{top(fieldErrors(problem ?? new Error())['path.name'])}</div>}
          {sections.map(([section, fields]) => (
            <Panel key={section} title={t(`profiles.sections.${section}`)}>
              <div className={classes.fields}>{fields}</div>
            </Panel>
          ))}
        </Stack>
      </fieldset>
      {mayEdit && (dirty || always) && (
        <div className={classes.saveBar}>
          {problem && !(isConflict(problem) && conflict) && <Refused error={problem} />}
          {isConflict(problem) &&
            conflict?.({ drop: dropProblem, again: (etag) => void submit(form.values, etag) })}
          <SaveBar dirty={dirty} busy={busy} label={saveLabel} onDrop={drop} />
        </div>
      )}
    </form>
  );
}

/** The form with what became of saving it. */
function useEditing(start: Values, onSave: Props['onSave'], onDirty: Props['onDirty']) {
  const form = useForm<Values>({ initialValues: start });
  const [problem, setProblem] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  // Mantine's own judgement forgets lists whose order alone was changed.
  const dirty = !same(bodyOf(form.values), bodyOf(start));
  useEffect(() => onDirty?.(dirty), [dirty, onDirty]);
  useWarningWhenLeaving(dirty);

  const submit = async (values: Values, etag?: string) => {
    setBusy(true);
    setProblem(null);
    try {
      await onSave(values, etag);
    } catch (error) {
      const found = error instanceof Error ? error : new Error(String(error));
      form.setErrors(fieldErrors(found, wordsOf(values)));
      setProblem(found);
    } finally {
      setBusy(false);
    }
  };
  const dropProblem = () => {
    setProblem(null);
  };
  const drop = () => {
    form.reset();
    dropProblem();
  };
  return { form, problem, busy, dirty, submit, drop, dropProblem };
}

function SaveBar(props: { dirty: boolean; busy: boolean; label: string; onDrop: () => void }) {
  const { dirty, busy, label, onDrop } = props;
  const { t } = useTranslation();
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed">
        {dirty ? t('profiles.unsaved') : ''}
      </Text>
      <Group gap="xs">
        {dirty && (
          <Button variant="default" onClick={onDrop} disabled={busy}>
            {t('profiles.discard')}
          </Button>
        )}
        <Button type="submit" loading={busy}>
          {label}
        </Button>
      </Group>
    </Group>
  );
}

function Refused({ error }: { error: Error }) {
  const { t } = useTranslation();
  return (
    <Alert role="alert" color="red" icon={<IconAlertCircle />} mb="sm">
      <Text size="sm">{problemText(error, t)}</Text>
    </Alert>
  );
}

function useWarningWhenLeaving(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => {
      event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => {
      window.removeEventListener('beforeunload', warn);
    };
  }, [dirty]);
}
