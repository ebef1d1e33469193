import { createTheme } from '@mantine/core';

/** Colours and fonts live in theme.css: the content security policy forbids the style tag Mantine would write. */
export const theme = createTheme({
  primaryColor: 'indigo',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
