import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import classes from './Tabs.module.css';

export interface TabPlace {
  to: '/caller-lists' | '/callers' | '/numbers' | '/trunks' | '/refused';
  label: string;
}

/** Pages that belong together, one click apart. */
export function Tabs({ label, places }: { label: string; places: TabPlace[] }): ReactNode {
  return (
    <nav aria-label={label} className={classes.tabs}>
      {places.map(({ to, label: text }) => (
        <Link key={to} to={to} className={classes.tab} activeProps={{ className: classes.active ?? '' }}>
          {text}
        </Link>
      ))}
    </nav>
  );
}
