import { Text } from '@mantine/core';
import classes from './Table.module.css';

/** What stands where a table would be: that there is nothing, and what would make something appear. */
export function Empty({ title, text }: { title: string; text: string }) {
  return (
    <div className={classes.empty}>
      <Text fw={600} size="sm">
        {title}
      </Text>
      <Text c="dimmed" size="sm">
        {text}
      </Text>
    </div>
  );
}
