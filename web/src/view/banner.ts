import { h } from './element';

/** The banner for a lost connection or a service that does not respond. */
export class Banner {
  readonly element = h('div', { class: 'banner', role: 'status', hidden: true });
  #isAnswered = true;

  constructor() {
    addEventListener('online', () => this.#show());
    addEventListener('offline', () => this.#show());
    this.#show();
  }

  /** Whether the last request got a response. */
  answered(isAnswered: boolean): void {
    if (isAnswered === this.#isAnswered) return;
    this.#isAnswered = isAnswered;
    this.#show();
  }

  #show(): void {
    this.element.hidden = navigator.onLine && this.#isAnswered;
    this.element.textContent = navigator.onLine
      ? this.#isAnswered
        ? ''
        : 'The server doesn’t answer. Trying again.'
      : 'You’re offline. Uploads wait.';
  }
}
