// What Chromium shows: the first frame, upright, in sRGB, on white. Its package is the gallery's.

import { createRequire } from 'node:module';
import { createReadStream, createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import process from 'node:process';
import { serve } from './lines.js';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const FLAGS = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--force-color-profile=srgb',
];

// The page gets the file from here, and sends its pixels here: through the protocol of DevTools,
// megabytes would take long.
let job = null;
const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
        await pipeline(request, createWriteStream(job.out));
        response.end();
    } else if (request.url.startsWith('/file')) {
        await pipeline(createReadStream(job.path), response).catch(() => response.destroy());
    } else {
        response.setHeader('content-type', 'text/html').end('<!doctype html><title>peers</title>');
    }
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));

const browser = await chromium.launch({
    executablePath: process.env.HIKIDASHI_CHROMIUM,
    args: FLAGS,
    env: { ...process.env, NO_PROXY: '127.0.0.1' },
});
const page = await browser.newPage();
// A crashed page answers nothing any more. The jury starts a new worker.
page.on('crash', () => process.exit(1));
await page.goto(`http://127.0.0.1:${server.address().port}/`);

async function inPage(number) {
    const blob = await (await fetch(`/file?${number}`)).blob();
    // Of an animation, this is the first frame.
    let image = await createImageBitmap(blob).catch(() => null);
    if (!image) {
        // What a page shows of an image whose rest is missing.
        image = new Image();
        image.src = URL.createObjectURL(blob);
        await new Promise((loaded, failed) => {
            image.onload = loaded;
            image.onerror = () => failed(new Error('the image does not load'));
        }).finally(() => URL.revokeObjectURL(image.src));
    }
    const width = image.naturalWidth ?? image.width;
    const height = image.naturalHeight ?? image.height;
    if (width * height > 220_000_000) {
        throw new Error('larger than what is compared');
    }
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.fillStyle = 'white';
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    image.close?.();
    const { data } = context.getImageData(0, 0, width, height);
    await fetch('/pixels', { method: 'POST', body: data });
    return { width, height };
}

let number = 0;
await serve(async (next) => {
    job = next;
    number += 1;
    const size = await page.evaluate(inPage, number);
    return { outcome: 'shown', mode: 'RGBX', ...size };
});
await browser.close();
server.close();
