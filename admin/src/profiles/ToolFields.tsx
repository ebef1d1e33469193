import { Checkbox, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ProblemNotice } from '../app/ProblemNotice';
import type { ProfileForm } from './ProfileEditor';
import { toolsQuery } from './queries';

export function ToolFields({ form }: { form: ProfileForm }) {
  const { t } = useTranslation();
  const tools = useQuery(toolsQuery);
  if (tools.isError) return <ProblemNotice error={tools.error} onRetry={() => void tools.refetch()} />;
  if (!tools.data) return <Skeleton height={90} />;
  if (tools.data.length === 0) return <Text size="sm">{t('profiles.noTools')}</Text>;
  return (
    <Checkbox.Group aria-label={t('profiles.sections.tools')} {...form.getInputProps('tools')}>
      <Stack gap="sm">
        {tools.data.map(({ name, description }) => (
          <Checkbox key={name} value={name} label={name} description={description} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
