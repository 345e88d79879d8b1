import { h, iconButton } from './element';

interface Toast {
  text: string;
  /** A button beside the text. */
  action?: { label: string; act: () => void };
  /** The time until the toast disappears; without it, the toast stays until it is closed. */
  forMs?: number;
  /** A toast replaces an earlier one with the same key. */
  key?: string;
}

const MOST = 4;

/** Short messages at the edge of the page, read out by screen readers. */
export class Toasts {
  readonly element = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });

  /** Shows a message and returns a function that removes it. */
  show(toast: Toast): () => void {
    const box = h('div', { class: 'toast', 'data-key': toast.key }, h('p', {}, toast.text));
    const close = () => box.remove();
    const { action } = toast;
    if (action) {
      const act = () => {
        close();
        action.act();
      };
      box.append(h('button', { type: 'button', class: 'text-button', onclick: act }, action.label));
    }
    box.append(iconButton('close', 'Dismiss', close));
    if (toast.key) this.#withKey(toast.key)?.remove();
    this.element.append(box);
    while (this.element.children.length > MOST) this.element.firstElementChild?.remove();
    if (toast.forMs) setTimeout(close, toast.forMs);
    return close;
  }

  #withKey(key: string): Element | undefined {
    return [...this.element.children].find(box => box.getAttribute('data-key') === key);
  }
}
