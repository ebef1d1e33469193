import { Skeleton, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './List.module.css';

/** A table that scrolls in itself where it is too wide. */
export function ListTable({
  name,
  columns,
  children,
}: {
  name: string;
  columns: string[];
  children: ReactNode;
}) {
  return (
    <div className={classes.frame}>
      <table className={classes.table} aria-label={name}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export function LoadingRows({ rows = 4 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" p="md" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, place) => (
        <Skeleton key={place} height={18} width={`${90 - 9 * (place % 3)}%`} />
      ))}
    </Stack>
  );
}

/** Nothing is there yet, and what to do about it. */
export function EmptyList({ icon, title, text }: { icon?: ReactNode; title?: string; text: string }) {
  return (
    <Stack align="center" gap={6} py={icon ? 64 : 28} px="md" ta="center">
      {icon}
      {title && <Text fw={600}>{title}</Text>}
      <Text c="dimmed" size="sm" maw={460}>
        {text}
      </Text>
    </Stack>
  );
}

export function StateBadge({ state, children }: { state: string; children: ReactNode }) {
  return (
    <span className={classes.badge} data-state={state}>
      {children}
    </span>
  );
}
