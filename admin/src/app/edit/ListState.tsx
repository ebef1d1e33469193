import { Button, Group, Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../ProblemNotice';

interface Reading {
  data: unknown;
  error: Error | null;
  isPending: boolean;
  refetch: () => Promise<unknown>;
}

/** What stands in a list's place while it is read, or when it cannot be. */
export function ListState({ query }: { query: Reading }) {
  const { t } = useTranslation();
  if (query.error && !query.data)
    return <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />;
  return query.isPending ? <Skeleton height={220} role="status" aria-label={t('loading')} /> : null;
}

interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** The next page of a long list. */
export function More({ query }: { query: Paged }) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <Group justify="center">
      <Button
        variant="default"
        size="xs"
        loading={query.isFetchingNextPage}
        onClick={() => void query.fetchNextPage()}
      >
        {t('edit.more')}
      </Button>
    </Group>
  );
}
