import type { Image } from '../api/image';
import { h, icon, iconButton } from '../view/element';
import type { Entry } from './collection';
import { placeholder, ratio } from './placeholder';
import { tileWords } from './tile-words';

/** Callbacks for the actions on an image. */
export interface TileActions {
  open(id: string): void;
  remove(id: string): void;
  retryProcessing(id: string): void;
  retryUpload(id: string): void;
  /** A thumbnail did not load: its links may have expired. */
  renewLinks(id: string): void;
}

/** One image of the grid. */
export class Tile {
  readonly element: HTMLLIElement;
  readonly #id: string;
  readonly #actions: TileActions;
  readonly #picture: HTMLImageElement;
  readonly #open: HTMLButtonElement;
  readonly #name = h('span', { class: 'tile-name' });
  readonly #state = h('div', { class: 'tile-state' });
  readonly #remove: HTMLButtonElement;
  /** The version of the shown thumbnail: new links to the same version do not load it again. */
  #shown: string | undefined;

  /** `isFirst`: the tile is visible at once, so the browser loads it eagerly. */
  constructor(id: string, actions: TileActions, isFirst: boolean) {
    this.#id = id;
    this.#actions = actions;
    const loading = isFirst ? 'eager' : 'lazy';
    this.#picture = h('img', { class: 'tile-picture', alt: '', decoding: 'async', loading });
    this.#open = h(
      'button',
      { type: 'button', class: 'tile-open', onclick: () => actions.open(id) },
      this.#picture,
    );
    this.#remove = iconButton('bin', 'Delete', () => actions.remove(id), 'tile-remove');
    const foot = h('div', { class: 'tile-foot' }, this.#name, this.#remove);
    this.element = h('li', { class: 'tile', 'data-id': id }, this.#open, this.#state, foot);
    this.#picture.addEventListener('load', () => this.#loaded());
    this.#picture.addEventListener('error', () => this.#broken());
  }

  focus(): void {
    (this.#open.hidden ? this.#remove : this.#open).focus();
  }

  update(entry: Entry): void {
    const { image } = entry;
    const name = image.caption ?? image.fileName ?? 'Picture';
    this.#name.textContent = name;
    this.#open.setAttribute('aria-label', name);
    this.#remove.setAttribute('aria-label', `Delete ${name}`);
    this.element.dataset.status = entry.upload ? 'uploading' : image.status;
    this.#shape(ratio(image));
    this.#paint(image);
    this.#show(entry);
    this.#say(entry);
  }

  #paint(image: Image): void {
    const blurred = image.thumbhash && placeholder(image.thumbhash);
    this.element.style.backgroundImage = blurred ? `url("${blurred}")` : '';
    this.element.style.backgroundColor = blurred ? '' : (image.dominantColour ?? '');
  }

  #show(entry: Entry): void {
    const { image, preview } = entry;
    const source = image.status === 'ready' ? image.processedAt : preview;
    this.#open.hidden = image.status !== 'ready' && !preview;
    this.#open.disabled = image.status !== 'ready';
    if (source === this.#shown) return;
    this.#shown = source;
    if (image.status === 'ready') {
      const { thumbnails } = image;
      this.#picture.srcset = thumbnails.map(one => `${one.url} ${one.width}w`).join(', ');
      this.#picture.sizes = `${Math.round(230 * (ratio(image) ?? 1))}px`;
      this.#picture.src = thumbnails.at(-1)?.url ?? '';
    } else {
      this.#picture.removeAttribute('srcset');
      if (source) this.#picture.src = source;
      else this.#picture.removeAttribute('src');
    }
  }

  #say(entry: Entry): void {
    const words = tileWords(entry, Date.now());
    const { upload } = entry;
    this.element.classList.toggle('is-trouble', words?.isTrouble ?? false);
    this.#state.hidden = words === undefined;
    if (!words) return;
    const key = `${words.text}${words.retry}`;
    if (this.#state.dataset.key === key) return;
    this.#state.dataset.key = key;
    this.#state.replaceChildren(
      ...(words.isTrouble ? [icon('warning')] : []),
      h('p', {}, words.text),
      ...(upload?.state === 'sending'
        ? [
            h('progress', {
              max: 1,
              value: upload.fraction,
              'aria-label': `Uploading ${entry.image.fileName ?? ''}`,
            }),
          ]
        : []),
      ...(words.retry ? [this.#retry(words.retry)] : []),
    );
  }

  #retry(what: 'processing' | 'upload'): HTMLButtonElement {
    const act = () => {
      if (what === 'upload') this.#actions.retryUpload(this.#id);
      else this.#actions.retryProcessing(this.#id);
    };
    return h('button', { type: 'button', class: 'small', onclick: act }, 'Retry');
  }

  #shape(width: number | undefined): void {
    // Very wide or tall images are cropped, so that a row keeps its height.
    if (width) this.element.style.setProperty('--ratio', String(Math.min(2.4, Math.max(0.56, width))));
  }

  #loaded(): void {
    this.element.classList.add('is-loaded');
    const { naturalWidth, naturalHeight } = this.#picture;
    // The preview's dimensions are known before the API's.
    if (this.#picture.src.startsWith('blob:')) this.#shape(naturalWidth / naturalHeight);
  }

  #broken(): void {
    this.element.classList.remove('is-loaded');
    // A preview that the browser can't show is no error: the worker decides.
    if (this.#picture.src.startsWith('blob:')) this.#open.hidden = true;
    else this.#actions.renewLinks(this.#id);
    if (!this.#picture.src.startsWith('blob:')) this.#shown = undefined;
  }
}
