import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './TestCall.module.css';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** The keys of a telephone, for menus. */
export function Keypad({ onPress }: { onPress: (key: string) => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.keypad} role="group" aria-label={t('profiles.test.keys')}>
      {KEYS.map((key) => (
        <Button
          key={key}
          variant="default"
          size="compact-md"
          onClick={() => {
            onPress(key);
          }}
        >
          {key}
        </Button>
      ))}
    </div>
  );
}
