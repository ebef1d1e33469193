import { Skeleton, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './Routing.module.css';
import type { Difference } from './rules';

/** What is new, in the server's words. */
export function DifferenceList({
  differences,
  label,
}: {
  differences: Difference[] | null | undefined;
  label: string;
}) {
  const { t } = useTranslation();
  if (differences === undefined) return <Skeleton height={60} />;
  if (differences === null)
    return (
      <Text size="sm" c="dimmed">
        {t('routing.noComparison')}
      </Text>
    );
  if (differences.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('routing.noChanges')}
      </Text>
    );
  return (
    <ul className={classes.differences} aria-label={label}>
      {differences.map(({ kind, words }, place) => (
        <li key={place} data-kind={kind}>
          {words}
        </li>
      ))}
    </ul>
  );
}
