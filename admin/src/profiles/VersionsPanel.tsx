import { Button, Group, Skeleton, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Profile, ProfileVersion } from '../api/shapes';
import { ProblemNotice } from '../app/ProblemNotice';
import { problemText } from '../app/problemText';
import { Panel } from '../calls/Panel';
import { clockText } from '../calls/words';
import { Differences } from './Differences';
import { useMay } from './may';
import classes from './Profiles.module.css';
import { rollBack, versionsQuery } from './queries';

interface Props {
  profile: Profile;
  onRolledBack: (made: Profile) => Promise<void>;
}

/** Every version there ever was, what differs from now, and the way back. */
export function VersionsPanel({ profile, onRolledBack }: Props) {
  const { t } = useTranslation();
  const versions = useQuery(versionsQuery(profile.name));
  const [open, setOpen] = useState<number | null>(null);
  const back = useMutation({
    mutationFn: (version: number) => rollBack(profile.name, profile.etag, version),
    onSuccess: async (made) => {
      setOpen(null);
      await onRolledBack(made);
    },
  });
  return (
    <Panel title={t('profiles.history.title')}>
      {versions.isError && <ProblemNotice error={versions.error} onRetry={() => void versions.refetch()} />}
      {versions.isPending && <Skeleton height={80} m="md" />}
      {back.error && (
        <Text role="alert" size="sm" c="red" p="md">
          {problemText(back.error, t)}
        </Text>
      )}
      <ol className={classes.versions}>
        {versions.data?.map((version) => (
          <Version
            key={version.version}
            version={version}
            profile={profile}
            open={open === version.version}
            busy={back.isPending}
            onOpen={() => {
              setOpen(open === version.version ? null : version.version);
            }}
            onBack={() => {
              back.mutate(version.version);
            }}
          />
        ))}
      </ol>
    </Panel>
  );
}

interface VersionProps {
  version: ProfileVersion;
  profile: Profile;
  open: boolean;
  busy: boolean;
  onOpen: () => void;
  onBack: () => void;
}

function Version({ version, profile, open, busy, onOpen, onBack }: VersionProps) {
  const { t, i18n } = useTranslation();
  const mayEdit = useMay('edit_setup');
  const { version: number, made_at, made_by, restores } = version;
  const inUse = number === profile.version;
  return (
    <li data-version={number}>
      <Group justify="space-between" gap="xs">
        <div>
          <Text size="sm" fw={600} component="span">
            {t('profiles.version', { version: number })}
          </Text>{' '}
          {inUse && <span className={classes.tag}>{t('profiles.history.now')}</span>}
          {restores !== null && (
            <Text size="xs" c="dimmed" component="span">
              {' '}
              {t('profiles.history.restores', { version: restores })}
            </Text>
          )}
          <Text size="xs" c="dimmed">
            <time dateTime={made_at}>{clockText(made_at, i18n.language, new Date())}</time>{' '}
            {t('profiles.history.by', { who: made_by })}
          </Text>
        </div>
        {!inUse && (
          <Button size="compact-sm" variant="subtle" aria-expanded={open} onClick={onOpen}>
            {t(open ? 'profiles.history.hide' : 'profiles.history.show')}
          </Button>
        )}
      </Group>
      {open && (
        <div className={classes.compared}>
          <Differences
            name={profile.name}
            before={number}
            after={profile.version}
            nothing={t('profiles.history.same')}
          />
          {mayEdit && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconHistory size={16} />}
              loading={busy}
              onClick={onBack}
            >
              {t('profiles.history.rollBack', { version: number })}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}
