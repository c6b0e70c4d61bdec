/** The objective by one hyperparameter. */
import { valueOf, type Column, type Study, type Trial } from '../data/study';
import type { Ui } from '../data/ui';
import { value as told } from '../format';
import type { Scalar } from '../protocol';
import { dashed, dot, dots, ring, triangle } from './marks';
import { nearest } from './near';
import { logSwitch, wantedRange } from './objective';
import { widened, type Range } from './scale';
import type { Area, Axis, Pen, Scene } from './scene';
import { Places, Sieve } from './thin';

export const AGES = 6; // shades from the oldest to the latest trials
const EDGE = 6;
const OTHER = 'other numbers';

/** Where values of a hyperparameter stand: on a scale, or one band for each choice. */
export interface Stand {
  readonly range: Range;
  /** names of the bands; none: a scale */
  readonly bands: readonly string[];
  /** NaN: nowhere */
  readonly at: (held: Scalar | undefined) => number;
}

export function standOf(column: Column, trials: readonly Trial[]): Stand {
  return column.numeric ? scaleOf(column, trials) : bandsOf(column);
}

/** The declared range, and what was tried outside it before it was narrowed. */
function scaleOf(column: Column, trials: readonly Trial[]): Stand {
  let [low, high] = [Infinity, -Infinity];
  const hold = (held: unknown): void => {
    if (typeof held === 'number' && Number.isFinite(held)) {
      low = Math.min(low, held);
      high = Math.max(high, held);
    }
  };
  column.params.forEach(param => [param.low, param.high, ...(param.choices ?? [])].forEach(hold));
  trials.forEach(trial => hold(valueOf(trial, column)));
  const log = column.log && low > 0 && low < high;
  const range = low > high ? { low: 0, high: 1 } : low < high ? { low, high } : widened(low, high);
  return {
    range: { ...range, log },
    bands: [],
    at: held => (typeof held === 'number' ? held : NaN)
  };
}

function bandsOf({ params }: Column): Stand {
  const bands = [...new Set(params.flatMap(({ choices }) => (choices ?? []).map(nameOf)))];
  const open = params.some(({ choices, type }) => !choices && type !== 'Bool');
  if (params.some(({ choices, type }) => !choices && type === 'Bool')) {
    [false, true].map(nameOf).forEach(name => bands.includes(name) || bands.push(name));
  }
  if (open) {
    bands.push(OTHER);
  }
  const places = new Map(bands.map((name, i) => [name, i]));
  const other = open ? bands.length - 1 : NaN;
  return {
    range: { low: -0.5, high: bands.length - 0.5, log: false },
    bands,
    at: held => (held === undefined ? NaN : (places.get(nameOf(held)) ?? other))
  };
}

function nameOf(choice: Scalar): string {
  return told(choice);
}

/** The same trial always stands in the same place of its band, in [-0.3, 0.3]. */
export function jitter(n: number): number {
  return ((n * 0.618033988749895) % 1) * 0.6 - 0.3;
}

/** Which of the shades a trial has. */
export function ageOf(n: number, last: number): number {
  return Math.min(Math.floor((AGES * n) / Math.max(last, 1)), AGES - 1);
}

export function sliceScene(
  study: Study,
  ui: Ui,
  column: Column,
  first: boolean,
  title = column.name
): Scene {
  const seen = study.glance.value;
  const colours = ui.palette.value;
  const y = wantedRange(study, logSwitch(ui, 'slice').value);
  const stand = standOf(column, seen.complete);
  const active = seen.complete.filter(trial => !Number.isNaN(stand.at(valueOf(trial, column))));
  const band = stand.bands.length > 0;
  const where = (trial: Trial): number =>
    stand.at(valueOf(trial, column)) + (band ? jitter(trial.n) : 0);
  const drawn = { study, ui, column, stand, active, where };
  const up = (area: Area) => (trial: Trial) => heightOf(area, trial);
  return {
    x: {
      ...{ ...stand.range, before: 6, after: 6 },
      ...(band ? { ticks: bandTicks(stand) } : {})
    },
    y: { ...y, before: 10, after: 10, grid: true, bare: !first },
    title,
    keys: [],
    right: 10,
    colours,
    trials: active,
    paint: (pen, area) => paint(pen, area, drawn),
    nearest: (area, px, py) =>
      nearest(active, trial => area.x(where(trial)), up(area), { x: px, y: py }),
    place: (area, trial) => {
      const x = where(trial);
      const none = Number.isNaN(x) || Number.isNaN(trial.value) || trial.s !== 'COMPLETE';
      return none ? null : { x: area.x(x), y: heightOf(area, trial) };
    }
  };
}

function bandTicks({ bands }: Stand): NonNullable<Axis['ticks']> {
  return (range, most) => {
    const room = Math.max(Math.floor((most * 80) / Math.max(bands.length, 1) / 6.5), 2);
    return bands.flatMap((name, at) => {
      const text = name.length > room ? `${name.slice(0, room - 1)}…` : name;
      return at >= range.low && at <= range.high ? [{ at, text }] : [];
    });
  };
}

function heightOf(area: Area, { value }: Trial): number {
  return Math.min(Math.max(area.y(value), area.top + EDGE), area.bottom - EDGE);
}

interface Drawn {
  study: Study;
  ui: Ui;
  column: Column;
  stand: Stand;
  active: readonly Trial[];
  where: (trial: Trial) => number;
}

function paint(pen: Pen, area: Area, drawn: Drawn): void {
  pen.save();
  pen.beginPath();
  pen.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
  pen.clip();
  defaults(pen, area, drawn);
  points(pen, area, drawn);
  pen.restore();
  incumbent(pen, area, drawn);
}

/** The default's value: a line down the plot. */
function defaults(pen: Pen, area: Area, { ui, column, stand }: Drawn): void {
  pen.strokeStyle = ui.palette.value.gold;
  for (const at of new Set(column.params.map(param => stand.at(param.default)))) {
    if (!Number.isNaN(at)) {
      dashed(pen, [area.x(at), area.top], [area.x(at), area.bottom]);
    }
  }
}

function points(pen: Pen, area: Area, { study, ui, active, where }: Drawn): void {
  const colours = ui.palette.value;
  const passing = ui.passing.value;
  const last = study.glance.value.trials.at(-1)?.n ?? 0;
  const { low, high } = area.shown.y;
  const sieve = new Sieve(area.left, area.top, area.right - area.left, area.bottom - area.top, 1.5);
  const ages = Array.from({ length: AGES }, () => new Places(64));
  const dim = new Places(passing ? 64 : 1);
  pen.fillStyle = colours.blue;
  // the latest are on top, so they take the places first
  for (let i = active.length - 1; i >= 0; i -= 1) {
    const trial = active[i]!;
    const [x, y] = [area.x(where(trial)), heightOf(area, trial)];
    if (passing && !passing.has(trial.n)) {
      dim.add(x, y);
    } else if (!sieve.lets(x, y)) {
      continue;
    } else if (trial.value < low || trial.value > high) {
      pen.globalAlpha = 0.6;
      triangle(pen, x, y, trial.value > high, 3.5);
    } else {
      ages[ageOf(trial.n, last)]!.add(x, y);
    }
  }
  const smaller = 0.7 * Math.log10(Math.max(active.length, 100) / 100);
  const radius = Math.max(2.8 - smaller, 1.1);
  pen.fillStyle = colours.dot;
  pen.globalAlpha = 0.12;
  dots(pen, dim.at, dim.count, radius);
  pen.fillStyle = colours.blue;
  ages.forEach((age, i) => {
    pen.globalAlpha = 0.36 + (0.64 * i) / (AGES - 1);
    dots(pen, age.at, age.count, radius);
  });
  pen.globalAlpha = 1;
}

function incumbent(pen: Pen, area: Area, { study, ui, where }: Drawn): void {
  const { best } = study.glance.value;
  const x = best ? area.x(where(best)) : NaN;
  if (best && x >= area.left && x <= area.right) {
    const colours = ui.palette.value;
    const y = heightOf(area, best);
    pen.fillStyle = colours.green;
    dot(pen, x, y, 3.2);
    pen.strokeStyle = colours.green;
    ring(pen, x, y, 6.5, 1.75);
  }
}
