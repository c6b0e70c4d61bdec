/** The objective by one hyperparameter. */
import { valueOf, type Column, type Study, type Trial } from '../data/study';
import type { Ui } from '../data/ui';
import type { Line } from '../protocol';
import { dashed, dot, dots, ring, triangle } from './marks';
import { nearest } from './near';
import { logSwitch, wantedRange } from './objective';
import type { Area, Axis, Pen, Scene } from './scene';
import { courseOf, drawMean, drawSpread, modelKey, type Course } from './slice-model';
import { standOf, type Stand } from './slice-stand';
import { Places, Sieve } from './thin';

export const AGES = 6; // shades from the oldest to the latest trials
const EDGE = 6;
const CROWD = 600; // trials whose points would hide a line under them

/** The same trial always stands in the same place of its band, in [-0.3, 0.3]. */
export function jitter(n: number): number {
  return ((n * 0.618033988749895) % 1) * 0.6 - 0.3;
}

/** Which of the shades a trial has. */
export function ageOf(n: number, last: number): number {
  return Math.min(Math.floor((AGES * n) / Math.max(last, 1)), AGES - 1);
}

export interface Slice {
  readonly column: Column;
  /** whether it has the numbers of the objective beside it */
  readonly first: boolean;
  /** above it, if that is not the name of the hyperparameter alone */
  readonly title: string | null;
  /** the optimizer's model; null: there is none, or it is not to be seen */
  readonly line: Line | null;
}

export function sliceScene(study: Study, ui: Ui, { column, first, title, line }: Slice): Scene {
  const seen = study.glance.value;
  const colours = ui.palette.value;
  const y = wantedRange(study, logSwitch(ui, 'slice').value);
  const stand = standOf(column, seen.complete);
  const active = seen.complete.filter(trial => !Number.isNaN(stand.at(valueOf(trial, column))));
  const band = stand.bands.length > 0;
  const where = (trial: Trial): number =>
    stand.at(valueOf(trial, column)) + (band ? jitter(trial.n) : 0);
  const course = courseOf(line, column, stand);
  const drawn = { study, ui, column, stand, active, where, course };
  const up = (area: Area) => (trial: Trial) => heightOf(area, trial);
  return {
    x: {
      ...{ ...stand.range, before: 6, after: 6 },
      ...(band ? { ticks: bandTicks(stand) } : {})
    },
    y: { ...y, before: 10, after: 10, grid: true, bare: !first },
    title: title ?? column.name,
    keys: title !== null && course ? [modelKey(colours, 'model ± 1 std')] : [],
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
  course: Course | null;
}

function paint(pen: Pen, area: Area, drawn: Drawn): void {
  pen.save();
  pen.beginPath();
  pen.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
  pen.clip();
  const crowd = drawn.active.length > CROWD;
  const steps = [spread, crowd ? null : mean, defaults, points, crowd ? mean : null];
  steps.forEach(step => step?.(pen, area, drawn));
  pen.restore();
  incumbent(pen, area, drawn);
}

function spread(pen: Pen, area: Area, { ui, course }: Drawn): void {
  if (course) {
    drawSpread(pen, area, course, ui.palette.value);
  }
}

function mean(pen: Pen, area: Area, { ui, course }: Drawn): void {
  if (course) {
    drawMean(pen, area, course, ui.palette.value);
  }
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
