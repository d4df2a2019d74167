/** The latest `capacity` numbers; an older one goes for every newer one that comes. */
export class RollingWindow {
  readonly #values: Float64Array;
  #added = 0;

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity);
  }

  get size(): number {
    return Math.min(this.#added, this.#values.length);
  }

  add(value: number): void {
    this.#values[this.#added % this.#values.length] = value;
    this.#added++;
  }

  /** A copy, in no particular order. */
  values(): Float64Array {
    return this.#values.slice(0, this.size);
  }
}
