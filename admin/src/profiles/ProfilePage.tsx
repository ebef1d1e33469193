import { Alert, Anchor, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../api/shapes';
import { ProblemNotice } from '../app/ProblemNotice';
import { useDocumentTitle } from '../app/useDocumentTitle';
import { ConflictNotice } from './ConflictNotice';
import { DeleteProfile } from './DeleteProfile';
import { useMay } from './may';
import { type Conflict, ProfileEditor } from './ProfileEditor';
import classes from './Profiles.module.css';
import { profileQuery } from './queries';
import { TestCallPanel } from './TestCallPanel';
import { useEdition } from './useEdition';
import { bodyOfProfile, valuesOf } from './values';
import { VersionsPanel } from './VersionsPanel';

/** One profile: its editor, a test call into it, and its versions. */
export function ProfilePage() {
  const { t } = useTranslation();
  const { name } = useParams({ from: '/signed-in/profiles/$name' });
  useDocumentTitle(name);
  const profile = useQuery(profileQuery(name));
  return (
    <Stack gap="md">
      <Anchor component={Link} to="/profiles" className={classes.back} size="sm">
        <IconArrowLeft size={16} aria-hidden /> {t('profiles.back')}
      </Anchor>
      {profile.isError && !profile.data && (
        <ProblemNotice error={profile.error} onRetry={() => void profile.refetch()} />
      )}
      {profile.isPending && <Skeleton height={420} aria-label={t('loading')} />}
      {profile.data && <Loaded key={name} latest={profile.data} />}
    </Stack>
  );
}

function Loaded({ latest }: { latest: Profile }) {
  const { t } = useTranslation();
  const mayEdit = useMay('edit_setup');
  const mayTest = useMay('make_test_calls');
  const edition = useEdition(latest);
  const { base, dirty } = edition;
  const conflict: Conflict = ({ drop, again }) => (
    <ConflictNotice
      name={base.name}
      mine={base.version}
      theirs={latest}
      onOver={() => {
        again(latest.etag);
      }}
      onTheirs={() => {
        drop();
        edition.begin(latest);
      }}
    />
  );
  return (
    <>
      <Heading profile={base} mayEdit={mayEdit} />
      <Notices mayEdit={mayEdit} saved={dirty ? null : edition.saved} onClose={edition.forgetSaved} />
      <div className={classes.columns}>
        <ProfileEditor
          key={base.version}
          start={valuesOf(bodyOfProfile(base))}
          keys={latest.keys}
          name={base.name}
          mayEdit={mayEdit}
          saveLabel={t('profiles.save', { version: latest.version + 1 })}
          conflict={latest.etag === base.etag ? undefined : conflict}
          onDirty={edition.setDirty}
          onSave={edition.store}
        />
        <div className={classes.side}>
          {mayTest && <TestCallPanel profile={base.name} unsaved={dirty} />}
          <VersionsPanel profile={latest} onRolledBack={edition.took} />
        </div>
      </div>
    </>
  );
}

function Heading({ profile, mayEdit }: { profile: Profile; mayEdit: boolean }) {
  const { t } = useTranslation();
  return (
    <Group justify="space-between">
      <Group gap="sm">
        <Title order={1} size="h3">
          {profile.name}
        </Title>
        <span className={classes.tag}>{t('profiles.version', { version: profile.version })}</span>
        <Text size="sm" c="dimmed">
          {t('profiles.queues')}: {profile.queues.join(', ') || t('profiles.noQueues')}
        </Text>
      </Group>
      {mayEdit && <DeleteProfile profile={profile} />}
    </Group>
  );
}

function Notices({
  mayEdit,
  saved,
  onClose,
}: {
  mayEdit: boolean;
  saved: number | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      {!mayEdit && <Alert color="gray">{t('profiles.readOnly')}</Alert>}
      {saved !== null && (
        <Alert
          role="status"
          color="teal"
          withCloseButton
          closeButtonLabel={t('profiles.close')}
          onClose={onClose}
        >
          {t('profiles.saved', { version: saved })}
        </Alert>
      )}
    </>
  );
}
