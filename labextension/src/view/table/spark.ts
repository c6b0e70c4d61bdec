/** A trial's reports as a small line, on a scale of its own; as `jupyter_hpo/view/table.py`. */
import type { Trial } from '../data/study';
import { count, number } from '../format';

export const SPARK_WIDTH = 56;
export const SPARK_HEIGHT = 18;
const POINTS = 35; // drawn at most, besides the first
const SIDE = 2; // px, room for the dot at the end
const TOP = 3;

export interface Spark {
  /** for a polyline */
  points: string;
  /** where the last report is */
  end: [x: number, y: number];
}

/** Indices of the finite ones of at most 36 values, the first and the last among them. */
export function thinned(values: readonly number[]): number[] {
  const stride = Math.max(Math.ceil(values.length / POINTS), 1);
  const some: number[] = [];
  for (let i = values.length - 1; i > 0; i -= stride) {
    some.push(i);
  }
  some.push(0);
  return some.reverse().filter(i => Number.isFinite(values[i]));
}

/** Null if there is nothing to draw. */
export function spark(steps: readonly number[], values: readonly number[]): Spark | null {
  const some = values.length > 0 ? thinned(values) : [];
  if (some.length === 0) {
    return null;
  }
  let [low, high] = [Infinity, -Infinity];
  for (const i of some) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const first = steps[some[0]!]!;
  const span = steps[some.at(-1)!]! - first || 1;
  const half = high / 2 - low / 2 || 1; // halves, or the largest floats would overflow
  const places = some.map((i): [number, number] => {
    const x = SIDE + ((SPARK_WIDTH - 2 * SIDE) * (steps[i]! - first)) / span;
    const share = (values[i]! / 2 - low / 2) / half;
    return [rounded(x), rounded(SPARK_HEIGHT - TOP - (SPARK_HEIGHT - 2 * TOP) * share)];
  });
  return { points: places.map(place => place.join()).join(' '), end: places.at(-1)! };
}

/** "9 reports, the first 0.91, the last 0.12"; "" if there are none. */
export function sparkLabel({ curve, k }: Trial): string {
  if (curve.length === 0) {
    return '';
  }
  const told = count(k ?? curve.length, 'report');
  return `${told}, the first ${number(curve[0]!)}, the last ${number(curve.at(-1)!)}`;
}

function rounded(x: number): number {
  return Math.round(x * 10) / 10;
}
