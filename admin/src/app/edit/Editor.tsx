import { Alert, Button, Paper, Text, TextInput, Title } from '@mantine/core';
import { IconArrowLeft, IconDeviceFloppy, IconLock, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clockText } from '../../calls/words';
import type { Edited } from './collection';
import { ConflictPanel } from './ConflictPanel';
import classes from './edit.module.css';
import { EditContext } from './EditContext';
import type { EntryKind } from './kind';
import { LeaveGuard } from './LeaveGuard';
import { errorAt, errorsElsewhere } from './problems';
import { Refusal } from './Refusal';
import { type Edit, useEdit } from './useEdit';
import { useFocusOnError } from './useFocusOnError';

interface Props<Entry extends Edited, Body extends object> {
  kind: EntryKind<Entry, Body>;
  entry: Entry | null;
  mayEdit: boolean;
  onDeleted: (key: string, body: Body) => void;
}

/** One entry: its fields, what is wrong with them, and saving it without overwriting anybody. */
export function Editor<Entry extends Edited, Body extends object>({
  kind,
  entry,
  mayEdit,
  onDeleted,
}: Props<Entry, Body>) {
  const navigate = useNavigate();
  const [leaving, setLeaving] = useState(false);
  const edit = useEdit(kind.collection, entry, kind.empty, (key) => {
    setLeaving(true);
    void navigate({ to: '.', search: { open: key }, ignoreBlocker: true }).then(() => {
      setLeaving(false);
    });
  });
  const keyError = errorAt(edit.problem, 'path.name') ?? errorAt(edit.problem, 'path.number');
  const known = Object.keys({ ...kind.empty, ...edit.draft });
  const elsewhere = errorsElsewhere(edit.problem, [...known, 'path.name', 'path.number']);
  const { Fields } = kind;
  const form = useFocusOnError(edit.problem);
  return (
    <Paper
      withBorder
      component="form"
      ref={form}
      className={classes.editor}
      aria-label={edit.isNew ? kind.words.add : edit.key}
      onSubmit={(event) => {
        event.preventDefault();
        edit.save();
      }}
    >
      <LeaveGuard dirty={edit.dirty && !leaving && mayEdit} />
      <Back />
      <Heading edit={edit} words={kind.words} entry={entry} keyError={keyError} />
      {!mayEdit && <ReadOnly />}
      {edit.conflict && (
        <ConflictPanel
          {...edit.conflict}
          fieldName={kind.words.fieldName}
          onResolve={edit.resolve}
          onDiscard={edit.discard}
        />
      )}
      <EditContext value={edit}>
        <fieldset disabled={!mayEdit} className={classes.fields}>
          <Fields body={edit.draft} name={edit.key} isNew={edit.isNew} />
        </fieldset>
      </EditContext>
      {edit.problem && !edit.conflict && <Refusal error={edit.problem} fields={elsewhere} />}
      {mayEdit && <Actions kind={kind} edit={edit} entry={entry} onDeleted={onDeleted} />}
    </Paper>
  );
}

function ReadOnly() {
  const { t } = useTranslation();
  return (
    <Alert color="gray" icon={<IconLock size={18} />}>
      {t('edit.readOnly')}
    </Alert>
  );
}

function Back() {
  const { t } = useTranslation();
  return (
    <Button
      className={classes.back}
      variant="subtle"
      size="compact-sm"
      leftSection={<IconArrowLeft size={15} />}
      renderRoot={(props) => <Link {...props} to="." search={{}} />}
    >
      {t('edit.back')}
    </Button>
  );
}

function Heading<Entry extends Edited, Body extends object>({
  edit,
  words,
  entry,
  keyError,
}: {
  edit: Edit<Body>;
  words: EntryKind<Entry, Body>['words'];
  entry: Entry | null;
  keyError: string | undefined;
}) {
  const { t, i18n } = useTranslation();
  if (entry === null && edit.isNew)
    return (
      <TextInput
        label={words.key}
        description={words.keyHint}
        error={keyError}
        value={edit.key}
        required
        data-autofocus
        onChange={({ currentTarget }) => {
          edit.setKey(currentTarget.value);
        }}
      />
    );
  return (
    <div>
      <Title order={2} size="h4">
        {edit.key}
      </Title>
      {entry && (
        <Text size="xs" c="dimmed">
          {t('edit.changedAt', { at: clockText(entry.changed_at, i18n.language, new Date()) })}
        </Text>
      )}
    </div>
  );
}

function Actions<Entry extends Edited, Body extends object>({
  kind,
  edit,
  entry,
  onDeleted,
}: {
  kind: EntryKind<Entry, Body>;
  edit: Edit<Body>;
  entry: Entry | null;
  onDeleted: (key: string, body: Body) => void;
}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const deleting = useMutation({
    mutationFn: (gone: Entry) => kind.collection.remove(kind.collection.keyOf(gone), gone.etag),
    onSuccess: async (_, gone) => {
      edit.discard();
      onDeleted(kind.collection.keyOf(gone), kind.collection.bodyOf(gone));
      await navigate({ to: '.', search: {}, ignoreBlocker: true });
      await queries.invalidateQueries({ queryKey: ['setup'] });
    },
    onError: () => queries.invalidateQueries({ queryKey: ['setup', kind.collection.path] }),
  });
  return (
    <>
      {deleting.error && <Refusal error={deleting.error} />}
      <div className={classes.actions}>
        <Button
          type="submit"
          leftSection={<IconDeviceFloppy size={16} />}
          loading={edit.saving}
          disabled={!edit.dirty || edit.conflict !== null}
        >
          {t('edit.save')}
        </Button>
        <Button variant="default" disabled={!edit.dirty || edit.isNew} onClick={edit.discard}>
          {t('edit.discard')}
        </Button>
        <Text size="xs" c="dimmed" role="status">
          {edit.dirty ? t('edit.unsaved') : ''}
        </Text>
        <span className={classes.space} />
        {entry && (
          <Button
            variant="subtle"
            color="red"
            leftSection={<IconTrash size={16} />}
            loading={deleting.isPending}
            onClick={() => {
              deleting.mutate(entry);
            }}
          >
            {t('edit.delete')}
          </Button>
        )}
      </div>
    </>
  );
}
