import { Button, Group, Paper, Stack, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { sessionQuery } from '../session/session';
import { Filters } from './Filters';
import classes from './HistoryPage.module.css';
import { Results } from './Results';
import { exportAddress, mistakesIn, type Search } from './search';

/** Past calls, found by what was said in them and by what became of them; the address holds the whole search. */
export function HistoryPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: '/signed-in/history' });
  const navigate = useNavigate();
  const { data: user } = useQuery(sessionQuery);
  useDocumentTitle(search.q ? `${search.q} – ${t('history.title')}` : t('history.title'));
  const look = (wanted: Search) => void navigate({ to: '/history', search: wanted, replace: true });
  const valid = Object.keys(mistakesIn(search)).length === 0;
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('history.title')}
        </Title>
        {user?.permissions.includes('export_calls') && valid && (
          <Button
            component="a"
            href={exportAddress(search)}
            download
            variant="default"
            size="xs"
            leftSection={<IconDownload size={15} />}
          >
            {t('history.export')}
          </Button>
        )}
      </Group>
      <Filters search={search} onChange={look} />
      <Paper component="section" withBorder aria-label={t('history.results')} className={classes.results}>
        {valid && <Results search={search} />}
      </Paper>
    </Stack>
  );
}
