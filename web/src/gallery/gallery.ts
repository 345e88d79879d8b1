import type { Api } from '../api/api';
import type { Image, Order } from '../api/image';
import { Problem } from '../api/problem';
import { problemWords } from '../api/words';
import type { Config } from '../config';
import type { UploadEvents, Uploads } from '../upload/uploads';
import { h } from '../view/element';
import type { Toasts } from '../view/toasts';
import { Collection, type Entry } from './collection';
import { Deletions, UNDO_MS } from './deletions';
import { Detail } from './detail';
import { download } from './download';
import { Grid } from './grid';
import { Links } from './links';
import { ListFooter } from './list-footer';
import { orderChoice } from './order-choice';
import { Pages } from './pages';
import { processAgain } from './retries';
import { type Answer, StatusPoller } from './status-poller';
import { UsageBar } from './usage-bar';

const PAGE = 40;
/** Seconds that the API may wait before it responds. */
const WAIT_SECS = 20;
/** The most local previews during uploads: the browser decodes each in full. */
const MOST_PREVIEWS = 12;

/** The user's images and the actions on them. */
export class Gallery {
  readonly element = h('main', { class: 'gallery', id: 'gallery' });
  readonly #api: Api;
  readonly #toasts: Toasts;
  readonly #config: Config;
  readonly #links = new Links(sessionStorage);
  readonly #collection = new Collection(this.#links, (id, entry) => this.#changed(id, entry));
  readonly #statusPoller = new StatusPoller((id, signal) => this.#ask(id, signal));
  readonly #deletions = new Deletions((id, isLeaving) => void this.#delete(id, isLeaving));
  readonly #pages = new Pages(
    cursor => this.#load(cursor),
    (progress, error) => this.#listFooter.tell(progress, this.#grid.isEmpty, error),
  );
  readonly #usage: UsageBar;
  readonly #grid: Grid;
  readonly #detail: Detail;
  readonly #listFooter: ListFooter;
  readonly #dropZone = h('section', { class: 'drop-zone', 'aria-label': 'Add pictures' });
  #uploads: Uploads | undefined;
  #firstTag: string | undefined;
  readonly #renewed = new Map<string, number>();

  constructor(api: Api, config: Config, toasts: Toasts) {
    this.#api = api;
    this.#config = config;
    this.#toasts = toasts;
    this.#usage = new UsageBar(() => this.#api.me());
    this.#grid = new Grid({
      open: id => this.#open(id),
      remove: id => this.#remove(id),
      retryProcessing: id => void this.#retry(id),
      retryUpload: id => this.#uploads?.retry(id),
      renewLinks: id => void this.#renew(id),
    });
    this.#detail = new Detail({
      remove: id => this.#remove(id),
      describe: (id, caption) => this.#describe(id, caption),
      download: image => this.#download(image),
      neighbour: (id, step) => this.#neighbour(id, step),
      renewLinks: id => void this.#renew(id),
      closed: id => this.#grid.focus(id),
    });
    this.#listFooter = new ListFooter(() => void this.#pages.next());
    this.element.append(
      this.#dropZone,
      h(
        'div',
        { class: 'list-bar' },
        this.#usage.element,
        orderChoice(order => this.#reorder(order)),
      ),
      this.#grid.element,
      this.#listFooter.element,
      this.#detail.element,
    );
  }

  start(): void {
    void this.#pages.next();
    void this.#usage.refresh();
    void this.#loadUploads();
    addEventListener('pagehide', () => {
      this.#deletions.flush();
      this.#links.keep();
    });
    addEventListener('beforeunload', event => {
      if (this.#uploads?.isBusy) event.preventDefault();
    });
    addEventListener('online', () => this.resume());
    addEventListener('offline', () => this.#statusPoller.pause());
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#statusPoller.pause();
      else this.resume();
    });
    acceptDrops(this.element, files => this.#uploads?.add(files));
  }

  /** Resumes polling and listing after the page was hidden, offline or signed out. */
  resume(): void {
    this.#statusPoller.resume();
    this.#usage.changed();
    if (this.#pages.progress === 'trouble') void this.#pages.next();
    else void this.#refresh();
  }

  /** Resumes everything that the end of the session had stopped. */
  continue(): void {
    this.resume();
    this.#uploads?.retryAll();
  }

  /**
   * Sends pending deletions, cancels uploads and polling, and forgets the links, while the token is
   * still valid.
   */
  leave(): void {
    this.#links.clear();
    this.#deletions.flush();
    this.#uploads?.cancelAll();
    this.#statusPoller.pause();
  }

  async #loadUploads(): Promise<void> {
    try {
      const { Uploads } = await import('../upload/uploads');
      this.#dropZone.replaceChildren();
      this.#uploads = new Uploads(this.#dropZone, this.#config.maxImageBytes, this.#uploadEvents());
    } catch {
      const again = () => location.reload();
      const retry = h('button', { type: 'button', class: 'secondary', onclick: again }, 'Reload');
      this.#dropZone.replaceChildren(h('p', {}, 'The upload form did not load.'), retry);
    }
  }

  async #load(cursor: string | undefined) {
    const { order } = this.#collection;
    const answer = await this.#api.list(PAGE, order, cursor === undefined ? {} : { cursor });
    const page = answer?.value ?? { items: [], nextCursor: undefined };
    if (order !== this.#collection.order) return page;
    if (cursor === undefined) {
      this.#firstTag = answer?.etag;
      this.#collection.putFirst(page);
    } else {
      for (const image of page.items) this.#collection.put(image);
    }
    return page;
  }

  /** Requests the first page again; an unchanged page is a 304. */
  async #refresh(): Promise<void> {
    const etag = this.#firstTag;
    const { order } = this.#collection;
    const asked = this.#api.list(PAGE, order, etag === undefined ? {} : { etag });
    const answer = await asked.catch(() => undefined);
    if (!answer || order !== this.#collection.order) return;
    this.#firstTag = answer.etag;
    this.#collection.putFirst(answer.value);
  }

  #changed(id: string, entry: Entry | undefined): void {
    this.#grid.update(id, entry, this.#collection.order);
    this.#listFooter.tell(this.#pages.progress, this.#grid.isEmpty);
    if (!entry) {
      this.#statusPoller.remove(id);
      return;
    }
    this.#detail.update(entry.image);
    const isComing = entry.image.status === 'pending' && !entry.upload;
    if (isComing && !this.#statusPoller.has(id)) this.#statusPoller.add(id);
    if (entry.image.status !== 'pending' && entry.preview) {
      this.#collection.change(id, { preview: undefined });
    }
  }

  #reorder(order: Order): void {
    this.#firstTag = undefined;
    this.#collection.reorder(order);
    // Those that stay: uploads and pending images.
    for (const id of this.#collection.ids()) this.#grid.update(id, this.#collection.get(id), order);
    void this.#pages.restart();
  }

  async #ask(id: string, signal: AbortSignal): Promise<Answer> {
    try {
      const answer = await this.#api.read(id, { wait: WAIT_SECS, signal });
      if (!answer) return { pendingForMs: 0 };
      this.#collection.put(answer.value);
      if (answer.value.status === 'pending') return { pendingForMs: answer.retryAfterMs };
      this.#usage.changed();
      return 'settled';
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) return 'trouble';
      this.#collection.remove(id);
      return 'settled';
    }
  }

  #uploadEvents(): UploadEvents {
    return {
      presign: file => this.#api.presign(file),
      presigned: ({ image }, file) => this.#presigned(image, file),
      progress: (id, upload) => this.#collection.change(id, { upload }),
      arrived: id => this.#collection.change(id, { upload: undefined }),
      cancelled: id => {
        this.#collection.remove(id);
        void this.#api.remove(id).catch(error => this.#tell(error));
      },
      leftOut: words => this.#toasts.show({ text: words }),
    };
  }

  #presigned(image: Image, file: Blob): void {
    this.#collection.presign(image, () => {
      const canShow = this.#collection.previews < MOST_PREVIEWS;
      return canShow ? URL.createObjectURL(file) : undefined;
    });
  }

  #open(id: string): void {
    const entry = this.#collection.get(id);
    if (entry?.image.status === 'ready') this.#detail.open(entry.image);
  }

  #neighbour(id: string, step: 1 | -1): Image | undefined {
    const ready = this.#collection.ids().filter(one => this.#collection.get(one)?.image.status === 'ready');
    const index = ready.indexOf(id);
    const next = index < 0 ? undefined : ready[index + step];
    return next === undefined ? undefined : this.#collection.get(next)?.image;
  }

  #remove(id: string): void {
    if (this.#uploads?.cancel(id)) return;
    this.#collection.change(id, { isHidden: true });
    this.#deletions.ask(id);
    const undo = () => {
      if (!this.#deletions.undo(id)) return;
      this.#collection.change(id, { isHidden: false });
      this.#grid.focus(id);
    };
    this.#toasts.show({ text: 'Deleted.', action: { label: 'Undo', act: undo }, forMs: UNDO_MS });
  }

  async #delete(id: string, isLeaving: boolean): Promise<void> {
    try {
      await this.#api.remove(id, isLeaving);
      this.#collection.remove(id);
      this.#usage.changed();
    } catch (error) {
      this.#collection.change(id, { isHidden: false });
      const again = { label: 'Retry', act: () => void this.#delete(id, false) };
      this.#toasts.show({ text: `Not deleted. ${problemWords(error)}`, action: again });
    }
  }

  async #retry(id: string): Promise<void> {
    const entry = this.#collection.get(id);
    if (!entry) return;
    this.#collection.change(id, { isRetrying: true });
    try {
      const image = await processAgain(this.#api, entry.image);
      if (image) this.#collection.put(image);
      else this.#toasts.show({ text: 'Still trying. Look again later.' });
    } catch (error) {
      this.#tell(error);
    }
    this.#collection.change(id, { isRetrying: false });
  }

  async #describe(id: string, caption: string | null): Promise<void> {
    try {
      this.#collection.put(await this.#api.describe(id, caption));
    } catch (error) {
      this.#tell(error);
    }
  }

  async #download(image: Image): Promise<void> {
    try {
      const fresh = (await this.#api.read(image.imageId))?.value ?? image;
      if (fresh.originalUrl)
        await download(fresh.originalUrl, image.fileName ?? `${image.imageId}.${image.format}`);
    } catch (error) {
      this.#tell(error);
    }
  }

  /**
   * Renews the links of an image, which expire after a quarter of an hour; at most once in ten
   * seconds.
   */
  async #renew(id: string): Promise<void> {
    if (Date.now() - (this.#renewed.get(id) ?? 0) < 10_000) return;
    this.#renewed.set(id, Date.now());
    this.#links.forget(id);
    const answer = await this.#api.read(id).catch(() => undefined);
    if (answer) this.#collection.put(answer.value);
  }

  #tell(error: unknown): void {
    this.#toasts.show({ text: problemWords(error), key: 'problem' });
  }
}

/**
 * Accepts files that are dropped outside the drop zone: the browser would navigate to them
 * otherwise.
 */
function acceptDrops(area: HTMLElement, take: (files: File[]) => void): void {
  const isFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragover', event => {
    if (!isFiles(event)) return;
    event.preventDefault();
    area.classList.add('is-dragged-over');
  });
  document.addEventListener('dragleave', event => {
    if (event.relatedTarget === null) area.classList.remove('is-dragged-over');
  });
  document.addEventListener('drop', event => {
    area.classList.remove('is-dragged-over');
    if (!isFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    take([...(event.dataTransfer?.files ?? [])]);
  });
}
