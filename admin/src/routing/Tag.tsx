import type { ReactNode } from 'react';
import classes from './Routing.module.css';

/** A short word about a state, in colours that can be read on both schemes. */
export function Tag({ tone, children }: { tone: 'good' | 'warning' | 'bad' | 'plain'; children: ReactNode }) {
  return (
    <span className={classes.tag} data-tone={tone}>
      {children}
    </span>
  );
}
