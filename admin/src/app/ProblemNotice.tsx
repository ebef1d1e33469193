import { Alert, Button, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { problemText } from './problemText';

/** A failed read, said where its result would stand, with the way out. */
export function ProblemNotice({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert role="alert" color="red" icon={<IconAlertCircle />} title={t('problem.heading')} m="md">
      <Text size="sm">{problemText(error, t)}</Text>
      <Button mt="sm" size="xs" variant="default" onClick={onRetry}>
        {t('retry')}
      </Button>
    </Alert>
  );
}
