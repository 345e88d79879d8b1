import { h } from '../view/element';
import type { Entry } from './collection';
import { byAge } from './merge';
import { Tile, type TileActions } from './tile';

/** The number of eagerly loaded tiles: two rows of a small screen. */
const SEEN_AT_ONCE = 4;

/** The images in rows, newest first. A tile stays the same element while its image is shown. */
export class Grid {
  readonly element = h('ul', { class: 'grid', 'aria-label': 'Pictures' });
  readonly #tiles = new Map<string, Tile>();
  readonly #actions: TileActions;

  constructor(actions: TileActions) {
    this.#actions = actions;
  }

  get isEmpty(): boolean {
    return this.#tiles.size === 0;
  }

  update(id: string, entry: Entry | undefined): void {
    if (!entry) this.#take(id);
    else (this.#tiles.get(id) ?? this.#place(id)).update(entry);
  }

  focus(id: string): void {
    this.#tiles.get(id)?.focus();
  }

  #place(id: string): Tile {
    const tile = new Tile(id, this.#actions, this.#tiles.size < SEEN_AT_ONCE);
    this.#tiles.set(id, tile);
    const after = [...this.element.children].find(one => byAge(id, one.getAttribute('data-id') ?? '') < 0);
    this.element.insertBefore(tile.element, after ?? null);
    return tile;
  }

  #take(id: string): void {
    const tile = this.#tiles.get(id);
    if (!tile) return;
    const hadFocus = tile.element.contains(document.activeElement);
    const neighbour = tile.element.nextElementSibling ?? tile.element.previousElementSibling;
    tile.element.remove();
    this.#tiles.delete(id);
    // After a deletion by keyboard, the focus moves to the next image.
    if (hadFocus && neighbour) this.focus(neighbour.getAttribute('data-id') ?? '');
  }
}
