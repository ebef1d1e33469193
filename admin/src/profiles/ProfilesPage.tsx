import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconPlus, IconRobot } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../api/shapes';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { clockText } from '../calls/words';
import { useMay } from './may';
import classes from './Profiles.module.css';
import { profilesQuery } from './queries';

/** Every profile, with whom it serves and how it greets. */
export function ProfilesPage() {
  const { t } = useTranslation();
  useDocumentTitle(t('profiles.title'));
  const profiles = useQuery(profilesQuery);
  const mayEdit = useMay('edit_setup');
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1} size="h3">
            {t('profiles.title')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('profiles.lead')}
          </Text>
        </div>
        {mayEdit && <NewButton />}
      </Group>
      {profiles.isError && !profiles.data && (
        <ProblemNotice error={profiles.error} onRetry={() => void profiles.refetch()} />
      )}
      {profiles.isPending && <Loading />}
      {profiles.data?.length === 0 && <Empty mayEdit={mayEdit} />}
      <ul className={classes.cards}>
        {profiles.data?.map((profile) => (
          <ProfileCard key={profile.name} profile={profile} />
        ))}
      </ul>
    </Stack>
  );
}

function NewButton() {
  const { t } = useTranslation();
  return (
    <Button component={Link} to="/new-profile" leftSection={<IconPlus size={18} />}>
      {t('profiles.new')}
    </Button>
  );
}

function ProfileCard({ profile }: { profile: Profile }) {
  const { t, i18n } = useTranslation();
  const { name, version, greeting, language, voice, queues, changed_at } = profile;
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <Link to="/profiles/$name" params={{ name }} className={classes.cardLink}>
          {name}
        </Link>
        <span className={classes.tag}>{t('profiles.versionShort', { version })}</span>
      </div>
      <p className={classes.greeting} lang={language}>
        “{greeting}”
      </p>
      <dl className={classes.facts}>
        <dt>{t('profiles.fields.voice')}</dt>
        <dd>
          {voice} · {language}
        </dd>
        <dt>{t('profiles.queues')}</dt>
        <dd>{queues.join(', ') || t('profiles.noQueues')}</dd>
        <dt>{t('profiles.changed')}</dt>
        <dd>
          <time dateTime={changed_at}>{clockText(changed_at, i18n.language, new Date())}</time>
        </dd>
      </dl>
    </li>
  );
}

function Empty({ mayEdit }: { mayEdit: boolean }) {
  const { t } = useTranslation();
  return (
    <Stack align="center" gap="xs" py="xl">
      <IconRobot size={40} aria-hidden />
      <Text fw={600}>{t('profiles.emptyTitle')}</Text>
      <Text size="sm" c="dimmed" ta="center">
        {t('profiles.emptyText')}
      </Text>
      {mayEdit && <NewButton />}
    </Stack>
  );
}

function Loading() {
  const { t } = useTranslation();
  return (
    <div className={classes.cards} role="status" aria-label={t('loading')}>
      {[1, 2, 3].map((place) => (
        <Skeleton key={place} height={170} />
      ))}
    </div>
  );
}
