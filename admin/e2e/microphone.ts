/** What a test of the console is given whose microphone plays a file. `CONSOLE_CALL`: the call to go into. */
export const {
  CONSOLE_URL = '',
  CONSOLE_EMAIL = '',
  CONSOLE_PASSWORD = '',
  CONSOLE_SOUND = '',
  CONSOLE_CALL = '',
} = process.env;

/** How Chromium is started whose microphone plays that file: it begins anew with each opening. */
export const playing = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--autoplay-policy=no-user-gesture-required',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-audio-capture=${CONSOLE_SOUND}`,
  ],
};
