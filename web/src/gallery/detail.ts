import type { Image } from '../api/image';
import { bytes, camera, dateAndTime, duration, localDateAndTime } from '../format';
import { h, icon, iconButton } from '../view/element';
import { placeholder, ratio } from './placeholder';

/** Callbacks of the gallery for the detail view. */
export interface DetailActions {
  remove(id: string): void;
  describe(id: string, caption: string | null): Promise<void>;
  download(image: Image): Promise<void>;
  /** The image beside another; `undefined` at the ends. */
  neighbour(id: string, step: 1 | -1): Image | undefined;
  renewLinks(id: string): void;
  closed(id: string): void;
}

/** The dialog that shows one image, with its metadata. */
export class Detail {
  readonly element = h('dialog', { class: 'detail', 'aria-label': 'Picture', tabindex: -1 });
  readonly #actions: DetailActions;
  #image: Image | undefined;

  constructor(actions: DetailActions) {
    this.#actions = actions;
    this.element.addEventListener('close', () => {
      const id = this.#image?.imageId;
      this.#image = undefined;
      this.element.replaceChildren();
      if (id) actions.closed(id);
    });
    this.element.addEventListener('click', event => {
      if (event.target === this.element) this.element.close();
    });
    this.element.addEventListener('keydown', event => {
      if (event.target instanceof HTMLTextAreaElement) return;
      if (event.key === 'ArrowLeft') this.#step(-1);
      if (event.key === 'ArrowRight') this.#step(1);
    });
  }

  open(image: Image): void {
    this.#draw(image);
    if (!this.element.open) this.element.showModal();
  }

  close(): void {
    this.element.close();
  }

  /** Updates the links and metadata of the shown image. */
  update(image: Image): void {
    if (this.#image?.imageId !== image.imageId || this.#image === image) return;
    const isSame = this.#image.processedAt === image.processedAt && this.#image.caption === image.caption;
    if (!isSame || !this.element.querySelector('img')?.naturalWidth) this.#draw(image);
    this.#image = image;
  }

  #step(step: 1 | -1): void {
    const next = this.#image && this.#actions.neighbour(this.#image.imageId, step);
    if (next) this.#draw(next);
  }

  #draw(image: Image): void {
    this.#image = image;
    const id = image.imageId;
    const name = image.fileName ?? 'Picture';
    const large = image.thumbnails.at(-1);
    const picture = h('img', {
      src: large?.url,
      alt: image.caption ?? name,
      width: large?.width,
      height: large?.height,
      onerror: () => this.#actions.renewLinks(id),
    });
    const blurred = image.thumbhash && placeholder(image.thumbhash);
    const frame = h('div', { class: 'detail-frame' }, picture);
    frame.style.setProperty('--ratio', String(ratio(image) ?? 1));
    if (blurred) picture.style.backgroundImage = `url("${blurred}")`;
    const previous = iconButton('previous', 'Newer picture', () => this.#step(-1), 'detail-step');
    const next = iconButton('next', 'Older picture', () => this.#step(1), 'detail-step');
    previous.disabled = !this.#actions.neighbour(id, -1);
    next.disabled = !this.#actions.neighbour(id, 1);
    const stage = h('div', { class: 'detail-stage' }, previous, frame, next);
    const close = iconButton('close', 'Close', () => this.close());
    const head = h('div', { class: 'detail-head' }, h('h2', {}, name), close);
    const side = h(
      'div',
      { class: 'detail-side' },
      head,
      this.#caption(image),
      facts(image),
      this.#buttons(image),
    );
    const focused = document.activeElement?.getAttribute('aria-label');
    this.element.replaceChildren(stage, side);
    if (!this.element.open) return;
    // Keyboard focus stays on the same button, or at least in the dialog.
    const buttons = [...this.element.querySelectorAll<HTMLElement>('button:enabled')];
    (buttons.find(one => one.getAttribute('aria-label') === focused) ?? this.element).focus();
  }

  #caption(image: Image): HTMLElement {
    const text = h('textarea', { name: 'caption', rows: 2, maxlength: 500, placeholder: 'Add a caption' });
    text.value = image.caption ?? '';
    const save = h('button', { class: 'small' }, 'Save');
    save.hidden = true;
    text.addEventListener('input', () => {
      save.hidden = text.value.trim() === (image.caption ?? '');
    });
    const submit = (event: Event) => {
      event.preventDefault();
      save.disabled = true;
      void this.#actions.describe(image.imageId, text.value.trim() || null).finally(() => {
        save.disabled = false;
      });
    };
    return h(
      'form',
      { class: 'caption', onsubmit: submit },
      h('label', {}, h('span', {}, 'Caption'), text),
      save,
    );
  }

  #buttons(image: Image): HTMLElement {
    const download = h('button', { type: 'button', class: 'primary' }, icon('download'), 'Download original');
    download.addEventListener('click', () => {
      download.disabled = true;
      void this.#actions.download(image).finally(() => {
        download.disabled = false;
      });
    });
    const remove = h('button', { type: 'button', class: 'secondary' }, icon('bin'), 'Delete');
    remove.addEventListener('click', () => {
      this.close();
      this.#actions.remove(image.imageId);
    });
    return h('div', { class: 'detail-buttons' }, download, remove);
  }
}

function facts(image: Image): HTMLElement {
  const { width, height, size, format, takenAt, uploadedAt, processedAt } = image;
  const rows: [string, string | undefined][] = [
    ['Size', width && height ? `${width} × ${height}` : undefined],
    [
      'File',
      [format?.toUpperCase(), size === undefined ? undefined : bytes(size)].filter(Boolean).join(', '),
    ],
    ['Taken', takenAt && localDateAndTime(takenAt)],
    ['Camera', camera(image.cameraMake, image.cameraModel)],
    ['Uploaded', uploadedAt && dateAndTime(uploadedAt)],
    ['Ready after', uploadedAt && processedAt && duration(uploadedAt, processedAt)],
  ];
  const known = rows.filter(([, value]) => value);
  return h('dl', {}, ...known.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}
