import {
  ActionIcon,
  Group,
  SegmentedControl,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language } from './language';

/** Language and colours: the same two controls before and after signing in. */
export function Preferences() {
  const { t, i18n } = useTranslation();
  // Without keepTransitions Mantine writes a style tag, which the content security policy forbids.
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  return (
    <Group gap="xs" wrap="nowrap">
      <SegmentedControl
        size="xs"
        aria-label={t('bar.language')}
        value={i18n.language}
        onChange={(language) => void chooseLanguage(language as Language)}
        data={LANGUAGES.map((language) => ({ value: language, label: language.toUpperCase() }))}
      />
      <ActionIcon
        variant="default"
        size="md"
        aria-label={t(`bar.${other}`)}
        title={t(`bar.${other}`)}
        onClick={() => {
          setColorScheme(other);
        }}
      >
        {other === 'dark' ? <IconMoon size={16} /> : <IconSun size={16} />}
      </ActionIcon>
    </Group>
  );
}
