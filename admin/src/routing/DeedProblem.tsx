import { Alert, List, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ApiProblem } from '../api/problem';
import { problemText } from '../app/problemText';
import classes from './Routing.module.css';
import type { Deeds } from './useEditor';

/** Why the last wish was refused. A conflict says so itself (ConflictNotice). */
export function DeedProblem({ deeds }: { deeds: Deeds }) {
  const { t } = useTranslation();
  const failed = Object.values(deeds).find((deed) => deed.error !== null);
  const error = failed?.error;
  if (!error || (error instanceof ApiProblem && error.status === 412)) return null;
  const fields = error instanceof ApiProblem ? (error.problem.errors ?? []) : [];
  return (
    <Alert
      className={classes.notice}
      role="alert"
      color="red"
      icon={<IconAlertCircle size={18} />}
      title={t('problem.heading')}
      withCloseButton
      closeButtonLabel={t('routing.close')}
      onClose={() => {
        failed.reset();
      }}
    >
      {fields.length === 0 ? (
        <Text size="sm">{problemText(error, t)}</Text>
      ) : (
        <List size="sm">
          {fields.map(({ field, expected }) => (
            <List.Item key={`${field} ${expected}`}>{t('problem.expected', { field, expected })}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
