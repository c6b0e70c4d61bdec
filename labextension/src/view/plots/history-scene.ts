/** Every value by trial number, and the best so far. */
import { isUnfinished, type Study, type Trial } from '../data/study';
import type { Ui } from '../data/ui';
import { apart, number } from '../format';
import type { Palette } from '../theme';
import { dash, dashed, dot, dotRadius, dots, triangle } from './marks';
import { nearest } from './near';
import { logSwitch, objectiveName, wantedRange } from './objective';
import { lastNumber, wholeTicks } from './scale';
import type { Area, Key, Pen, Scene } from './scene';
import { stateKeys, stateMark } from './states';
import { Places, Sieve } from './thin';

export const LANE = 16; // px at the bottom for trials without a value
const PAD = 10;
const EDGE = 6; // px from the edge to the marks of values beyond it
const DIMMED = 0.22;

export function historyScene(study: Study, ui: Ui): Scene {
  const info = study.info.value;
  const seen = study.glance.value;
  const colours = ui.palette.value;
  const range = wantedRange(study, logSwitch(ui, 'history').value);
  const live = isUnfinished(info.state);
  const last = lastNumber(seen.trials.at(-1)?.n ?? 0, info.aim, live);
  const passing = ui.passing.value;
  const drawn = { study, colours, passing };
  const ends = endTexts(study);
  const y = { ...range, before: PAD + LANE, after: PAD, grid: true };
  const at = (area: Area) => (trial: Trial) => heightOf(area, trial);
  return {
    x: { low: 0, high: last, log: false, before: PAD, after: PAD, ticks: wholeTicks },
    y,
    title: `${objectiveName(study)} by trial${range.log ? ', log scale' : ''}`,
    keys: keys(study, colours),
    right: 16 + 6.6 * Math.min(Math.max(6, ends.best.length, ends.base.length), 13),
    colours,
    trials: seen.trials,
    paint: (pen, area) => paint(pen, area, drawn, ends),
    nearest: (area, px, py) =>
      nearest(seen.trials, trial => area.x(trial.n), at(area), { x: px, y: py }),
    place: (area, trial) => ({ x: area.x(trial.n), y: heightOf(area, trial) })
  };
}

interface Drawn {
  study: Study;
  colours: Palette;
  passing: ReadonlySet<number> | null;
}

/** Where a trial stands; those without a value in the lane, those beyond the axis at its edge. */
function heightOf(area: Area, trial: Trial): number {
  if (trial.s !== 'COMPLETE' || Number.isNaN(trial.value)) {
    return area.bottom - LANE / 2;
  }
  const y = area.y(trial.value);
  return Math.min(Math.max(y, area.top + EDGE), area.bottom - LANE - EDGE);
}

/** Where a line is drawn at a value: not through the lane, also if the value is infinite. */
function levelOf(area: Area, value: number): number {
  return Math.min(Math.max(area.y(value), area.top), area.bottom - LANE);
}

/** What stands at the ends of the lines of the best value and of the default's. */
function endTexts(study: Study): { best: string; base: string } {
  const { best, baseline } = study.glance.value;
  const base = baseline?.value ?? NaN;
  if (!best || !Number.isFinite(best.value) || !Number.isFinite(base)) {
    return {
      best: best ? number(best.value) : '',
      base: Number.isFinite(base) ? number(base) : ''
    };
  }
  const [told, from] = apart(best.value, base);
  return { best: told, base: from };
}

function paint(pen: Pen, area: Area, drawn: Drawn, ends: { best: string; base: string }): void {
  const { study, colours } = drawn;
  const { baseline, incumbents } = study.glance.value;
  const base = baseline?.value ?? NaN;
  pen.save();
  pen.beginPath();
  pen.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
  pen.clip();
  lane(pen, area, drawn);
  if (incumbents.length > 1 && Number.isFinite(base)) {
    gain(pen, area, drawn, base);
  }
  if (Number.isFinite(base)) {
    pen.strokeStyle = colours.gold;
    dashed(pen, [area.left, area.y(base)], [area.right, area.y(base)]);
  }
  values(pen, area, drawn);
  best(pen, area, drawn);
  pen.restore();
  endLabels(pen, area, drawn, ends);
}

/** The corners of the line of the best so far. */
function steps(pen: Pen, area: Area, study: Study): void {
  const { incumbents, trials } = study.glance.value;
  pen.beginPath();
  incumbents.forEach(({ n, value }, i) => {
    if (i === 0) {
      pen.moveTo(area.x(n), levelOf(area, value));
    } else {
      pen.lineTo(area.x(n), levelOf(area, incumbents[i - 1]!.value));
      pen.lineTo(area.x(n), levelOf(area, value));
    }
  });
  pen.lineTo(area.x(trials.at(-1)!.n), levelOf(area, incumbents.at(-1)!.value));
}

function gain(pen: Pen, area: Area, { study, colours }: Drawn, base: number): void {
  const { incumbents, trials } = study.glance.value;
  pen.globalAlpha = 0.16;
  pen.fillStyle = colours.blue;
  steps(pen, area, study);
  pen.lineTo(area.x(trials.at(-1)!.n), area.y(base));
  pen.lineTo(area.x(incumbents[0]!.n), area.y(base));
  pen.closePath();
  pen.fill();
  pen.globalAlpha = 1;
}

function best(pen: Pen, area: Area, { study, colours, passing }: Drawn): void {
  const { incumbents } = study.glance.value;
  if (incumbents.length === 0) {
    return;
  }
  pen.strokeStyle = colours.blue;
  pen.fillStyle = colours.blue;
  pen.lineWidth = 2.25;
  pen.lineJoin = 'round';
  steps(pen, area, study);
  pen.stroke();
  for (const trial of incumbents) {
    pen.globalAlpha = passing && !passing.has(trial.n) ? DIMMED : 1;
    dot(pen, area.x(trial.n), heightOf(area, trial), 4);
  }
  pen.globalAlpha = 1;
}

function values(pen: Pen, area: Area, { study, colours, passing }: Drawn): void {
  const { complete } = study.glance.value;
  const { low, high } = area.shown.y;
  const sieve = new Sieve(area.left, area.top, area.right - area.left, area.bottom - area.top);
  const [bright, dim] = [new Places(complete.length), new Places(passing ? 64 : 1)];
  const beyond: Trial[] = [];
  for (const trial of complete) {
    const { n, value } = trial;
    if (value < low || value > high) {
      beyond.push(trial);
      continue;
    }
    const [x, y] = [area.x(n), area.y(value)];
    const passes = !passing || passing.has(n);
    // the dimmed ones take no place from the others
    if (passes ? sieve.lets(x, y) : x >= area.left && x <= area.right) {
      (passes ? bright : dim).add(x, y);
    }
  }
  const radius = dotRadius(complete.length);
  pen.fillStyle = colours.dot;
  pen.globalAlpha = DIMMED;
  dots(pen, dim.at, dim.count, radius);
  pen.globalAlpha = complete.length > 2000 ? 0.7 : 1;
  dots(pen, bright.at, bright.count, radius);
  pen.globalAlpha = 1;
  arrows(pen, area, beyond, passing);
}

/** Values beyond the axis, at its edge; several in a place are one arrow. */
function arrows(
  pen: Pen,
  area: Area,
  beyond: readonly Trial[],
  passing: ReadonlySet<number> | null
): void {
  const sieve = new Sieve(area.left, area.top, area.right - area.left, area.bottom - area.top, 4);
  for (const trial of beyond) {
    const [x, y] = [area.x(trial.n), heightOf(area, trial)];
    if (sieve.lets(x, y)) {
      pen.globalAlpha = passing && !passing.has(trial.n) ? DIMMED : 1;
      triangle(pen, x, y, trial.value > area.shown.y.high);
    }
  }
  pen.globalAlpha = 1;
}

/** Trials without a value. */
function lane(pen: Pen, area: Area, { study, colours, passing }: Drawn): void {
  const y = area.bottom - LANE / 2;
  pen.fillStyle = colours.faint;
  pen.fillRect(area.left, area.bottom - LANE, area.right - area.left, LANE);
  // where they are dense, those that are left are a sample of all
  const sieve = new Sieve(area.left, y, area.right - area.left, 1, 6);
  for (const trial of study.glance.value.trials) {
    if (trial.s === 'COMPLETE' && !Number.isNaN(trial.value)) {
      continue;
    }
    const x = area.x(trial.n);
    if (sieve.lets(x, y) || trial.s === 'RUNNING' || trial.s === 'WAITING') {
      pen.globalAlpha = passing && !passing.has(trial.n) ? DIMMED : 1;
      stateMark(pen, trial.s, x, y, colours);
    }
  }
  pen.globalAlpha = 1;
}

function endLabels(
  pen: Pen,
  area: Area,
  { study, colours }: Drawn,
  ends: { best: string; base: string }
): void {
  const { best, baseline, trials } = study.glance.value;
  const inside = (y: number): boolean => y >= area.top - 1 && y <= area.bottom + 1;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  const levels: number[] = [];
  const leading = best ? area.y(best.value) : NaN;
  const at = best ? levelOf(area, best.value) : NaN;
  if (inside(leading) || Math.abs(leading) === Infinity) {
    const x = Math.min(Math.max(area.x(trials.at(-1)!.n), area.left), area.right);
    pen.font = `600 12px ${colours.font}`;
    pen.fillStyle = colours.bg;
    const wide = pen.measureText(ends.best).width;
    pen.fillRect(x + 6, at - 7, wide + 4, 14);
    pen.fillStyle = colours.blue;
    pen.fillText(ends.best, x + 8, at);
    levels.push(at);
  }
  const level = baseline && Number.isFinite(baseline.value) ? area.y(baseline.value) : NaN;
  if (inside(level) && levels.every(taken => Math.abs(taken - level) > 13)) {
    pen.font = `11px ${colours.font}`;
    pen.fillStyle = colours.gold;
    pen.fillText(ends.base, area.right + 6, level);
  }
}

function keys(study: Study, colours: Palette): Key[] {
  const { complete, incumbents, baseline } = study.glance.value;
  const filled = (colour: string, draw: Key['mark']): Key['mark'] => (pen, x, y) => {
    pen.fillStyle = colour;
    pen.strokeStyle = colour;
    draw(pen, x, y);
  };
  return [
    ...(complete.length > 0
      ? [{ text: 'trial', mark: filled(colours.dot, (pen, x, y) => dot(pen, x, y, 2.6)) }]
      : []),
    ...(incumbents.length > 0
      ? [{ text: 'best so far', mark: filled(colours.blue, (pen, x, y) => dash(pen, x, y, 2.25)) }]
      : []),
    ...(baseline && Number.isFinite(baseline.value)
      ? [{ text: 'default', mark: filled(colours.gold, defaultKey) }]
      : []),
    ...stateKeys(study, colours)
  ];
}

export function defaultKey(pen: Pen, x: number, y: number): void {
  dashed(pen, [x - 8, y], [x + 8, y]);
}
