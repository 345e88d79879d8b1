/** How long a deletion can be undone. */
export const UNDO_MS = 7_000;

/** Deletions that are asked for and not sent yet, which is what makes them easy to undo. */
export class Deletions {
  readonly #send: (id: string, isLeaving: boolean) => void;
  readonly #waiting = new Map<string, ReturnType<typeof setTimeout>>();

  /** `send` carries a deletion out; `isLeaving` when the page goes away at this moment. */
  constructor(send: (id: string, isLeaving: boolean) => void) {
    this.#send = send;
  }

  ask(id: string): void {
    if (this.#waiting.has(id)) return;
    this.#waiting.set(
      id,
      setTimeout(() => {
        this.#waiting.delete(id);
        this.#send(id, false);
      }, UNDO_MS),
    );
  }

  /** Whether it came in time. */
  undo(id: string): boolean {
    clearTimeout(this.#waiting.get(id));
    return this.#waiting.delete(id);
  }

  /** Sends what waits, because the page goes away. */
  flush(): void {
    for (const [id, timer] of this.#waiting) {
      clearTimeout(timer);
      this.#send(id, true);
    }
    this.#waiting.clear();
  }
}
