import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import { DifferenceList } from './DifferenceList';
import { comparisonQuery, versionQuery } from './queries';
import classes from './Routing.module.css';
import type { Rule } from './rules';
import { actionWords, whenWords } from './words';
import { Dialog } from '../app/Dialog';

/** One version as it stands, and in what it differs from the published one. */
export function VersionModal({ version, onClose }: { version: number; onClose: () => void }) {
  const { t } = useTranslation();
  const read = useQuery(versionQuery(version));
  const compared = useQuery(comparisonQuery('published', String(version)));
  return (
    <Dialog opened onClose={onClose} title={t('routing.history.viewVersion', { version })} size="lg">
      {read.isError && <ProblemNotice error={read.error} onRetry={() => void read.refetch()} />}
      {read.isPending && <Skeleton height={160} />}
      {read.data && (
        <Stack gap="sm">
          {read.data.note && <Text size="sm">{read.data.note}</Text>}
          <ol className={classes.plainRules} aria-label={t('routing.view.rules')}>
            {(read.data.rules as unknown as Rule[]).map((rule) => (
              <li key={rule.name}>
                <strong>{rule.name}</strong>
                <span className={classes.words}>
                  {whenWords(rule.when ?? {}, t).join(' · ') || t('routing.always')} →{' '}
                  {actionWords(rule.then, t)}
                </span>
              </li>
            ))}
          </ol>
          <h3 className={classes.part}>{t('routing.history.differs')}</h3>
          <DifferenceList differences={compared.data?.differences} label={t('routing.history.differs')} />
        </Stack>
      )}
    </Dialog>
  );
}
