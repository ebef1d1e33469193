import { useEffect, useState } from 'react';
import classes from './TestCall.module.css';
import { meterOf } from './turnWatch';

const LOOK_MS = 80;

/** How loud one side is right now. */
export function LevelMeter({ label, level }: { label: string; level: () => number }) {
  const [value, setValue] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => {
      setValue(Math.round(meterOf(level())));
    }, LOOK_MS);
    return () => {
      window.clearInterval(timer);
    };
  }, [level]);
  return (
    <div className={classes.level}>
      <span>{label}</span>
      <meter min={0} max={100} value={value} aria-label={label} />
    </div>
  );
}
