import { Button, Group } from '@mantine/core';
import {
  IconDoorExit,
  IconMicrophone,
  IconMicrophoneOff,
  IconPlayerPause,
  IconPlayerPlay,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Call } from '../api/shapes';
import { LevelMeter } from '../profiles/LevelMeter';
import { useDesk, usePart } from './DeskContext';
import { SPEAKING, whyNot } from './modes';
import classes from './Part.module.css';
import { KEYS, useShortcuts } from './shortcuts';

/** Microphone, levels, and the way out. */
export function InCallTools({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { call: desk, room } = useDesk();
  const part = usePart();
  const [levels] = useState(() => ({
    own: () => room()?.levels().own ?? 0,
    others: () => room()?.levels().others ?? 0,
  }));
  const situation = { call, phase: part.phase, mode: part.mode, elsewhere: false };
  const why = whyNot('mute', situation);
  const mute = () => {
    if (!why) void desk.setMuted(!part.muted);
  };
  const noHold = whyNot('hold', situation);
  const hold = () => {
    if (!noHold) void desk.hold(!part.held);
  };
  useShortcuts({ mute, hold });
  return (
    <div className={classes.tools}>
      <Group gap="sm" align="flex-start">
        <Button
          variant={part.muted && !why ? 'filled' : 'default'}
          {...(part.muted && !why ? { color: 'red.9' } : {})}
          size="xs"
          leftSection={part.muted ? <IconMicrophoneOff size={15} /> : <IconMicrophone size={15} />}
          aria-keyshortcuts={`Alt+${KEYS.mute}`}
          disabled={why !== null}
          title={why ? t(`desk.why.${why}`) : undefined}
          onClick={mute}
        >
          {t(part.muted ? 'desk.unmute' : 'desk.mute')}
        </Button>
        <Button
          variant={part.held ? 'filled' : 'default'}
          size="xs"
          leftSection={part.held ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
          aria-keyshortcuts={`Alt+${KEYS.hold}`}
          disabled={noHold !== null}
          title={noHold ? t(`desk.why.${noHold}`) : undefined}
          onClick={hold}
        >
          {t(part.held ? 'desk.resume' : 'desk.hold')}
        </Button>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDoorExit size={15} />}
          onClick={() => void desk.leave()}
        >
          {t('desk.leave')}
        </Button>
      </Group>
      <div className={classes.levels}>
        {part.mode && SPEAKING.includes(part.mode) && (
          <LevelMeter label={t('desk.sound.you')} level={levels.own} />
        )}
        <LevelMeter label={t('desk.sound.others')} level={levels.others} />
      </div>
    </div>
  );
}
