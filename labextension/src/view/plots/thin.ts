/** Leaves out what would be drawn where something is drawn already. */

export class Sieve {
  private readonly taken: Uint8Array;
  private readonly across: number;
  private readonly down: number;

  /** For a place of so many px, with cells of `cell` px that one mark each fits in. */
  constructor(
    private readonly left: number,
    private readonly top: number,
    width: number,
    height: number,
    private readonly cell = 1
  ) {
    this.across = Math.max(Math.ceil(width / cell) + 1, 1);
    this.down = Math.max(Math.ceil(height / cell) + 1, 1);
    this.taken = new Uint8Array(this.across * this.down);
  }

  /** Whether a mark at x, y is the first of its cell; false outside the place, too. */
  lets(x: number, y: number): boolean {
    const column = Math.floor((x - this.left) / this.cell);
    const row = Math.floor((y - this.top) / this.cell);
    if (!(column >= 0 && row >= 0 && column < this.across && row < this.down)) {
      return false;
    }
    const at = row * this.across + column;
    if (this.taken[at] === 1) {
      return false;
    }
    this.taken[at] = 1;
    return true;
  }
}

/** Places of marks that a sieve lets through, as x, y, x, y... */
export class Places {
  count = 0;
  private held: Float32Array;

  constructor(room: number) {
    this.held = new Float32Array(2 * Math.max(room, 1));
  }

  get at(): Float32Array {
    return this.held;
  }

  add(x: number, y: number): void {
    if (2 * this.count >= this.held.length) {
      const more = new Float32Array(2 * this.held.length);
      more.set(this.held);
      this.held = more;
    }
    this.held[2 * this.count] = x;
    this.held[2 * this.count + 1] = y;
    this.count += 1;
  }
}
