import { Button, Group, Paper, Stack, Title } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { plainType } from '../calls/words';
import { EmptyList, LoadingRows } from '../people/ListParts';
import { timeText } from '../people/times';
import classes from './Audit.module.css';
import { AuditFilters } from './AuditFilters';
import { Changes } from './Changes';
import { type AuditFilter, auditQuery, type Entry } from './queries';

/** Who changed what, and who listened. The filter is in the address. */
export function AuditPage() {
  const { t } = useTranslation();
  useDocumentTitle(t('audit.title'));
  const filter = useSearch({ from: '/signed-in/audit' });
  const navigate = useNavigate();
  return (
    <Stack gap="md">
      <Title order={1} size="h3">
        {t('audit.title')}
      </Title>
      <AuditFilters
        filter={filter}
        onFilter={(wanted) => void navigate({ to: '/audit', search: wanted, replace: true })}
      />
      <Paper withBorder>
        <Entries filter={filter} />
      </Paper>
    </Stack>
  );
}

function Entries({ filter }: { filter: AuditFilter }) {
  const { t } = useTranslation();
  const entries = useInfiniteQuery(auditQuery(filter));
  if (entries.error) return <ProblemNotice error={entries.error} onRetry={() => void entries.refetch()} />;
  if (!entries.data) return <LoadingRows rows={6} />;
  const items = entries.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    const icon = <IconHistory size={36} stroke={1.4} aria-hidden />;
    const filtered = Object.keys(filter).length > 0;
    return (
      <EmptyList
        icon={icon}
        title={t(filtered ? 'audit.emptyFilteredTitle' : 'audit.emptyTitle')}
        text={t(filtered ? 'audit.emptyFilteredText' : 'audit.emptyText')}
      />
    );
  }
  return (
    <>
      <ul className={classes.entries} aria-label={t('audit.title')}>
        {items.map((entry) => (
          <EntryItem key={entry.id} entry={entry} />
        ))}
      </ul>
      {entries.hasNextPage && (
        <Group justify="center" p="sm">
          <Button
            variant="default"
            size="xs"
            loading={entries.isFetchingNextPage}
            onClick={() => void entries.fetchNextPage()}
          >
            {t('audit.more')}
          </Button>
        </Group>
      )}
    </>
  );
}

function EntryItem({ entry }: { entry: Entry }) {
  const { i18n } = useTranslation();
  return (
    <li className={classes.entry}>
      <time className={classes.time} dateTime={entry.at}>
        {timeText(entry.at, i18n.language)}
      </time>
      <div>
        <div className={classes.what}>
          <span className={classes.who}>{entry.who}</span> · <EntryWords entry={entry} />
        </div>
        <Changes entry={entry} />
      </div>
    </li>
  );
}

/** "Calendar office-hours changed"; a kind this console does not know yet is made readable. */
function EntryWords({ entry: { thing, change, name, who } }: { entry: Entry }) {
  const { t, i18n } = useTranslation();
  if (thing === 'session' && name === who && change === 'created') return t('audit.signedIn');
  if (thing === 'session' && name === who && change === 'deleted') return t('audit.signedOut');
  const words = (key: string, plain: string) =>
    i18n.exists(key) ? t(key as 'audit.things.user') : plainType(plain);
  return (
    <>
      {words(`audit.things.${thing}`, thing)} <strong>{name}</strong>{' '}
      {words(`audit.changes.${change}`, change)}
    </>
  );
}
