import { problemWords } from '../api/words';
import { h } from '../view/element';
import type { Progress } from './pages';

/**
 * The footer of the listing: nothing, a loading note, an error with a retry button, or the note of
 * an empty listing.
 */
export class ListFooter {
  readonly element = h('div', { class: 'list-footer', 'aria-live': 'polite' });
  readonly #wanted: () => void;
  readonly #observer: IntersectionObserver;
  #shown = '';

  /** `wanted` is called whenever the end of the listing comes near the viewport. */
  constructor(wanted: () => void) {
    this.#wanted = wanted;
    const look: IntersectionObserverCallback = entries => {
      if (entries.some(entry => entry.isIntersecting)) wanted();
    };
    this.#observer = new IntersectionObserver(look, { rootMargin: '800px' });
  }

  tell(progress: Progress, isEmpty: boolean, error?: unknown): void {
    const shown = `${progress} ${isEmpty}`;
    if (progress !== 'trouble' && shown === this.#shown) return;
    if (progress === 'trouble' && error === undefined && this.#shown === shown) return;
    this.#shown = shown;
    this.element.replaceChildren(...this.#content(progress, isEmpty, error));
    // A new observation fires at once if the page did not fill the viewport.
    this.#observer.disconnect();
    if (progress === 'more') this.#observer.observe(this.element);
  }

  #content(progress: Progress, isEmpty: boolean, error: unknown): HTMLElement[] {
    switch (progress) {
      case 'more':
        return [];
      case 'loading':
        return isEmpty ? [skeleton()] : [h('p', { class: 'list-footer-note' }, 'Loading…')];
      case 'trouble': {
        const again = h('button', { type: 'button', class: 'secondary', onclick: this.#wanted }, 'Try again');
        return [
          h('div', { class: 'list-footer-state', role: 'alert' }, h('p', {}, problemWords(error)), again),
        ];
      }
      case 'end':
        return isEmpty ? [emptyList()] : [];
    }
  }
}

function skeleton(): HTMLElement {
  const ratios = [1.5, 0.75, 1.33, 1, 1.5, 0.67, 1.4, 1.2];
  const bones = ratios.map(ratio => {
    const bone = h('div', { class: 'bone' });
    bone.style.setProperty('--ratio', String(ratio));
    return bone;
  });
  const slow = h('p', { class: 'list-footer-note is-slow' }, 'Still loading…');
  return h('div', { class: 'skeleton', 'aria-label': 'Loading pictures', role: 'img' }, ...bones, slow);
}

function emptyList(): HTMLElement {
  const image = h('div', { class: 'empty-list', 'aria-hidden': 'true' }, h('span'), h('span'), h('span'));
  return h(
    'div',
    { class: 'list-footer-state' },
    image,
    h('h2', {}, 'Your drawer is empty'),
    h('p', {}, 'Drop a picture above.'),
  );
}
