import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DifferenceList } from './DifferenceList';
import type { Verdict } from './Toolbar';
import type { Deeds, Editor } from './useEditor';
import { Dialog } from '../app/Dialog';

interface Props {
  editor: Editor;
  deeds: Deeds;
  verdict: Verdict | undefined;
  onClose: () => void;
}

/** The last look before rules route calls: what is new, and a note for those who come later. */
export function PublishModal({ editor: { work }, deeds, verdict, onClose }: Props) {
  const { t } = useTranslation();
  const [note, setNote] = useState(work.note);
  const wrong = verdict?.errors.length ?? 0;
  const publish = () => {
    deeds.publishing.mutate(note, { onSettled: onClose });
  };
  return (
    <Dialog opened onClose={onClose} title={t('routing.publishing')} size="lg">
      <Stack gap="sm">
        {wrong > 0 && (
          <Alert color="red" role="alert">
            {t('routing.cannotPublish', { count: wrong })}
          </Alert>
        )}
        <Text size="sm">{t('routing.publishingText')}</Text>
        <DifferenceList differences={verdict?.differences} label={t('routing.changes')} />
        <Textarea
          data-autofocus
          label={t('routing.note')}
          description={t('routing.noteHint')}
          maxLength={500}
          rows={2}
          value={note}
          onChange={({ currentTarget }) => {
            setNote(currentTarget.value);
          }}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('routing.cancel')}
          </Button>
          <Button disabled={wrong > 0} loading={deeds.publishing.isPending} onClick={publish}>
            {t('routing.publishNow')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
