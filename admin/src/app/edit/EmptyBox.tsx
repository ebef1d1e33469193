import { Paper, Text } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import classes from './edit.module.css';

/** Where there is nothing: what would stand here, and what to do. */
export function EmptyBox({ icon: Sign, title, text }: { icon?: Icon; title: string; text: string }) {
  return (
    <Paper withBorder className={classes.empty}>
      {Sign && <Sign size={36} stroke={1.4} aria-hidden />}
      <Text fw={600}>{title}</Text>
      <Text size="sm" c="dimmed" maw={460}>
        {text}
      </Text>
    </Paper>
  );
}
