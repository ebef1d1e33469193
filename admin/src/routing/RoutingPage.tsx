import { Skeleton, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { User } from '../api/shapes';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { sessionQuery } from '../session/session';
import { Desk } from './EditorDesk';
import { editionQuery } from './queries';

/** Where calls go, and how that is changed. */
export function RoutingPage() {
  const { t } = useTranslation();
  const { data: user } = useQuery(sessionQuery);
  const edition = useQuery(editionQuery);
  useDocumentTitle(t('routing.title'));
  if (edition.data && user) return <Desk latest={edition.data} user={user satisfies User} />;
  return (
    <Stack gap="md">
      <Title order={1} size="h3">
        {t('routing.title')}
      </Title>
      {edition.isError ? (
        <ProblemNotice error={edition.error} onRetry={() => void edition.refetch()} />
      ) : (
        <Stack gap="sm" aria-busy aria-label={t('loading')} role="status">
          {[1, 2, 3, 4].map((row) => (
            <Skeleton key={row} height={64} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}
