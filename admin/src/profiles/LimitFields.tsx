import { NumberInput, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './Profiles.module.css';
import type { ProfileForm } from './ProfileEditor';

export function LimitFields({ form }: { form: ProfileForm }) {
  const { t } = useTranslation();
  const noLimit = t('profiles.fields.noLimit');
  return (
    <div className={classes.two}>
      <NumberInput
        label={t('profiles.fields.max_calls')}
        placeholder={noLimit}
        min={0}
        allowDecimal={false}
        {...form.getInputProps('max_calls')}
      />
      <NumberInput
        label={t('profiles.fields.cost_per_minute')}
        min={0}
        step={0.01}
        decimalScale={4}
        {...form.getInputProps('cost_per_minute')}
      />
      <NumberInput
        label={t('profiles.fields.daily_budget')}
        description={t('profiles.fields.budgetHint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        placeholder={noLimit}
        min={0}
        decimalScale={2}
        {...form.getInputProps('daily_budget')}
      />
      <TextInput label={t('profiles.fields.budget_zone')} {...form.getInputProps('budget_zone')} />
    </div>
  );
}
