import { NativeSelect, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDevices } from '../app/useDevices';
import classes from './TestCall.module.css';

export interface Chosen {
  way: 'profile' | 'number';
  to: string;
  from: string;
  device: string | null;
}

interface Props {
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
  onSubmit: () => void;
}

/** Where a test call goes, and with which microphone. */
export function TestCallSettings({ chosen, onChange, onSubmit }: Props) {
  const { t } = useTranslation();
  const microphones = useDevices('audioinput');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('profiles.test.lead')}
        </Text>
        <Radio.Group
          label={t('profiles.test.way')}
          value={chosen.way}
          onChange={(way) => {
            onChange({ ...chosen, way: way === 'number' ? 'number' : 'profile' });
          }}
        >
          <Stack gap={6} mt={6}>
            <Radio value="profile" label={t('profiles.test.profile')} />
            <Radio value="number" label={t('profiles.test.number')} />
          </Stack>
        </Radio.Group>
        {chosen.way === 'number' && (
          <div className={classes.numbers}>
            <TextInput
              label={t('profiles.test.to')}
              placeholder="+15550100"
              inputMode="tel"
              required
              value={chosen.to}
              onChange={({ currentTarget }) => {
                onChange({ ...chosen, to: currentTarget.value });
              }}
            />
            <TextInput
              label={t('profiles.test.from')}
              description={t('profiles.test.fromHint')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              inputMode="tel"
              value={chosen.from}
              onChange={({ currentTarget }) => {
                onChange({ ...chosen, from: currentTarget.value });
              }}
            />
          </div>
        )}
        <NativeSelect
          label={t('profiles.test.microphone')}
          value={chosen.device ?? ''}
          onChange={({ currentTarget }) => {
            onChange({ ...chosen, device: currentTarget.value || null });
          }}
          data={[
            { value: '', label: t('profiles.test.default') },
            ...microphones.map(({ deviceId, label }) => ({ value: deviceId, label })),
          ]}
        />
      </Stack>
    </form>
  );
}
