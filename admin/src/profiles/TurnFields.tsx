import { NumberInput, Radio, Stack, TagsInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './Profiles.module.css';
import type { ProfileForm } from './ProfileEditor';

const TIMES = [
  'vad_silence',
  'min_endpointing_delay',
  'max_endpointing_delay',
  'interruption_min_duration',
] as const;

export function TurnFields({ form }: { form: ProfileForm }) {
  const { t } = useTranslation();
  return (
    <>
      <Radio.Group label={t('profiles.fields.detector')} {...form.getInputProps('turn_taking.detector')}>
        <Stack gap={6} mt={6}>
          <Radio value="vad" label={t('profiles.fields.vad')} />
          <Radio value="end_of_turn_model" label={t('profiles.fields.end_of_turn_model')} />
        </Stack>
      </Radio.Group>
      <div className={classes.two}>
        {TIMES.map((field) => (
          <NumberInput
            key={field}
            label={t(`profiles.fields.${field}`)}
            suffix={` ${t('profiles.fields.seconds')}`}
            min={0}
            max={10}
            step={0.05}
            decimalScale={3}
            {...form.getInputProps(`turn_taking.${field}`)}
          />
        ))}
      </div>
      <TagsInput
        label={t('profiles.fields.goes_on_after')}
        description={t('profiles.fields.goesOnHint')}
        disabled={form.values.turn_taking.detector !== 'vad'}
        {...form.getInputProps('turn_taking.goes_on_after')}
      />
    </>
  );
}
