/** Lines of equal value on a contour plot. */
import { number } from '../format';
import type { Palette } from '../theme';
import { font } from './canvas';
import { pointOf, type Area, type Look } from './contour-area';
import type { ContourMap } from './contour-map';
import { dataOf, unitOf, type Dimension } from './dimensions';
import { ticks } from './scale';
import type { Pen } from './scene';
import type { Field } from './smooth';
import { isolines } from './squares';

export interface Label {
  readonly at: readonly [x: number, y: number];
  readonly text: string;
}

/** Lines of equal value; returns where what they are is to be written. */
export function lines(pen: Pen, map: ContourMap, field: Field, area: Area, look: Look): Label[] {
  const { colours } = look;
  const [nx, ny] = [field.xs.length, field.ys.length];
  const { near } = field;
  const z = near ? field.z.map((each, at) => (near[at]! > 0.3 ? each : NaN)) : field.z;
  const x = (at: number): number => area.left + along(field.xs, at) * (area.right - area.left);
  const y = (at: number): number => area.bottom + along(field.ys, at) * (area.top - area.bottom);
  const labels: Label[] = [];
  const taken = [look.best, look.baseline].filter(i => i >= 0).map(i => pointOf(map, area, i));
  for (const { at, text } of levels(map.value, z)) {
    const ends = isolines(z, nx, ny, unitOf(map.value, at));
    pen.beginPath();
    for (let p = 0; p < ends.length; p += 4) {
      pen.moveTo(x(ends[p]!), y(ends[p + 1]!));
      pen.lineTo(x(ends[p + 2]!), y(ends[p + 3]!));
    }
    // to be seen on what is dark and on what is light
    [pen.strokeStyle, pen.lineWidth, pen.globalAlpha] = [colours.bg, 2.4, 0.45];
    pen.stroke();
    [pen.strokeStyle, pen.lineWidth, pen.globalAlpha] = [colours.fg, 1, 0.85];
    pen.stroke();
    const free = farthest(ends, x, y, taken, area);
    if (free) {
      taken.push(free);
      labels.push({ at: free, text });
    }
  }
  pen.globalAlpha = 1;
  return labels;
}

export function lineLabels(pen: Pen, labels: readonly Label[], colours: Palette): void {
  pen.font = font(colours, 10);
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  for (const { at: [x, y], text } of labels) {
    const half = pen.measureText(text).width / 2 + 3;
    pen.fillStyle = colours.bg;
    pen.globalAlpha = 0.82;
    pen.fillRect(x - half, y - 7, 2 * half, 14);
    pen.globalAlpha = 1;
    pen.fillStyle = colours.fg;
    pen.fillText(text, x, y);
  }
}

/** Round values of which there are lines: those between the least and the most of the surface. */
function levels(axis: Dimension, z: ArrayLike<number>): { at: number; text: string }[] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < z.length; i += 1) {
    if (!Number.isNaN(z[i]!)) {
      [low, high] = [Math.min(low, z[i]!), Math.max(high, z[i]!)];
    }
  }
  if (!(low < high)) {
    return [];
  }
  const range = { low: dataOf(axis, low), high: dataOf(axis, high) };
  return axis.log ? factors(range) : ticks({ ...range, log: false }, 7);
}

function factors({ low, high }: { low: number; high: number }): { at: number; text: string }[] {
  const heads = high / low > 30 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power < high; power += 1) {
    found.push(...heads.map(head => Number(`${head}e${power}`)));
  }
  return found.filter(at => at > low && at < high).map(at => ({ at, text: number(at, 2) }));
}

/** A place between those of a grid, the outer ones of which stand for the rest up to the edge. */
function along(grid: Float64Array, at: number): number {
  const last = grid.length - 1;
  const low = Math.min(Math.floor(at), last);
  const next = Math.min(low + 1, last);
  const place = (i: number): number => (i === 0 ? 0 : i === last ? 1 : grid[i]!);
  return place(low) + (place(next) - place(low)) * (at - low);
}

/** A place on a line for its label, as far as can be from other things; null: there is none. */
function farthest(
  ends: readonly number[],
  x: (at: number) => number,
  y: (at: number) => number,
  taken: readonly (readonly [number, number])[],
  area: Area
): [number, number] | null {
  let found: [number, number] | null = null;
  let most = 30; // px from the next label
  const middle = (area.left + area.right) / 2;
  for (let p = 0; p < ends.length; p += 4) {
    const at: [number, number] = [x(ends[p]!), y(ends[p + 1]!)];
    const across = Math.min(at[0] - area.left, area.right - at[0]) - 10;
    if (Math.min(across, at[1] - area.top, area.bottom - at[1]) < 10) {
      continue;
    }
    const others = taken.map(other => Math.hypot(at[0] - other[0], (at[1] - other[1]) * 2));
    const distance = Math.min(200, ...others) - Math.abs(at[0] - middle) / 20;
    if (distance > most) {
      [found, most] = [at, distance];
    }
  }
  return found;
}
