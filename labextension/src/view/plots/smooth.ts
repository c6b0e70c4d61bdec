/** A surface over two hyperparameters from the trials there are, or from a model. */
import { bandOf, scaler, unitOf, type Dimension } from './dimensions';
import { real } from '../format';
import type { Model, Scalar } from '../protocol';

/** Values on a grid over the unit square, row by row from the low end of y. */
export interface Field {
  /** where the columns and the rows are */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** the values as places on their axis, in [0, 1] */
  readonly z: Float32Array;
  /** how many trials are near; null: what is known does not depend on that */
  readonly near: Float32Array | null;
}

/** What is smoothed: where trials are in the unit square, and their values in [0, 1]. */
export interface Samples {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly z: ArrayLike<number>;
}

const CELLS = 64; // along an axis of numbers
const [NARROWEST, WIDEST] = [0.035, 0.15]; // of the kernel, as a share of the axis
const SPREAD = 0.29; // standard deviation of what is spread evenly over an axis
const NONE = 1e-6; // of a trial: too far to say anything

/** Width of the kernel for so many trials in two dimensions (Scott's rule). */
export function bandwidth(count: number): number {
  return Math.min(Math.max(SPREAD * Math.max(count, 1) ** (-1 / 6), NARROWEST), WIDEST);
}

/**
 * The mean of the trials near each place, weighted by a Gaussian of their distance (Nadaraya and
 * Watson). Trials are put into the cells of a grid first, so that many take no longer than few. No
 * mean goes across choices: `bands` is how many there are along x and y, 0 for numbers.
 */
export function smooth({ x, y, z }: Samples, bands: readonly [number, number]): Field {
  const [nx, ny] = bands.map(count => count || CELLS) as [number, number];
  let [sum, near] = [new Float32Array(nx * ny), new Float32Array(nx * ny)];
  let count = 0;
  for (let i = 0; i < z.length; i += 1) {
    const at = cell(y[i]!, ny) * nx + cell(x[i]!, nx);
    if (!Number.isNaN(at) && !Number.isNaN(z[i]!)) {
      sum[at]! += z[i]!;
      near[at]! += 1;
      count += 1;
    }
  }
  const width = bandwidth(count);
  if (bands[0] === 0) {
    [sum, near] = [sum, near].map(each => blur(each, nx, ny, width * nx)) as [Cells, Cells];
  }
  if (bands[1] === 0) {
    const across = (each: Cells): Cells =>
      turned(blur(turned(each, nx, ny), ny, nx, width * ny), ny, nx);
    [sum, near] = [across(sum), across(near)];
  }
  const mean = sum.map((total, at) => (near[at]! > NONE ? total / near[at]! : NaN));
  return { xs: centres(nx), ys: centres(ny), z: mean, near };
}

type Cells = Float32Array<ArrayBuffer>;

function cell(unit: number, count: number): number {
  return Math.min(Math.max(Math.floor(unit * count), 0), count - 1);
}

function centres(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => (i + 0.5) / count);
}

/** Along the rows, by a Gaussian that is 1 in its middle; `width` in cells. */
function blur(cells: Cells, nx: number, ny: number, width: number): Cells {
  const reach = Math.ceil(3.5 * width);
  const gaussian = (d: number): number => Math.exp(-0.5 * (d / width) ** 2);
  const kernel = Float32Array.from({ length: reach + 1 }, (_, d) => gaussian(d));
  const out = new Float32Array(cells.length);
  for (let row = 0; row < ny * nx; row += nx) {
    for (let from = 0; from < nx; from += 1) {
      const weight = cells[row + from]!;
      if (weight !== 0) {
        for (let to = Math.max(from - reach, 0); to <= Math.min(from + reach, nx - 1); to += 1) {
          out[row + to]! += weight * kernel[Math.abs(to - from)]!;
        }
      }
    }
  }
  return out;
}

function turned(cells: Cells, nx: number, ny: number): Cells {
  const out = new Float32Array(cells.length);
  for (let j = 0; j < ny; j += 1) {
    for (let i = 0; i < nx; i += 1) {
      out[i * ny + j] = cells[j * nx + i]!;
    }
  }
  return out;
}

/** What a model says of a place: its mean, its standard deviation, how soon that place is tried. */
export type Said = 'mean' | 'std' | 'acquisition';

/** A surface of a model's on an axis `value`. */
export function modelled(
  model: Model,
  of: Said,
  [x, y, value]: readonly [Dimension, Dimension, Dimension]
): Field | null {
  const rows = model[of];
  if (!model.x || !model.y || !rows || rows.length === 0) {
    return null;
  }
  const unit = scaler(value);
  const z = Float32Array.from(rows.flat(), each => unit(real(each)));
  return { xs: places(x, model.x), ys: places(y, model.y), z, near: null };
}

/** Where the grid of a model is; a choice goes by its label. */
function places(axis: Dimension, values: readonly Scalar[]): Float64Array {
  return Float64Array.from(values, value => {
    const at = axis.choices ? axis.choices.indexOf(value) : Number(value);
    return unitOf(axis, at);
  });
}

/** For each of `count` places along an axis, between which two of the grid it is, and where. */
export function between(
  grid: Float64Array,
  count: number,
  axis: Dimension
): { low: Int32Array; share: Float32Array } {
  const [low, share] = [new Int32Array(count), new Float32Array(count)];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    const unit = (i + 0.5) / count;
    if (axis.choices) {
      low[i] = nearestOf(grid, (bandOf(axis, unit) + 0.5) / axis.choices.length);
      continue;
    }
    while (at < grid.length - 2 && unit > grid[at + 1]!) {
      at += 1;
    }
    const width = (grid[at + 1] ?? grid[at]!) - grid[at]!;
    low[i] = at;
    share[i] = width > 0 ? Math.min(Math.max((unit - grid[at]!) / width, 0), 1) : 0;
  }
  return { low, share };
}

function nearestOf(grid: Float64Array, unit: number): number {
  let found = 0;
  grid.forEach((each, i) => {
    if (Math.abs(each - unit) < Math.abs(grid[found]! - unit)) {
      found = i;
    }
  });
  return found;
}

/** How sure one can be of a mean with so many trials near, from 0 to 1. */
export function trust(near: number): number {
  const t = Math.min(Math.max((near - 0.08) / 0.5, 0), 1);
  return t * t * (3 - 2 * t);
}
