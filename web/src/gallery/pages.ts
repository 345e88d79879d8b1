import type { Page } from '../api/image';

/** The state of the listing: more pages, a page loading, a failed page, or the end. */
export type Progress = 'more' | 'loading' | 'trouble' | 'end';

/** Loader of the pages of a listing, one after the other, as they come into view. */
export class Pages {
  readonly #load: (cursor: string | undefined) => Promise<Page>;
  readonly #told: (progress: Progress, error?: unknown) => void;
  #cursor: string | undefined;
  #progress: Progress = 'more';
  #run = 0;

  constructor(
    load: (cursor: string | undefined) => Promise<Page>,
    told: (progress: Progress, error?: unknown) => void,
  ) {
    this.#load = load;
    this.#told = told;
  }

  get progress(): Progress {
    return this.#progress;
  }

  /**
   * Loads the next page, unless one is loading or there is none. An empty page need not be the
   * last.
   */
  async next(): Promise<void> {
    if (this.#progress === 'loading' || this.#progress === 'end') return;
    this.#become('loading');
    const run = this.#run;
    try {
      const page = await this.#load(this.#cursor);
      if (run !== this.#run) return;
      this.#cursor = page.nextCursor;
      this.#become(page.nextCursor === undefined ? 'end' : 'more');
    } catch (error) {
      if (run === this.#run) this.#become('trouble', error);
    }
  }

  /** Starts again with the first page. A page that is loading does not count any more. */
  async restart(): Promise<void> {
    this.#run += 1;
    this.#cursor = undefined;
    this.#progress = 'more';
    await this.next();
  }

  #become(progress: Progress, error?: unknown): void {
    this.#progress = progress;
    this.#told(progress, error);
  }
}
