/** What the optimizer's model expects along one hyperparameter, all else as in the best trial. */
import type { Signal } from '@preact/signals';
import type { View } from '../context';
import type { Column, Study } from '../data/study';
import { number, real } from '../format';
import type { Ask, Line } from '../protocol';
import type { Palette } from '../theme';
import { known } from './asked';
import type { Area, Key, Pen } from './scene';
import { standOf, type Stand } from './slice-stand';

const POINTS = 64; // along a line, at most
const BAND = 0.16; // opacity
const [HALF, WIDEST] = [0.34, 22]; // of a mark: share of the way to the next one, and px
const CAP = 0.25; // of a mark: the ends of its error bar

/** Mean and standard deviation at a place of the axis. */
export interface Expected {
  readonly at: number;
  readonly mean: number;
  readonly std: number;
}

export interface Course {
  /** from the low end of the axis to the high one */
  readonly points: readonly Expected[];
  /** whether there is nothing between them, as between choices */
  readonly apart: boolean;
}

export const EXPECTS =
  'What the optimizer’s model expects along each hyperparameter, all else as in the best trial: ' +
  'its mean, and one standard deviation up and down.';

/** What is asked of the optimizer; null if several parameters share the column. */
export function lineOf({ params }: Column): Ask | null {
  const [param, other] = params;
  return param && !other ? { what: 'model', x: param.key, points: POINTS } : null;
}

export function courseOf(line: Line | null, column: Column, stand: Stand): Course | null {
  const { x = [], mean = [], std = [] } = line ?? {};
  const points = x
    .map((held, i) => ({ at: stand.at(held), mean: real(mean[i]), std: real(std[i]) || 0 }))
    .filter(({ at, mean }) => Number.isFinite(at) && Number.isFinite(mean))
    .sort((a, b) => a.at - b.at);
  const apart = stand.bands.length > 0 || column.params.some(({ choices }) => choices);
  return points.length > 0 ? { points, apart } : null;
}

/** Whether the user wants to see it. */
export function wantedOf({ ui }: Pick<View, 'ui'>): Signal<boolean> {
  return ui.remember('slice.model', true);
}

/** The model along a column, as far as the page knows and shows it. */
export function lineNow(view: View, column: Column): Line | null {
  const ask = lineOf(column);
  if (!ask || !view.asker.live || !wantedOf(view).value) {
    return null;
  }
  const { data } = known<Line>(view.asker, ask).value;
  return data?.none === '' ? data : null;
}

/** Whether the model says something along any of them. */
export function isModelled(view: View, columns: readonly Column[]): boolean {
  // all are looked at: each that comes to be known is news
  return columns.map(column => lineNow(view, column)).some(line => line !== null);
}

/** One standard deviation about the mean. */
export function drawSpread(pen: Pen, area: Area, { points, apart }: Course, { fg }: Palette): void {
  pen.fillStyle = fg;
  pen.globalAlpha = BAND;
  if (apart) {
    marksOf(area, points).forEach(({ x, half, low, high }) =>
      pen.fillRect(x - half, high, 2 * half, low - high)
    );
  } else {
    const edge = (side: 1 | -1): Place[] =>
      points.map(({ at, mean, std }) => [area.x(at), area.y(mean + side * std)]);
    trace(pen, [...edge(1), ...edge(-1).reverse()]);
    pen.closePath();
    pen.fill();
  }
  pen.globalAlpha = 1;
}

export function drawMean(pen: Pen, area: Area, { points, apart }: Course, { fg }: Palette): void {
  pen.save();
  pen.strokeStyle = fg;
  pen.lineJoin = 'round';
  if (apart) {
    marksOf(area, points).forEach(mark => errorBar(pen, mark));
  } else {
    stroke(pen, 1.5, points.map(({ at, mean }) => [area.x(at), area.y(mean)]));
  }
  pen.restore();
}

type Mark = Readonly<Record<'x' | 'y' | 'half' | 'low' | 'high', number>>;

function errorBar(pen: Pen, { x, y, half, low, high }: Mark): void {
  const cap = half * CAP;
  stroke(pen, 1, [[x, low], [x, high]]);
  [low, high].forEach(end => stroke(pen, 1, [[x - cap, end], [x + cap, end]]));
  stroke(pen, 2.5, [[x - half, y], [x + half, y]]);
}

/** Where the marks of choices are, px; none reaches the next. */
function marksOf(area: Area, points: readonly Expected[]): Mark[] {
  const xs = points.map(({ at }) => area.x(at));
  const gaps = xs.slice(1).map((x, i) => x - xs[i]!);
  const half = Math.min(HALF * Math.min(...gaps), WIDEST);
  return points.map(({ mean, std }, i) => ({
    ...{ x: xs[i]!, half },
    ...{ y: area.y(mean), low: area.y(mean - std), high: area.y(mean + std) }
  }));
}

type Place = readonly [x: number, y: number];

function trace(pen: Pen, [first, ...others]: readonly Place[]): void {
  pen.beginPath();
  pen.moveTo(...first!);
  others.forEach(place => pen.lineTo(...place));
}

function stroke(pen: Pen, width: number, places: readonly Place[]): void {
  pen.lineWidth = width;
  trace(pen, places);
  pen.stroke();
}

export function modelKey({ fg }: Palette, text: string): Key {
  return {
    text,
    mark: (pen, x, y) => {
      [pen.fillStyle, pen.strokeStyle] = [fg, fg];
      pen.globalAlpha = BAND;
      pen.fillRect(x - 8, y - 5, 16, 10);
      pen.globalAlpha = 1;
      stroke(pen, 1.5, [[x - 8, y], [x + 8, y]]);
    }
  };
}

/** The best of what the model expects along each hyperparameter; "" if it says nothing. */
export function modelTold(study: Study, view: View): string {
  const { complete } = study.glance.value;
  const { maximize } = study.info.value;
  const told = study.columns.value.flatMap(column => {
    const stand = standOf(column, complete);
    const course = courseOf(lineNow(view, column), column, stand);
    return course ? [`${column.name} ${bestOf(course, stand, maximize)}`] : [];
  });
  return told.length === 0
    ? ''
    : ' The optimizer’s model, all else as in the best trial, expects the ' +
        `${maximize ? 'most' : 'least'} at ${told.join(', ')}.`;
}

export function bestOf({ points }: Course, stand: Stand, maximize: boolean): string {
  const sign = maximize ? -1 : 1;
  const { at, mean, std } = points.reduce((a, b) => (sign * b.mean < sign * a.mean ? b : a));
  return `${stand.bands[at] ?? number(at, 3)} (${number(mean, 3)} ± ${number(std, 2)})`;
}
