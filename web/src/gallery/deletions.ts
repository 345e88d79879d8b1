/** The time in which a deletion can be undone. */
export const UNDO_MS = 7_000;

/** Deletions that the user requested and that are not sent yet, so that they can be undone. */
export class Deletions {
  readonly #send: (id: string, isLeaving: boolean) => void;
  readonly #waiting = new Map<string, ReturnType<typeof setTimeout>>();

  /** `send` sends a deletion; `isLeaving` is true while the page is unloaded. */
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

  /** Cancels a deletion; `false` if it was sent already. */
  undo(id: string): boolean {
    clearTimeout(this.#waiting.get(id));
    return this.#waiting.delete(id);
  }

  /** Sends all pending deletions when the page is unloaded. */
  flush(): void {
    for (const [id, timer] of this.#waiting) {
      clearTimeout(timer);
      this.#send(id, true);
    }
    this.#waiting.clear();
  }
}
