import { Alert, Button, Group } from '@mantine/core';
import { IconMicrophone, IconPlayerStopFilled } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './Recorder.module.css';
import { record, type Recording } from './recording';

/** Records from the microphone with a level meter; what was recorded can be heard before it is kept. */
export function Recorder({ sound, onSound }: { sound: Blob | null; onSound: (sound: Blob | null) => void }) {
  const { t } = useTranslation();
  const running = useRef<Recording | null>(null);
  const [recording, setRecording] = useState(false);
  const [level, setLevel] = useState(0);
  const [failure, setFailure] = useState('');
  useEffect(() => () => running.current?.cancel(), []);

  const start = async () => {
    setFailure('');
    onSound(null);
    running.current = await record(setLevel);
    setRecording(true);
  };
  const stop = async () => {
    setRecording(false);
    const recorded = await running.current?.stop();
    running.current = null;
    onSound(recorded ?? null);
  };
  const tried = (work: Promise<void>) => {
    work.catch((error: unknown) => {
      setFailure(error instanceof Error ? error.message : String(error));
    });
  };

  return (
    <>
      <Group gap="md">
        <Button
          variant="default"
          leftSection={recording ? <IconPlayerStopFilled size={16} /> : <IconMicrophone size={16} />}
          onClick={() => {
            tried(recording ? stop() : start());
          }}
        >
          {t(recording ? 'sounds.stop' : sound ? 'sounds.recordAgain' : 'sounds.record')}
        </Button>
        {recording && (
          <meter
            className={classes.level}
            aria-label={t('sounds.level')}
            min={0}
            max={1}
            low={0.2}
            high={0.95}
            optimum={0.6}
            value={level}
          />
        )}
        {sound && <Heard sound={sound} />}
      </Group>
      {failure !== '' && (
        <Alert role="alert" color="red" title={t('sounds.noMicrophone')}>
          {failure}
        </Alert>
      )}
    </>
  );
}

function Heard({ sound }: { sound: Blob }) {
  const { t } = useTranslation();
  const address = useMemo(() => URL.createObjectURL(sound), [sound]);
  useEffect(
    () => () => {
      URL.revokeObjectURL(address);
    },
    [address],
  );
  // Whoever listens has just said the words.
  // eslint-disable-next-line jsx-a11y/media-has-caption
  return <audio controls src={address} aria-label={t('sounds.listenRecorded')} className={classes.player} />;
}
