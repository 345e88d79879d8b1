/** What asking about an image gave. */
export type Answer = 'settled' | 'pending' | 'trouble';

/** How long to leave an image alone after so many fruitless turns, each of which waited with the server. */
const PAUSES_MS = [0, 5_000, 20_000, 60_000, 300_000];
/** A request that waits occupies a connection, of which a browser has six for a server, and a function. */
const LANES = 3;

interface Turn {
  id: string;
  fruitless: number;
  notBefore: number;
}

/** Asks about pending images until each has settled, few at a time and those that take long less and less often. */
export class Watch {
  readonly #ask: (id: string, signal: AbortSignal) => Promise<Answer>;
  readonly #turns = new Map<string, Turn>();
  readonly #busy = new Map<string, AbortController>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isPaused = false;

  constructor(ask: (id: string, signal: AbortSignal) => Promise<Answer>) {
    this.#ask = ask;
  }

  has(id: string): boolean {
    return this.#turns.has(id);
  }

  /** Starts to watch an image; its turn comes at once, even where it was watched before. */
  add(id: string): void {
    this.#turns.set(id, { id, fruitless: 0, notBefore: 0 });
    this.#fill();
  }

  remove(id: string): void {
    this.#turns.delete(id);
    this.#busy.get(id)?.abort();
  }

  /** While nobody looks, or nobody could answer. */
  pause(): void {
    this.#isPaused = true;
    for (const controller of this.#busy.values()) controller.abort();
  }

  /** Goes on, with everybody's turn at once. */
  resume(): void {
    this.#isPaused = false;
    for (const turn of this.#turns.values()) turn.notBefore = 0;
    this.#fill();
  }

  #fill(): void {
    clearTimeout(this.#timer);
    if (this.#isPaused) return;
    const waiting = [...this.#turns.values()].filter(turn => !this.#busy.has(turn.id));
    const now = Date.now();
    for (const turn of waiting.filter(turn => turn.notBefore <= now)) {
      if (this.#busy.size >= LANES) return;
      void this.#take(turn);
    }
    const later = waiting.map(turn => turn.notBefore).filter(time => time > now);
    if (later.length > 0) this.#timer = setTimeout(() => this.#fill(), Math.min(...later) - now);
  }

  async #take(turn: Turn): Promise<void> {
    const controller = new AbortController();
    this.#busy.set(turn.id, controller);
    const answer = await this.#ask(turn.id, controller.signal).catch((): Answer => 'trouble');
    this.#busy.delete(turn.id);
    if (this.#turns.get(turn.id) === turn) {
      if (answer === 'settled') this.#turns.delete(turn.id);
      else if (!controller.signal.aborted) this.#postpone(turn);
    }
    this.#fill();
  }

  #postpone(turn: Turn): void {
    turn.fruitless += 1;
    turn.notBefore = Date.now() + (PAUSES_MS[Math.min(turn.fruitless, PAUSES_MS.length - 1)] ?? 0);
    // To the end of the line, so that one that never settles keeps nobody else waiting.
    this.#turns.delete(turn.id);
    this.#turns.set(turn.id, turn);
  }
}
