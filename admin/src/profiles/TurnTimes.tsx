import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './TestCall.module.css';

const LONG_MS = 1_500;

/** How long each answer let the caller wait, as this browser heard it. */
export function TurnTimes({ turns }: { turns: number[] }) {
  const { t } = useTranslation();
  const median = [...turns].sort((a, b) => a - b)[Math.floor(turns.length / 2)];
  const longest = Math.max(LONG_MS, ...turns);
  return (
    <section className={classes.turns} aria-label={t('profiles.test.turns')}>
      <div className={classes.turnsHead}>
        <Text size="sm" fw={600}>
          {t('profiles.test.turns')}
        </Text>
        {median !== undefined && (
          <Text size="sm">
            {t('profiles.test.median')} {t('profiles.test.milliseconds', { count: median })}
          </Text>
        )}
      </div>
      <Text size="xs" c="dimmed">
        {t('profiles.test.turnsHint')}
      </Text>
      {turns.length === 0 && <Text size="sm">{t('profiles.test.noTurns')}</Text>}
      <ol className={classes.turnList}>
        {turns.map((turn, index) => (
          // Turns are only ever added at the end.
          <li key={index}>
            <span>{t('profiles.test.turn', { number: index + 1 })}</span>
            <span className={classes.bar} data-long={turn > LONG_MS || undefined}>
              <span style={{ inlineSize: `${(100 * turn) / longest}%` }} />
            </span>
            <span>{t('profiles.test.milliseconds', { count: turn })}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
