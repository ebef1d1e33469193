import { useTranslation } from 'react-i18next';
import { Tabs } from '../Tabs';

export function NumberTabs() {
  const { t } = useTranslation();
  return (
    <Tabs
      label={t('numbers.tabs')}
      places={[
        { to: '/numbers', label: t('numbers.title') },
        { to: '/trunks', label: t('trunks.title') },
        { to: '/refused', label: t('refused.title') },
      ]}
    />
  );
}
