import { Alert, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api/problem';
import { problemText } from '../app/problemText';

interface RefusedProps {
  error: Error | null;
  onClose: () => void;
}

/** Why an answer or an order did not do what was meant, until it has been read. A conflict is nobody's fault. */
export function Refused({ error, onClose }: RefusedProps) {
  const { t } = useTranslation();
  if (!error) return null;
  const late = error instanceof ApiProblem && error.status === 409;
  return (
    <Alert
      role="alert"
      color={late ? 'yellow' : 'red'}
      icon={<IconInfoCircle />}
      withCloseButton
      closeButtonLabel={t('desk.close')}
      onClose={onClose}
      m="sm"
    >
      <Text size="sm">{problemText(error, t)}</Text>
    </Alert>
  );
}
