/** Ranges on axes, drawn with the pointer or set with keys; kept in data units by column id. */
import { inRange, OPEN, type Range } from '../table/filter';
import { bandOf, dataOf, unitOf, type Dimension } from './dimensions';

export type Brushes = Readonly<Record<string, [number, number]>>;

/** What is taken hold of: an end, the whole range, or nothing yet. */
export type Grip = 'low' | 'high' | 'all' | 'new';

export interface Press {
  readonly grip: Grip;
  /** where the pointer went down, and the range there was, as places on the axis */
  readonly from: number;
  readonly range: readonly [number, number] | null;
}

const EDGE = 1e-9;
const STEPS = 50; // of an arrow key along an axis of numbers

export function unitsOf(axis: Dimension, range: Range): [number, number] {
  return [unitOf(axis, range[0]), unitOf(axis, range[1])];
}

/** What the pointer takes hold of at a place; `slack`: how near an end is near enough. */
export function press(axis: Dimension, range: Range | undefined, at: number, slack: number): Press {
  if (!range) {
    return { grip: 'new', from: at, range: null };
  }
  const [low, high] = unitsOf(axis, range);
  const [toLow, toHigh] = [Math.abs(at - low), Math.abs(at - high)];
  const near = Math.min(toLow, toHigh) <= slack;
  const inside = at > low && at < high;
  // of a range too short for three grips, the ends are reached from outside
  const atEnd = near && !(inside && high - low < 3 * slack);
  const grip = atEnd ? (toLow < toHigh ? 'low' : 'high') : inside ? 'all' : 'new';
  return { grip, from: at, range: [low, high] };
}

/** The range, now that the pointer is at `at`. */
export function dragged(axis: Dimension, held: Press, at: number): [number, number] {
  const { grip, from, range } = held;
  const [low, high] = range ?? [from, from];
  const to = Math.min(Math.max(at, 0), 1);
  switch (grip) {
    case 'low':
      return ranged(axis, to, high);
    case 'high':
      return ranged(axis, low, to);
    case 'new':
      return ranged(axis, from, to);
    case 'all': {
      const bands = axis.choices?.length ?? 0;
      const moved = bands ? Math.round((at - from) * bands) / bands : at - from;
      const by = Math.min(Math.max(moved, -low), 1 - high);
      return ranged(axis, low + by, high + by);
    }
  }
}

/** A range between two places in either order: whole bands of choices. */
export function ranged(axis: Dimension, a: number, b: number): [number, number] {
  const [low, high] = a < b ? [a, b] : [b, a];
  if (axis.choices) {
    const first = bandOf(axis, low + EDGE);
    return [first - 0.5, Math.max(bandOf(axis, high - EDGE), first) + 0.5];
  }
  return [low <= 0 ? -OPEN : tidy(dataOf(axis, low)), high >= 1 ? OPEN : tidy(dataOf(axis, high))];
}

/** As many digits as a pointer can mean. */
function tidy(x: number): number {
  return Number(x.toPrecision(4));
}

/** One end of a range moved by so many steps of an arrow key. */
export function nudged(
  axis: Dimension,
  range: Range | undefined,
  end: 0 | 1,
  steps: number
): [number, number] {
  const units = range ? unitsOf(axis, range) : ([0, 1] as [number, number]);
  const step = 1 / (axis.choices?.length ?? STEPS);
  const moved = Math.min(Math.max(units[end] + steps * step, 0), 1);
  const gap = axis.choices ? step : 0;
  units[end] = end === 0 ? Math.min(moved, units[1] - gap) : Math.max(moved, units[0] + gap);
  return ranged(axis, ...units);
}

/** Steps that a key means; null: none. */
export function stepsOf(key: string): number | null {
  const steps: Record<string, number> = {
    ArrowUp: 1,
    ArrowDown: -1,
    PageUp: 10,
    PageDown: -10,
    Home: -Infinity,
    End: Infinity
  };
  return steps[key] ?? null;
}

/** Which trials are inside all ranges, 1 or 0; what is not active is in none. */
export function inside(
  held: readonly { id: string; values: ArrayLike<number> }[],
  brushes: Brushes,
  count: number
): Uint8Array {
  const mask = new Uint8Array(count).fill(1);
  for (const { id, values } of held) {
    const range = brushes[id];
    if (range) {
      for (let i = 0; i < count; i += 1) {
        if (!inRange(values[i]!, range)) {
          mask[i] = 0;
        }
      }
    }
  }
  return mask;
}

/** With another range of one column, or without one. */
export function withRange(
  brushes: Brushes,
  id: string,
  range: [number, number] | null
): Record<string, [number, number]> {
  const { [id]: _, ...others } = brushes;
  return range ? { ...others, [id]: range } : others;
}
