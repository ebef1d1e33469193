import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertCircle, IconPhone, IconPhoneOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemText } from '../app/problemText';
import { OutcomeBadge } from '../calls/Badges';
import { Panel } from '../calls/Panel';
import { callQuery } from '../calls/queries';
import { TranscriptPanel } from '../calls/TranscriptPanel';
import { Keypad } from './Keypad';
import { LevelMeter } from './LevelMeter';
import classes from './TestCall.module.css';
import { TestCallSettings, type Chosen } from './TestCallSettings';
import { TurnTimes } from './TurnTimes';
import type { Trouble } from './testLine';
import { type TestCall, useTestCall } from './useTestCall';

/** Talk to the agent of a profile, or go the whole way of a number, from this page. */
export function TestCallPanel({ profile, unsaved }: { profile: string; unsaved: boolean }) {
  const { t } = useTranslation();
  const call = useTestCall();
  const [chosen, setChosen] = useState<Chosen>({ way: 'profile', to: '', from: '', device: null });
  const busy = call.phase !== 'idle' && call.phase !== 'over';
  const begin = () => {
    const number = { to: chosen.to, ...(chosen.from.trim() ? { from: chosen.from } : {}) };
    call.start(chosen.way === 'profile' ? { profile } : number, chosen.device);
  };
  return (
    <>
      <Panel title={t('profiles.test.title')} aside={<Standing call={call} />}>
        <Stack gap="sm" p="md">
          {!busy && <TestCallSettings chosen={chosen} onChange={setChosen} onSubmit={begin} />}
          {!busy && unsaved && (
            <Text size="xs" c="dimmed">
              {t('profiles.test.unsavedHint')}
            </Text>
          )}
          {call.trouble && <TroubleNotice trouble={call.trouble} />}
          <Group justify="space-between">
            {busy ? (
              <Button color="red" leftSection={<IconPhoneOff size={18} />} onClick={call.hangUp}>
                {t('profiles.test.hangUp')}
              </Button>
            ) : (
              <Button leftSection={<IconPhone size={18} />} onClick={begin}>
                {t(call.phase === 'over' ? 'profiles.test.again' : 'profiles.test.start')}
              </Button>
            )}
            {call.callId && (
              <Anchor component={Link} size="sm" to={`/calls/${call.callId}`}>
                {t('profiles.test.open')}
              </Anchor>
            )}
          </Group>
          {call.ears && <Levels call={call} />}
          {busy && chosen.way === 'number' && <Keypad onPress={call.press} />}
        </Stack>
        {call.callId && <TurnTimes turns={call.turns} />}
      </Panel>
      {call.callId && <TranscriptPanel callId={call.callId} live={busy} />}
    </>
  );
}

function Levels({ call }: { call: TestCall }) {
  const { t } = useTranslation();
  const { ears, mostSeconds } = call;
  const [levels] = useState(() => ({ own: () => ears?.caller ?? 0, other: () => ears?.agent ?? 0 }));
  return (
    <div className={classes.levels}>
      <LevelMeter label={t('profiles.test.you')} level={levels.own} />
      <LevelMeter label={t('profiles.test.them')} level={levels.other} />
      {mostSeconds > 0 && (
        <Text size="xs" c="dimmed">
          {t('profiles.test.limit', { minutes: Math.round(mostSeconds / 60) })}
        </Text>
      )}
    </div>
  );
}

function Standing({ call }: { call: TestCall }) {
  const { t } = useTranslation();
  const facts = useQuery({ ...callQuery(call.callId ?? ''), enabled: call.callId !== null, retry: 5 });
  const state = facts.data?.state;
  if (call.phase === 'idle') return null;
  if (call.phase === 'over') {
    return (
      <Group gap="xs" role="status">
        <Text size="sm">{t('profiles.test.over')}</Text>
        {facts.data?.outcome && <OutcomeBadge outcome={facts.data.outcome} />}
      </Group>
    );
  }
  const words = call.phase !== 'on' ? call.phase : state && state !== 'ended' ? state : 'joining';
  return (
    <span role="status" className={classes.standing} data-state={words}>
      {t(`profiles.test.${words}`)}
    </span>
  );
}

function TroubleNotice({ trouble }: { trouble: Trouble }) {
  const { t } = useTranslation();
  const words =
    trouble.kind === 'refused' ? problemText(trouble.error, t) : t(`profiles.test.${trouble.kind}`);
  return (
    <Alert role="alert" color="red" icon={<IconAlertCircle />}>
      <Text size="sm">{words}</Text>
    </Alert>
  );
}
