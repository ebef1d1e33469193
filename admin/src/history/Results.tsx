import { Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconMessageSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import { Found } from './Found';
import classes from './HistoryPage.module.css';
import { historyQuery } from './queries';
import type { Search } from './search';

/** The calls that were found, latest first, more on demand. */
export function Results({ search }: { search: Search }) {
  const { t } = useTranslation();
  const found = useInfiniteQuery(historyQuery(search));
  if (found.isError) return <ProblemNotice error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <Loading />;
  const items = found.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <Nothing searched={Object.keys(search).length > 0} />;
  return (
    <div aria-busy={found.isPlaceholderData} className={classes.found}>
      <ol className={classes.list}>
        {items.map((item) => (
          <Found key={item.call.id} found={item} />
        ))}
      </ol>
      <Group justify="center" p="sm">
        {found.hasNextPage ? (
          <Button
            variant="default"
            size="xs"
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            {t('history.more')}
          </Button>
        ) : (
          <Text size="xs" c="dimmed">
            {t('history.end')}
          </Text>
        )}
      </Group>
    </div>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" p="md" role="status" aria-label={t('loading')}>
      {[64, 88, 52, 80].map((width) => (
        <Skeleton key={width} height={18} width={`${width}%`} />
      ))}
    </Stack>
  );
}

function Nothing({ searched }: { searched: boolean }) {
  const { t } = useTranslation();
  return (
    <Stack align="center" gap={6} py={72} px="md" ta="center">
      <IconMessageSearch size={36} stroke={1.4} className={classes.emptyIcon} aria-hidden />
      <Text fw={600}>{t(searched ? 'history.nothingTitle' : 'history.emptyTitle')}</Text>
      <Text c="dimmed" size="sm" maw={420}>
        {t(searched ? 'history.nothingText' : 'history.emptyText')}
      </Text>
    </Stack>
  );
}
