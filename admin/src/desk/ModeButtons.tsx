import { Button, Kbd } from '@mantine/core';
import {
  type Icon,
  IconArrowBackUp,
  IconCrown,
  IconEar,
  IconMessageCircleBolt,
  IconUsers,
} from '@tabler/icons-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Call, Mode } from '../api/shapes';
import { useDesk, usePart } from './DeskContext';
import { MODES, whyNot, type Why } from './modes';
import classes from './Part.module.css';
import { KEYS, useShortcuts } from './shortcuts';

const ICONS: Record<Mode | 'hand_back', Icon> = {
  monitor: IconEar,
  whisper: IconMessageCircleBolt,
  barge: IconUsers,
  take_over: IconCrown,
  hand_back: IconArrowBackUp,
};

/** Into the call, and from one mode into another; a button that cannot be pressed says why. */
export function ModeButtons({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { call: desk } = useDesk();
  const part = usePart();
  const here = part.callId === call.id && part.phase !== 'out';
  const situation = {
    call,
    phase: here ? part.phase : ('out' as const),
    mode: here ? part.mode : null,
    elsewhere: !here && part.phase !== 'out',
  };
  const enter = (mode: Mode) => {
    if (whyNot(mode, situation)) return;
    void (here ? desk.switchTo(mode) : desk.join(call.id, mode, call.lead_epoch));
  };
  const handBack = () => {
    if (!whyNot('hand_back', situation)) void desk.handBack();
  };
  useShortcuts({
    monitor: () => {
      enter('monitor');
    },
    whisper: () => {
      enter('whisper');
    },
    barge: () => {
      enter('barge');
    },
    take_over: () => {
      enter('take_over');
    },
    hand_back: handBack,
  });
  return (
    <div className={classes.modes} role="group" aria-label={t('desk.part.modes')}>
      {MODES.map((mode) => (
        <ModeButton
          key={mode}
          name={mode}
          pressed={here && part.mode === mode}
          why={whyNot(mode, situation)}
          onPress={() => {
            enter(mode);
          }}
        />
      ))}
      <ModeButton name="hand_back" why={whyNot('hand_back', situation)} onPress={handBack} />
    </div>
  );
}

interface ModeButtonProps {
  name: Mode | 'hand_back';
  pressed?: boolean;
  why: Why | null;
  onPress: () => void;
}

function ModeButton({ name, pressed, why, onPress }: ModeButtonProps) {
  const { t } = useTranslation();
  const hint = useId();
  const Sign = ICONS[name];
  return (
    <div className={classes.mode}>
      <Button
        fullWidth
        variant={pressed ? 'filled' : 'default'}
        leftSection={<Sign size={17} aria-hidden />}
        aria-pressed={pressed}
        aria-keyshortcuts={`Alt+${KEYS[name]}`}
        aria-describedby={hint}
        disabled={why !== null}
        onClick={onPress}
      >
        {t(`desk.mode.${name}`)}
      </Button>
      <span id={hint} className={classes.hint} data-why={why ?? undefined}>
        {why ? t(`desk.why.${why}`) : t(`desk.modeHint.${name}`)}
        <span className={classes.key} aria-hidden>
          <Kbd size="xs">Alt</Kbd> <Kbd size="xs">{KEYS[name]}</Kbd>
        </span>
      </span>
    </div>
  );
}
