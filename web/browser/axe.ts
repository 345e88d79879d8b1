import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The serious and critical violations that axe finds on the page. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(node => `${node.target.join(' ')} (${node.any[0]?.message ?? ''})`).join(', ')}`,
    );
}

/** Waits for the end of animations, before a check or a screenshot. */
export async function still(page: Page): Promise<void> {
  await page.evaluate(() => {
    const passing = document.getAnimations().filter(one => one.effect?.getComputedTiming().iterations === 1);
    return Promise.all(passing.map(one => one.finished.catch(() => undefined)));
  });
}
