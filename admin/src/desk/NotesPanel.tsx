import { Button, NativeSelect, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Notes } from '../api/shapes';
import { problemText } from '../app/problemText';
import { Panel } from '../calls/Panel';
import classes from './Part.module.css';
import { notesQuery, saveNotes } from './queries';

/** How the call went and what is to be remembered of it, during the call or afterwards. */
export function NotesPanel({ callId }: { callId: string }) {
  const { t } = useTranslation();
  const { data } = useQuery({ ...notesQuery(callId), retry: false });
  if (!data) return null;
  return (
    <Panel title={t('desk.notes.title')}>
      <NotesForm key={callId} callId={callId} stored={data} />
    </Panel>
  );
}

type Draft = Pick<Notes, 'disposition' | 'notes'>;

/** What is being written stays, whatever is read meanwhile; until then what is stored is shown. */
function NotesForm({ callId, stored }: { callId: string; stored: Notes }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft | null>(null);
  const saving = useMutation({
    mutationFn: (noted: Draft) => saveNotes(callId, noted),
    onSuccess: (answer) => {
      queries.setQueryData(notesQuery(callId).queryKey, answer);
      setDraft(null);
    },
  });
  const { disposition, notes } = draft ?? stored;
  const change = (part: Partial<Draft>) => {
    saving.reset();
    setDraft({ disposition, notes, ...part });
  };
  const choices = new Set([...stored.dispositions, ...(disposition ? [disposition] : [])]);
  const words = saving.isError
    ? problemText(saving.error, t)
    : draft
      ? t('desk.notes.unsaved')
      : saving.isSuccess
        ? t('desk.notes.saved')
        : t('desk.notes.hint');
  return (
    <form
      className={classes.whisper}
      onSubmit={(event) => {
        event.preventDefault();
        if (draft) saving.mutate(draft);
      }}
    >
      {choices.size > 0 && (
        <NativeSelect
          size="sm"
          label={t('desk.notes.disposition')}
          value={disposition ?? ''}
          onChange={({ currentTarget }) => {
            change({ disposition: currentTarget.value || null });
          }}
          data={[
            { value: '', label: t('desk.notes.none') },
            ...[...choices].map((choice) => ({ value: choice, label: choice })),
          ]}
        />
      )}
      <Textarea
        label={t('desk.notes.notes')}
        rows={3}
        value={notes}
        onChange={({ currentTarget }) => {
          change({ notes: currentTarget.value });
        }}
      />
      <div className={classes.foot}>
        <Text size="xs" c="dimmed" component="span" role={saving.isError ? 'alert' : 'status'}>
          {words}
        </Text>
        <Button type="submit" size="xs" loading={saving.isPending} disabled={!draft}>
          {t('desk.notes.save')}
        </Button>
      </div>
    </form>
  );
}
