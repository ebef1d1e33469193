import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const api = process.env.CONSOLE_API ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist', target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
  server: { proxy: { '/api': api } },
  test: { include: ['src/**/*.test.ts'] },
});
