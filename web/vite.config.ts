import { defineConfig } from 'vite';
import { firstLoad } from './first-load.ts';

export default defineConfig({
  // Relative URLs, so that the page works in any folder of any static host.
  base: './',
  build: {
    target: 'es2023',
    // An image as a data URL in a stylesheet would have to be allowed by the content security
    // policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  plugins: [firstLoad({ limitBytes: 150_000 })],
  test: { include: ['test/**/*.test.ts'] },
} as Parameters<typeof defineConfig>[0]);
