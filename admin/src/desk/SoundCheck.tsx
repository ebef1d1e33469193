import { Button, Group, Text } from '@mantine/core';
import { IconMicrophone, IconVolume } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { LevelMeter } from '../profiles/LevelMeter';
import { beep, soundTo, unsilence } from './bell';
import { DevicePickers } from './DevicePickers';
import { chosenDevice } from './devices';
import { MicrophoneTest } from './microphoneTest';
import classes from './Sound.module.css';

type State = 'idle' | 'listening' | 'playing' | 'heard' | 'failed';

/** Which microphone and loudspeaker, and whether one is heard: before a caller has to find out. */
export function SoundCheck() {
  const { t } = useTranslation();
  const [state, setState] = useState<State>('idle');
  const [test] = useState(() => new MicrophoneTest());
  const [level] = useState(() => () => test.level());
  const speak = async () => {
    try {
      setState('listening');
      await unsilence();
      await test.record(chosenDevice('audioinput'));
      setState('playing');
      await test.playBack();
      setState('heard');
    } catch {
      setState('failed');
    }
  };
  const busy = state === 'listening' || state === 'playing';
  return (
    <details className={classes.check}>
      <summary>{t('desk.sound.title')}</summary>
      <div className={classes.body}>
        {/* Names of devices are known once a microphone was opened: then they are asked for anew. */}
        <DevicePickers key={state === 'playing' ? 'named' : 'asked'} />
        <Group gap="sm">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconMicrophone size={15} />}
            loading={busy}
            onClick={() => void speak()}
          >
            {t('desk.sound.test')}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconVolume size={15} />}
            onClick={() => {
              void unsilence()
                .then(() => soundTo(chosenDevice('audiooutput') ?? ''))
                .then(() => {
                  beep();
                });
            }}
          >
            {t('desk.sound.beep')}
          </Button>
        </Group>
        {busy && <LevelMeter label={t('desk.sound.you')} level={level} />}
        <Text size="xs" c="dimmed" role="status">
          {t(`desk.sound.${state}`)}
        </Text>
      </div>
    </details>
  );
}
