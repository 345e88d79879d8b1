// Writes AVIFs of 10 and 12 bits, which Pillow writes none of. Usage: deep_avif.js FOLDER PNG

import { createRequire } from 'node:module';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const require = createRequire(new URL('../../bench/peers/sharp/package.json', import.meta.url));
const sharp = require('sharp');

sharp.concurrency(1);
const [folder, png] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const bitdepth of [10, 12]) {
    for (const chromaSubsampling of ['4:2:0', '4:4:4']) {
        const name = `${bitdepth}-${chromaSubsampling.replaceAll(':', '')}.avif`;
        await sharp(png)
            .toColourspace('rgb16')
            .avif({ bitdepth, chromaSubsampling, effort: 1, quality: 80 })
            .toFile(join(folder, name));
    }
}
