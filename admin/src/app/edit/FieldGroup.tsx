import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './edit.module.css';

/** Fields that belong together, under a heading. */
export function FieldGroup({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <section className={classes.group}>
      <h3>{title}</h3>
      {hint && (
        <Text size="xs" c="dimmed" mt={-8}>
          {hint}
        </Text>
      )}
      {children}
    </section>
  );
}

/** Short fields beside one another while there is room. */
export function FieldRow({ children }: { children: ReactNode }) {
  return <div className={classes.row}>{children}</div>;
}
