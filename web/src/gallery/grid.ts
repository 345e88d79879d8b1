import type { Order } from '../api/image';
import { h } from '../view/element';
import type { Entry } from './collection';
import { latestFirst } from './merge';
import { position } from './position';
import { Tile, type TileActions } from './tile';

/** The number of eagerly loaded tiles: two rows of a small screen. */
const SEEN_AT_ONCE = 4;

/** The images in rows. A tile stays the same element while its image is shown. */
export class Grid {
  readonly element = h('ul', { class: 'grid', 'aria-label': 'Pictures' });
  readonly #tiles = new Map<string, Tile>();
  readonly #places = new Map<Element, string>();
  readonly #actions: TileActions;

  constructor(actions: TileActions) {
    this.#actions = actions;
  }

  get isEmpty(): boolean {
    return this.#tiles.size === 0;
  }

  update(id: string, entry: Entry | undefined, order: Order): void {
    if (!entry) {
      this.#take(id);
      return;
    }
    const tile = this.#tiles.get(id) ?? this.#create(id);
    this.#place(tile, position(entry.image, order));
    tile.update(entry);
  }

  focus(id: string): void {
    this.#tiles.get(id)?.focus();
  }

  #create(id: string): Tile {
    const tile = new Tile(id, this.#actions, this.#tiles.size < SEEN_AT_ONCE);
    this.#tiles.set(id, tile);
    return tile;
  }

  /** Moves a tile to its place, unless it is there: a move would take the focus away. */
  #place({ element }: Tile, place: string): void {
    if (this.#places.get(element) === place) return;
    this.#places.set(element, place);
    const isBehind = (other: Element) => latestFirst(place, this.#places.get(other) ?? '') < 0;
    const after = [...this.element.children].find(other => other !== element && isBehind(other));
    this.element.insertBefore(element, after ?? null);
  }

  #take(id: string): void {
    const tile = this.#tiles.get(id);
    if (!tile) return;
    const hadFocus = tile.element.contains(document.activeElement);
    const neighbour = tile.element.nextElementSibling ?? tile.element.previousElementSibling;
    tile.element.remove();
    this.#places.delete(tile.element);
    this.#tiles.delete(id);
    // After a deletion by keyboard, the focus moves to the next image.
    if (hadFocus && neighbour) this.focus(neighbour.getAttribute('data-id') ?? '');
  }
}
