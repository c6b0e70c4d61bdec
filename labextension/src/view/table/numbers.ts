/** Numbers that users write, and where many numbers are. */

/** The number of a text; undefined: it is empty; null: it is no number. */
export function parsed(text: string): number | undefined | null {
  const plain = text.trim().replaceAll('−', '-');
  if (plain === '') {
    return undefined;
  }
  // as Python writes it, and not 0x10 or Infinity
  const x = /^[+-]?[\d_.]+(e[+-]?\d+)?$/i.test(plain) ? Number(plain.replaceAll('_', '')) : NaN;
  return Number.isFinite(x) ? x : null;
}

export interface Bins {
  low: number;
  high: number;
  counts: number[];
  /** one more than there are counts */
  edges: number[];
}

const COUNT = 28;
const DECADES = 2.5; // positive values over more than that are counted on a log scale

/** How many of the finite values there are where; null if there are none. */
export function bins(values: readonly number[]): Bins | null {
  let [low, high] = [Infinity, -Infinity];
  for (const x of values) {
    if (Number.isFinite(x)) {
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
  }
  if (low > high) {
    return null;
  }
  const log = low > 0 && Math.log10(high / low) > DECADES;
  const to = (x: number): number => (log ? Math.log(x) : x / 2); // halves do not overflow
  const back = (x: number): number => (log ? Math.exp(x) : x * 2);
  const start = to(low);
  const wide = (to(high) - start) / COUNT || 1;
  const counts = new Array<number>(COUNT).fill(0);
  for (const x of values) {
    if (Number.isFinite(x)) {
      const place = Math.min(Math.floor((to(x) - start) / wide), COUNT - 1);
      counts[place] = counts[place]! + 1;
    }
  }
  const edges = Array.from({ length: COUNT + 1 }, (_, i) => back(start + wide * i));
  return { low, high, counts, edges };
}
