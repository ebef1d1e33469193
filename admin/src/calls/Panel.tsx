import { Paper, Title } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './Panel.module.css';

interface PanelProps {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}

/** A titled region of a page; the title is its accessible name. */
export function Panel({ title, aside, children }: PanelProps) {
  const id = useId();
  return (
    <Paper component="section" withBorder aria-labelledby={id} className={classes.panel}>
      <header className={classes.header}>
        <Title order={2} size="h6" id={id}>
          {title}
        </Title>
        {aside}
      </header>
      {children}
    </Paper>
  );
}
