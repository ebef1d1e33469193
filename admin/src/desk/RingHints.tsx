import { Alert, Button, Group, Text } from '@mantine/core';
import { IconBell } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isSilenced, unsilence } from './bell';
import { SoundCheck } from './SoundCheck';

const LOOK_MS = 1_000;

type Consent = NotificationPermission | 'unknown';

const consent = (): Consent => ('Notification' in window ? Notification.permission : 'unknown');

/** What stands in the way of hearing it ring, with the button that removes it; and the check of one's devices. */
export function RingHints() {
  const { t } = useTranslation();
  const [silenced, setSilenced] = useState(isSilenced);
  const [allowed, setAllowed] = useState<Consent>(consent);
  useEffect(() => {
    // Nothing tells when another click on the page has let sound through.
    const timer = setInterval(() => {
      setSilenced(isSilenced());
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return (
    <>
      {(silenced || allowed === 'default') && (
        <Alert color="indigo" icon={<IconBell />} role="status">
          <Group justify="space-between" gap="sm">
            <Text size="sm">{t(silenced ? 'desk.hints.silenced' : 'desk.hints.notify')}</Text>
            <Group gap="xs">
              {silenced && (
                <Button
                  size="xs"
                  onClick={() => {
                    void unsilence().then(() => {
                      setSilenced(isSilenced());
                    });
                  }}
                >
                  {t('desk.hints.unsilence')}
                </Button>
              )}
              {allowed === 'default' && (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    void Notification.requestPermission().then(setAllowed);
                  }}
                >
                  {t('desk.hints.allow')}
                </Button>
              )}
            </Group>
          </Group>
        </Alert>
      )}
      <SoundCheck />
    </>
  );
}
