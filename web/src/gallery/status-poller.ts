/**
 * The result of one request for the status of an image. The API says how long to leave it alone
 * while it is pending, and answers at once where too many requests wait.
 */
export type Answer = 'settled' | 'trouble' | { pendingForMs: number };

/**
 * The pause after a number of requests that found the image pending; most of them waited on the
 * server, for five seconds.
 */
const PAUSES_MS = [0, 1_000, 2_000, 5_000, 20_000, 60_000, 300_000];
/**
 * The most concurrent requests. Each occupies a function and one of the browser's six connections
 * to a server.
 */
const MAX_PARALLEL_CHECKS = 3;

interface Turn {
  id: string;
  fruitless: number;
  notBefore: number;
}

/**
 * Polls pending images until each is ready or failed, with few concurrent requests and increasing
 * pauses.
 */
export class StatusPoller {
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

  /** Starts to poll an image, at once, even if it was polled before. */
  add(id: string): void {
    this.#turns.set(id, { id, fruitless: 0, notBefore: 0 });
    this.#fill();
  }

  remove(id: string): void {
    this.#turns.delete(id);
    this.#busy.get(id)?.abort();
  }

  /** Aborts all requests, while the page is hidden or offline. */
  pause(): void {
    this.#isPaused = true;
    for (const controller of this.#busy.values()) controller.abort();
  }

  /** Resumes polling; every image is due at once. */
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
      if (this.#busy.size >= MAX_PARALLEL_CHECKS) return;
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
      else if (!controller.signal.aborted) this.#postpone(turn, answer);
    }
    this.#fill();
  }

  #postpone(turn: Turn, answer: Answer): void {
    turn.fruitless += 1;
    const pause = PAUSES_MS[Math.min(turn.fruitless, PAUSES_MS.length - 1)] ?? 0;
    const asked = typeof answer === 'object' ? answer.pendingForMs : 0;
    turn.notBefore = Date.now() + Math.max(pause, asked);
    // Moved to the end of the queue, so that an image that stays pending does not block the others.
    this.#turns.delete(turn.id);
    this.#turns.set(turn.id, turn);
  }
}
