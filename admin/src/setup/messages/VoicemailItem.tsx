import { Button, Group, Text } from '@mantine/core';
import { IconCheck, IconMail, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../../api/client';
import type { components } from '../../api/schema';
import { Refusal } from '../../app/edit/Refusal';
import { useMay } from '../../app/edit/useMay';
import { clockText, durationText } from '../../calls/words';
import classes from './messages.module.css';

type Voicemail = components['schemas']['VoicemailRead'];

export function VoicemailItem({ message }: { message: Voicemail }) {
  const { t } = useTranslation();
  const [mayHear, mayEdit] = [useMay('hear_voicemails'), useMay('edit_voicemails')];
  const { marking, deleting } = useChanges(message.id);
  return (
    <li className={classes.message} data-new={!message.heard}>
      <div>
        <Text fw={message.heard ? 450 : 650} size="sm">
          {message.from || t('call.unknownCaller')}
        </Text>
        <When message={message} />
      </div>
      <div>
        <p className={classes.words}>{message.transcript ?? t(`voicemails.state.${message.state}`)}</p>
        {mayHear ? (
          // The words of the message stand above as its transcript.
          // eslint-disable-next-line jsx-a11y/media-has-caption
          <audio
            controls
            preload="none"
            src={`/api/voicemails/${message.id}/audio`}
            aria-label={t('voicemails.listen', { from: message.from || t('call.unknownCaller') })}
            onEnded={() => {
              if (!message.heard && mayEdit) marking.mutate(true);
            }}
          />
        ) : (
          <Text size="xs" c="dimmed">
            {t('voicemails.mayNotHear')}
          </Text>
        )}
        <Failed error={marking.error ?? deleting.error} />
      </div>
      {mayEdit && (
        <Group gap="xs" wrap="nowrap">
          <Button
            size="xs"
            variant="default"
            leftSection={message.heard ? <IconMail size={14} /> : <IconCheck size={14} />}
            loading={marking.isPending}
            onClick={() => {
              marking.mutate(!message.heard);
            }}
          >
            {t(message.heard ? 'voicemails.markNew' : 'voicemails.markHeard')}
          </Button>
          <DeleteTwice
            busy={deleting.isPending}
            onDelete={() => {
              deleting.mutate();
            }}
          />
        </Group>
      )}
    </li>
  );
}

/** Marking a message as heard or new, and deleting it. */
function useChanges(id: string) {
  const queries = useQueryClient();
  const params = { path: { voicemail_id: id } };
  const onSettled = () => queries.invalidateQueries({ queryKey: ['voicemails'] });
  const marking = useMutation({
    mutationFn: (heard: boolean) =>
      answerOf(api.PATCH('/api/voicemails/{voicemail_id}', { params, body: { heard } })),
    onSettled,
  });
  const deleting = useMutation({
    mutationFn: () => answerOf(api.DELETE('/api/voicemails/{voicemail_id}', { params })),
    onSettled,
  });
  return { marking, deleting };
}

/** What cannot be undone asks once more, in place. */
function DeleteTwice({ busy, onDelete }: { busy: boolean; onDelete: () => void }) {
  const { t } = useTranslation();
  const [sure, setSure] = useState(false);
  return (
    <Button
      size="xs"
      variant={sure ? 'filled' : 'subtle'}
      color="red"
      leftSection={<IconTrash size={14} />}
      loading={busy}
      onBlur={() => {
        setSure(false);
      }}
      onClick={() => {
        if (sure) onDelete();
        else setSure(true);
      }}
    >
      {t(sure ? 'voicemails.deleteSure' : 'edit.delete')}
    </Button>
  );
}

function Failed({ error }: { error: Error | null }) {
  return error && <Refusal error={error} />;
}

function When({ message }: { message: Voicemail }) {
  const { i18n } = useTranslation();
  return (
    <Text size="xs" c="dimmed">
      <Link to="/calls/$callId" params={{ callId: message.call_id }} className={classes.link}>
        {clockText(message.started_at, i18n.language, new Date())}
      </Link>
      {` · ${durationText(message.seconds * 1_000)} · ${message.box}`}
    </Text>
  );
}
