import { defineConfig } from '@playwright/test';

/** The system's Chromium, never a downloaded one; quiet, because nothing but the console is to be talked to. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  workers: 1,
  // Generous: in CI this waits behind real calls.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    headless: true,
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    // axe reads colours: what is still fading in has too little contrast.
    contextOptions: { reducedMotion: 'reduce' },
    // Tracing costs every test that passes; with CONSOLE_TRACE=1 those that fail leave their trace.
    trace: process.env.CONSOLE_TRACE ? 'retain-on-failure' : 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
