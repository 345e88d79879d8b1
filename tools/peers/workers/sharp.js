// What sharp shows: upright, in sRGB, on white, the first frame. The package is the benchmark's.

import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { serve } from './lines.js';

const require = createRequire(new URL('../../bench/peers/sharp/package.json', import.meta.url));
const sharp = require('sharp');

sharp.cache(false);
sharp.concurrency(1);

// 220 megapixels, as for all: larger ones only fill the memory.
const limitInputPixels = 220_000_000;

async function show({ path, out }) {
    const { data, info } = await sharp(path, { failOn: 'none', limitInputPixels })
        .autoOrient()
        .flatten({ background: 'white' })
        .toColourspace('srgb')
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) {
        throw new Error(`${info.channels} channels`);
    }
    writeFileSync(out, data);
    return { outcome: 'shown', width: info.width, height: info.height, mode: 'RGB' };
}

// What sharp complains about where it is told to take no damage.
async function diagnose({ path }) {
    await sharp(path, { failOn: 'warning', limitInputPixels }).raw().toBuffer();
    return { outcome: 'shown' };
}

await serve((job) => (job.diagnose ? diagnose(job) : show(job)));
