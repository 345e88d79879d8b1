import { defineConfig } from 'vite';
import { firstLoad } from './first-load.ts';

export default defineConfig({
  // Relative, so that any folder of any static host will do.
  base: './',
  build: {
    target: 'es2023',
    // A picture as a data URL in a stylesheet is one more thing for the policy to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  plugins: [firstLoad({ limitBytes: 150_000 })],
  test: { include: ['test/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
