import { Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import classes from './Profiles.module.css';
import { differencesQuery } from './queries';

interface Props {
  name: string;
  before: number;
  after: number;
  nothing: string;
}

/** What differs between two versions, in the server's words; long texts as they were and as they are. */
export function Differences({ name, before, after, nothing }: Props) {
  const { t } = useTranslation();
  const found = useQuery(differencesQuery(name, before, after));
  if (found.isError) return <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Skeleton height={40} />;
  if (found.data.length === 0) return <Text size="sm">{nothing}</Text>;
  return (
    <ul className={classes.differences}>
      {found.data.map((each) => (
        <li key={each.field}>
          {each.words}
          {isLong(each.before, each.after) && (
            <div className={classes.texts}>
              <div>
                <span>{t('profiles.history.before')}</span>
                <p data-gone>{String(each.before) || t('profiles.history.nothing')}</p>
              </div>
              <div>
                <span>{t('profiles.history.after')}</span>
                <p data-new>{String(each.after) || t('profiles.history.nothing')}</p>
              </div>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

const LONG = 60;

function isLong(before: unknown, after: unknown): boolean {
  return (
    typeof before === 'string' && typeof after === 'string' && Math.max(before.length, after.length) > LONG
  );
}
