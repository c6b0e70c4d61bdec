/** Lines across parallel axes: where they run, in which order, and which one is at the pointer. */
import { scaler, type Dimension } from './dimensions';

/** Where axes stand, px. */
export interface Frame {
  readonly xs: readonly number[];
  readonly top: number;
  readonly bottom: number;
  /** where lines go whose trial has nothing on an axis */
  readonly notch: number;
}

const SPREAD = 0.64; // of a band: lines through one choice side by side show how many there are

/** A place in [0, 1) for a trial, the same each time; another one for another `salt`. */
export function scatter(n: number, salt = 0): number {
  // the mixing of MurmurHash3 (A. Appleby): neighbours come to lie far apart
  let hash = Math.imul(n + 1 + salt * 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4294967296;
}

/** The y of each trial on each axis, trial by trial. */
export function placed(
  axes: readonly Dimension[],
  held: readonly ArrayLike<number>[],
  numbers: ArrayLike<number>,
  { top, bottom, notch }: Frame
): Float32Array {
  const [count, stride] = [numbers.length, axes.length];
  const ys = new Float32Array(count * stride);
  axes.forEach((axis, k) => {
    const values = held[k]!;
    const unitAt = scaler(axis);
    const band = axis.choices ? SPREAD / axis.choices.length : 0;
    for (let i = 0; i < count; i += 1) {
      let unit = unitAt(values[i]!);
      if (band > 0) {
        unit += (scatter(numbers[i]!) - 0.5) * band;
      }
      ys[i * stride + k] = Number.isNaN(unit) ? notch : bottom + (top - bottom) * unit;
    }
  });
  return ys;
}

/** Trials from the best to the worst, by `levels` of goodness in [0, 1]; without NaN. */
export function ranked(good: ArrayLike<number>, levels = 256): Int32Array {
  const counts = new Int32Array(levels + 1);
  const level = (i: number): number => Math.round((1 - good[i]!) * (levels - 1));
  let some = 0;
  for (let i = 0; i < good.length; i += 1) {
    if (!Number.isNaN(good[i]!)) {
      counts[level(i) + 1]! += 1;
      some += 1;
    }
  }
  for (let l = 1; l <= levels; l += 1) {
    counts[l]! += counts[l - 1]!;
  }
  const order = new Int32Array(some);
  for (let i = 0; i < good.length; i += 1) {
    if (!Number.isNaN(good[i]!)) {
      order[counts[level(i)]!++] = i;
    }
  }
  return order;
}

/** Which of the candidates' lines passes nearest to a point, no farther than `reach`; -1: none. */
export function nearestLine(
  ys: Float32Array,
  { xs }: Frame,
  candidates: ArrayLike<number>,
  x: number,
  y: number,
  reach: number
): number {
  const stride = xs.length;
  let k = 0;
  while (k < stride - 2 && x > xs[k + 1]!) {
    k += 1;
  }
  const [left, right] = [xs[k]!, xs[k + 1]!];
  if (!(x >= left - reach && x <= right + reach)) {
    return -1;
  }
  const share = Math.min(Math.max((x - left) / (right - left), 0), 1);
  let [found, least] = [-1, reach];
  for (let c = 0; c < candidates.length; c += 1) {
    const at = candidates[c]! * stride + k;
    const rise = ys[at + 1]! - ys[at]!;
    const off = Math.abs(ys[at]! + rise * share - y);
    const distance = off / Math.hypot(1, rise / (right - left));
    if (distance < least) {
      [found, least] = [candidates[c]!, distance];
    }
  }
  return found;
}

/** The names in the order that the user has given them; new ones come last. */
export function arranged(names: readonly string[], wanted: readonly string[]): string[] {
  const kept = wanted.filter(name => names.includes(name));
  return [...kept, ...names.filter(name => !kept.includes(name))];
}

/** The names with one of them moved to another place. */
export function moved(names: readonly string[], from: number, to: number): string[] {
  const others = names.filter((_, i) => i !== from);
  const place = Math.min(Math.max(to, 0), others.length);
  return [...others.slice(0, place), names[from]!, ...others.slice(place)];
}
