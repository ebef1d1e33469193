import { useTranslation } from 'react-i18next';
import { Tabs } from '../Tabs';

export function CallerTabs() {
  const { t } = useTranslation();
  return (
    <Tabs
      label={t('callers.tabs')}
      places={[
        { to: '/caller-lists', label: t('callers.lists') },
        { to: '/callers', label: t('callers.known') },
      ]}
    />
  );
}
