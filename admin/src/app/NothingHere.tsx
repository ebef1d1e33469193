import { Button, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

export function NothingHere() {
  const { t } = useTranslation();
  return (
    <Stack align="center" gap="md" py={80}>
      <Text c="dimmed">{t('problem.missing')}</Text>
      <Button variant="default" component={Link} to="/calls">
        {t('problem.backToCalls')}
      </Button>
    </Stack>
  );
}
