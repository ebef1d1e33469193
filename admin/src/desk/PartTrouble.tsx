import { Alert, Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconAlertCircle, IconVolumeOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api/problem';
import { problemText } from '../app/problemText';
import { timelineQuery } from '../calls/queries';
import { sessionQuery } from '../session/session';
import { useDesk, usePart } from './DeskContext';
import { wasLost } from './queries';

/** What went wrong with one's part in this call, and the way back. */
export function PartTrouble({ callId }: { callId: string }) {
  const { t } = useTranslation();
  const { call } = useDesk();
  const { trouble, phase, callId: about, silenced } = usePart();
  const { data: me } = useQuery(sessionQuery);
  const { data: events } = useQuery(timelineQuery(callId));
  if (phase === 'out' && about === null && me && wasLost(events ?? [], me.id))
    return <Lost callId={callId} />;
  if (about !== callId) return null;
  if (silenced && phase !== 'out') {
    return (
      <Alert role="alert" color="yellow" icon={<IconVolumeOff />}>
        <Text size="sm">{t('desk.trouble.silenced')}</Text>
        <Button size="xs" mt="xs" onClick={() => void call.unsilence()}>
          {t('desk.trouble.unsilence')}
        </Button>
      </Alert>
    );
  }
  if (!trouble) return null;
  const late =
    trouble.kind === 'refused' && trouble.error instanceof ApiProblem && trouble.error.status === 409;
  return (
    <Alert role="alert" color={late ? 'yellow' : 'red'} icon={<IconAlertCircle />}>
      <Text size="sm">
        {trouble.kind === 'refused' ? problemText(trouble.error, t) : t(`desk.trouble.${trouble.kind}`)}
      </Text>
      {phase === 'out' && trouble.kind !== 'refused' && (
        <Button size="xs" mt="xs" variant="default" onClick={() => void call.join(callId, null)}>
          {t('desk.trouble.back')}
        </Button>
      )}
    </Alert>
  );
}

/** The browser died in this call: another one, or the same, offers the way back. */
function Lost({ callId }: { callId: string }) {
  const { t } = useTranslation();
  const { call } = useDesk();
  return (
    <Alert role="alert" color="red" icon={<IconAlertCircle />}>
      <Text size="sm">{t('desk.trouble.lost')}</Text>
      <Button size="xs" mt="xs" variant="default" onClick={() => void call.join(callId, null)}>
        {t('desk.trouble.back')}
      </Button>
    </Alert>
  );
}
