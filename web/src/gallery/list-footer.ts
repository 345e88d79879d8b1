import { problemWords } from '../api/words';
import { h } from '../view/element';
import type { Progress } from './pages';

/** What is below the pictures: nothing, the next page on its way, a page that did not come, or an empty drawer. */
export class Shelf {
  readonly element = h('div', { class: 'shelf', 'aria-live': 'polite' });
  readonly #wanted: () => void;
  readonly #observer: IntersectionObserver;
  #shown = '';

  /** `wanted` is called whenever the end of the pictures is near the window. */
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
    // Observed anew, so that it is told at once where the page did not fill the window.
    this.#observer.disconnect();
    if (progress === 'more') this.#observer.observe(this.element);
  }

  #content(progress: Progress, isEmpty: boolean, error: unknown): HTMLElement[] {
    switch (progress) {
      case 'more':
        return [];
      case 'loading':
        return isEmpty ? [skeleton()] : [h('p', { class: 'shelf-note' }, 'Loading…')];
      case 'trouble': {
        const again = h('button', { type: 'button', class: 'secondary', onclick: this.#wanted }, 'Try again');
        return [h('div', { class: 'shelf-state', role: 'alert' }, h('p', {}, problemWords(error)), again)];
      }
      case 'end':
        return isEmpty ? [emptyDrawer()] : [];
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
  const slow = h('p', { class: 'shelf-note is-slow' }, 'Still loading…');
  return h('div', { class: 'skeleton', 'aria-label': 'Loading pictures', role: 'img' }, ...bones, slow);
}

function emptyDrawer(): HTMLElement {
  const image = h('div', { class: 'empty-drawer', 'aria-hidden': 'true' }, h('span'), h('span'), h('span'));
  return h(
    'div',
    { class: 'shelf-state' },
    image,
    h('h2', {}, 'Your drawer is empty'),
    h('p', {}, 'Drop a picture above.'),
  );
}
