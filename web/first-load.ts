import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/**
 * Sums the sizes of all scripts and styles, whether they are loaded at once or after signing in.
 * Fails the build if the sum is above the limit.
 */
export function firstLoad({ limitBytes }: { limitBytes: number }): Plugin {
  return {
    name: 'first-load',
    apply: 'build',
    generateBundle(_options, bundle) {
      let all = 0;
      let entry = 0;
      for (const file of Object.values(bundle)) {
        const source = file.type === 'chunk' ? file.code : file.fileName.endsWith('.css') ? file.source : '';
        const size = source.length === 0 ? 0 : gzipSync(source).length;
        all += size;
        if (file.fileName.startsWith('assets/index-')) entry += size;
      }
      process.stdout.write(`sign_in_gzip_bytes=${entry}\nfirst_load_gzip_bytes=${all}\n`);
      if (all > limitBytes) this.error(`the first load is ${all} bytes; the limit is ${limitBytes}`);
    },
  };
}
