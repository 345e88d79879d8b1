/** A value whose type differs from the expected one. */
export class ShapeError extends Error {
  override name = 'ShapeError';
}

/** The members of a JSON object, each read with its expected type. */
export class Members {
  readonly #what: string;
  readonly #members: Record<string, unknown>;

  constructor(value: unknown, what: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ShapeError(`${what} is no object`);
    }
    this.#what = what;
    this.#members = value as Record<string, unknown>;
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined;
  }

  value(name: string): unknown {
    return this.#members[name];
  }

  text(name: string): string {
    const value = this.#members[name];
    if (typeof value !== 'string') throw this.#not(name, 'a text');
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  number(name: string): number {
    const value = this.#members[name];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.#not(name, 'a number');
    return value;
  }

  optionalNumber(name: string): number | undefined {
    return this.has(name) ? this.number(name) : undefined;
  }

  /** A flag; an absent one is `false`. */
  flag(name: string): boolean {
    const value = this.#members[name] ?? false;
    if (typeof value !== 'boolean') throw this.#not(name, 'true or false');
    return value;
  }

  /** A list; an absent one is empty. */
  list<Item>(name: string, item: (value: unknown) => Item): Item[] {
    const value = this.#members[name] ?? [];
    if (!Array.isArray(value)) throw this.#not(name, 'a list');
    return value.map(item);
  }

  object(name: string): Members {
    return new Members(this.#members[name], `${this.#what}.${name}`);
  }

  #not(name: string, kind: string): ShapeError {
    return new ShapeError(`${this.#what}.${name} is not ${kind}`);
  }
}
