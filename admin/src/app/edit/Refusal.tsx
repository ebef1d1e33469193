import { Alert, List, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FieldProblem } from '../../api/problem';
import { ApiProblem } from '../../api/problem';

/** Why the server refused, with the places that no field of the form shows. */
export function Refusal({ error, fields }: { error: Error; fields?: FieldProblem[] }) {
  const { t } = useTranslation();
  const problem = error instanceof ApiProblem ? error.problem : null;
  const text = problem?.status === 0 ? t('problem.unreachable') : (problem?.detail ?? error.message);
  const places = fields ?? problem?.errors ?? [];
  return (
    <Alert role="alert" color="red" icon={<IconAlertCircle />} title={t('problem.heading')}>
      <Text size="sm">{text}</Text>
      {places.length > 0 && (
        <List size="sm" mt="xs">
          {places.map(({ field, expected }) => (
            <List.Item key={field}>{t('problem.expected', { field, expected })}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
