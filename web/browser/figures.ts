import type { Reporter, TestModule } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** The measurements of a test, by name. */
    figures?: Record<string, number>;
  }
}

/** Prints the measurements as `name=value` lines at the end of the run. */
export default class Figures implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const figures: Record<string, number> = {};
    let passed = 0;
    let failed = 0;
    for (const test of modules.flatMap(module => [...module.children.allTests()])) {
      if (test.result().state === 'passed') passed += 1;
      if (test.result().state === 'failed') failed += 1;
      Object.assign(figures, test.meta().figures);
    }
    const all = { ...figures, browser_tests_passed: passed, browser_tests_failed: failed };
    for (const [name, value] of Object.entries(all)) process.stdout.write(`${name}=${value}\n`);
  }
}
