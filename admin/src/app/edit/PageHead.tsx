import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A page's name, what it is for, and what is done from there. */
export function PageHead({
  title,
  lead,
  children,
}: {
  title: string;
  lead: ReactNode;
  children?: ReactNode;
}) {
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap">
      <div>
        <Title order={1} size="h3">
          {title}
        </Title>
        <Text size="sm" c="dimmed" maw="52rem">
          {lead}
        </Text>
      </div>
      {children}
    </Group>
  );
}
