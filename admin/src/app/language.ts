import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import de from '../locales/de';
import en from '../locales/en';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

const STORED = 'console-language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

/** The language chosen before, else the browser's, else English. */
export function firstLanguage(stored: string | null, wanted: readonly string[]): Language {
  const candidates = [stored, ...wanted].map((tag) => tag?.slice(0, 2).toLowerCase());
  return LANGUAGES.find((language) => language === candidates.find(isLanguage)) ?? 'en';
}

function isLanguage(tag: string | undefined): tag is Language {
  return LANGUAGES.some((language) => language === tag);
}

export async function startLanguages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: firstLanguage(localStorage.getItem(STORED), navigator.languages),
    fallbackLng: 'en',
    resources: { en: { translation: en }, de: { translation: de satisfies typeof en } },
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}
