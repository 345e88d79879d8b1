import type { Page } from 'playwright-core';
import { theBrowser } from './world';

/** A file in Playwright's format. */
export interface File {
  name: string;
  mimeType: string;
  buffer: Buffer;
  /** Bytes of zeros behind the buffer, for files that are too large to be passed to the page. */
  padding?: number;
}

let easel: Promise<Page> | undefined;

/** Draws a landscape, a different one for each number. */
export async function landscape(seed: number, width = 960, height = 640): Promise<File> {
  easel ??= theBrowser().then(browser => browser.newPage());
  const base64 = await (await easel).evaluate(draw, { seed, width, height });
  return { name: `landscape-${seed}.jpg`, mimeType: 'image/jpeg', buffer: Buffer.from(base64, 'base64') };
}

/** The same landscape rotated, with the EXIF orientation that a phone writes. */
export async function rotated(seed: number): Promise<File> {
  const { buffer } = await landscape(seed);
  // TIFF, big-endian, one entry: orientation (0x0112), type short (3), count 1, value 6.
  const tiff = '4d4d002a0000000800010112000300000001000600000000000000';
  return { name: 'rotated.jpg', mimeType: 'image/jpeg', buffer: withExif(buffer, Buffer.from(tiff, 'hex')) };
}

/** A landscape with a capture time, such as `2019:07:06 05:04:03`. */
export async function taken(seed: number, time: string): Promise<File> {
  const { name, mimeType, buffer } = await landscape(seed);
  // TIFF, big-endian: a pointer (0x8769) to a directory at 26, whose time (0x9003) is at 44.
  const directories =
    '4d4d002a0000000800018769000400000001' + '0000001a00000000' + '00019003000200000014' + '0000002c00000000';
  const tiff = Buffer.concat([Buffer.from(directories, 'hex'), Buffer.from(`${time}\0`, 'latin1')]);
  return { name, mimeType, buffer: withExif(buffer, tiff) };
}

function withExif(jpeg: Buffer, tiff: Buffer): Buffer {
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

/** A JPEG that ends within its tables. */
export async function broken(): Promise<File> {
  const { buffer } = await landscape(1);
  return { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: buffer.subarray(0, 300) };
}

/** Drops files onto the page, as from a file manager. */
export async function drop(page: Page, files: File[]): Promise<void> {
  const plain = files.map(file => ({ ...file, buffer: file.buffer.toString('base64') }));
  const data = await page.evaluateHandle(given => {
    const transfer = new DataTransfer();
    for (const { name, mimeType, buffer, padding } of given) {
      const bytes = Uint8Array.from(atob(buffer), byte => byte.charCodeAt(0));
      const parts = [bytes, new Uint8Array(padding ?? 0)];
      transfer.items.add(new File(parts, name, { type: mimeType }));
    }
    return transfer;
  }, plain);
  await page.dispatchEvent('.uppy-Dashboard-inner', 'drop', { dataTransfer: data });
}

/** Draws sky, sun, hills and water. Runs in the browser. */
function draw({ seed, width, height }: { seed: number; width: number; height: number }): string {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  let state = seed * 2654435761;
  const random = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 4294967296;
  };
  for (let warmUp = 0; warmUp < 5; warmUp += 1) random();
  const hue = [22, 205, 265, 340, 160, 40, 225, 190][seed % 8] ?? 0;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, `hsl(${hue + 20} 55% 38%)`);
  sky.addColorStop(0.55, `hsl(${hue} 75% 72%)`);
  sky.addColorStop(1, `hsl(${hue - 12} 90% 86%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  const sun = { x: width * (0.2 + 0.6 * random()), y: height * (0.25 + 0.25 * random()), r: height * 0.09 };
  const glow = context.createRadialGradient(sun.x, sun.y, sun.r * 0.8, sun.x, sun.y, sun.r * 5);
  glow.addColorStop(0, `hsl(${hue + 15} 100% 92% / 80%)`);
  glow.addColorStop(1, `hsl(${hue + 15} 100% 92% / 0%)`);
  context.fillStyle = glow;
  context.fillRect(0, 0, width, height);
  context.fillStyle = `hsl(${hue + 20} 100% 95%)`;
  context.beginPath();
  context.arc(sun.x, sun.y, sun.r, 0, 7);
  context.fill();
  for (let layer = 0; layer < 5; layer += 1) {
    const base = height * (0.5 + 0.1 * layer);
    const waves = [1, 2.3, 5.1].map(step => ({
      step,
      phase: 7 * random(),
      tall: (height * 0.09 * (0.4 + random())) / step,
    }));
    context.fillStyle = `hsl(${hue + 8 * layer} ${35 + 4 * layer}% ${58 - 11 * layer}%)`;
    context.beginPath();
    context.moveTo(0, height);
    for (let x = 0; x <= width; x += 4) {
      const y = waves.reduce(
        (sum, { step, phase, tall }) => sum - tall * Math.sin((x / width) * 5 * step + phase),
        base,
      );
      context.lineTo(x, y);
    }
    context.lineTo(width, height);
    context.fill();
  }
  return canvas.toDataURL('image/jpeg', 0.9).split(',')[1] ?? '';
}
