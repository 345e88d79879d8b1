import type { Me } from '../api/me';
import { bytes } from '../format';
import { h } from '../view/element';

/** The share of a limit from which the user is warned, as in the API's header. */
const WARNING = 0.8;
/** Changes within this time are one request. */
const PAUSE_MS = 1_500;

/** What a usage bar shows: nothing without a limit. */
export function usageWords(me: Me): { share: number; words: string; warning: string } | undefined {
  if (!me.usage || (me.maxBytes === undefined && me.maxImages === undefined)) return undefined;
  const count = (number: number) => number.toLocaleString('en');
  const of = (limit: string | undefined) => (limit === undefined ? '' : ` of ${limit}`);
  const size = bytes(me.usage.bytes) + of(me.maxBytes === undefined ? undefined : bytes(me.maxBytes));
  const images = count(me.usage.images) + of(me.maxImages === undefined ? undefined : count(me.maxImages));
  const share = Math.max(
    me.maxBytes === undefined ? 0 : me.usage.bytes / me.maxBytes,
    me.maxImages === undefined ? 0 : me.usage.images / me.maxImages,
  );
  const almost = share >= WARNING ? 'Almost full.' : '';
  const warning = share >= 1 ? 'Full. Delete pictures to make room.' : almost;
  return { share: Math.min(share, 1), words: `${size}, ${images} pictures`, warning };
}

/** A bar of the user's storage, with a warning when it is nearly full. */
export class UsageBar {
  readonly element = h('div', { class: 'usage', hidden: true });
  readonly #ask: () => Promise<Me>;
  readonly #meter = h('meter', { min: 0, max: 1, high: WARNING, 'aria-label': 'Storage used' });
  readonly #words = h('span', {});
  readonly #warning = h('strong', { role: 'status' });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: () => Promise<Me>) {
    this.#ask = ask;
    this.element.append(this.#meter, this.#words, this.#warning);
  }

  /** Asks again, soon: the worker counts a moment after an image changes. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, PAUSE_MS);
  }

  async refresh(): Promise<void> {
    // The bar is a help, and stays as it is without an answer. The banner tells of a connection
    // that is gone.
    const me = await this.#ask().catch(() => undefined);
    if (!me) return;
    const shown = usageWords(me);
    this.element.hidden = shown === undefined;
    if (!shown) return;
    this.#meter.value = shown.share;
    this.#words.textContent = shown.words;
    if (this.#warning.textContent !== shown.warning) this.#warning.textContent = shown.warning;
  }
}
