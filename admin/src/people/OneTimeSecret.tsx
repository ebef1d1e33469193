import { Button, CopyButton, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './List.module.css';
import { Dialog } from '../app/Dialog';

interface OneTimeSecretProps {
  title: string;
  text: string;
  secret: string;
  onDone: () => void;
}

/** Something that is told this once: to be copied now. It closes by its button alone, not by a click beside it. */
export function OneTimeSecret({ title, text, secret, onDone }: OneTimeSecretProps) {
  const { t } = useTranslation();
  return (
    <Dialog opened onClose={onDone} title={title} closeOnClickOutside={false} centered>
      <Stack gap="md">
        <Text size="sm">{text}</Text>
        <code className={classes.secret} data-testid="secret">
          {secret}
        </code>
        <Group justify="flex-end">
          <CopyButton value={secret} timeout={4_000}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                data-autofocus
                leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                onClick={copy}
              >
                {t(copied ? 'people.copied' : 'people.copy')}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onDone}>{t('people.done')}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
