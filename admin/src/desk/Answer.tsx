import { Button, Group, Kbd, Text } from '@mantine/core';
import { IconPhoneIncoming, IconPhoneX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Escalation } from '../api/shapes';
import { usePart } from './DeskContext';
import { KEYS, useShortcuts } from './shortcuts';
import type { Answering } from './useAnswering';

interface AnswerProps {
  escalation: Escalation;
  answering: Answering;
}

/** Accept and decline. One may take what rings at a colleague's, too; only what rings here can be declined. */
export function Answer({ escalation, answering }: AnswerProps) {
  const { t } = useTranslation();
  const busy = usePart().phase !== 'out';
  const pending = answering.pending !== null;
  const accept = () => {
    if (!busy && !pending) answering.accept(escalation);
  };
  const decline = () => {
    if (!pending && escalation.offered_to_me) answering.decline(escalation);
  };
  useShortcuts({ accept, decline });
  return (
    <div>
      <Group gap="sm">
        <Button
          color="teal.9"
          leftSection={<IconPhoneIncoming size={17} />}
          loading={answering.pending === escalation.id}
          disabled={busy}
          aria-keyshortcuts={`Alt+${KEYS.accept}`}
          onClick={accept}
        >
          {t('desk.accept')}
        </Button>
        {escalation.offered_to_me && (
          <Button
            variant="default"
            leftSection={<IconPhoneX size={17} />}
            disabled={pending}
            aria-keyshortcuts={`Alt+${KEYS.decline}`}
            onClick={decline}
          >
            {t('desk.decline')}
          </Button>
        )}
        <Text size="xs" c="dimmed" component="span" aria-hidden>
          <Kbd size="xs">Alt</Kbd> <Kbd size="xs">{KEYS.accept}</Kbd>
          {escalation.offered_to_me && (
            <>
              {' '}
              / <Kbd size="xs">{KEYS.decline}</Kbd>
            </>
          )}
        </Text>
      </Group>
      {busy && (
        <Text size="xs" c="dimmed" mt={6}>
          {t('desk.why.elsewhere')}
        </Text>
      )}
    </div>
  );
}
