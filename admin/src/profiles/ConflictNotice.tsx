import { Alert, Button, Group, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../api/shapes';
import { Differences } from './Differences';

interface Props {
  name: string;
  mine: number;
  theirs: Profile;
  onOver: () => void;
  onTheirs: () => void;
}

/** Somebody else was faster: what they changed, and both ways on. Nothing is lost until one is chosen. */
export function ConflictNotice({ name, mine, theirs, onOver, onTheirs }: Props) {
  const { t } = useTranslation();
  return (
    <Alert
      role="alert"
      color="orange"
      icon={<IconUsers />}
      mb="sm"
      title={t('profiles.conflict.title', { version: theirs.version })}
    >
      <Text size="sm">{t('profiles.conflict.text')}</Text>
      <Differences
        name={name}
        before={mine}
        after={theirs.version}
        nothing={t('profiles.conflict.nothing')}
      />
      <Group gap="xs" mt="sm">
        <Button size="xs" onClick={onOver}>
          {t('profiles.conflict.mine')}
        </Button>
        <Button size="xs" variant="default" onClick={onTheirs}>
          {t('profiles.conflict.theirs')}
        </Button>
      </Group>
    </Alert>
  );
}
