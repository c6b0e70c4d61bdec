/** When the trials ran: a row each, or where they are many how long each took. */
import type { Study, Trial } from '../data/study';
import type { Ui } from '../data/ui';
import type { Palette } from '../theme';
import { bars, durationRange, nowOf, rows, took, type Bar } from './bars';
import { dot, dotRadius, dots, ring } from './marks';
import { nearest } from './near';
import { shortDuration, ticks, timeTicks, wholeTicks, type Range, type Tick } from './scale';
import type { Area, Key, Pen, Scene } from './scene';
import { stateKeys, stateMark } from './states';
import { Places, Sieve } from './thin';
import { breaks, hatch, outline, paintRows, thickness, type Drawn } from './timeline-rows';
import type { Limits } from './zoom';

const ROWS = 100; // trials in sight, above which they are dots
const DIMMED = 0.22;

export function timelineScene(study: Study, ui: Ui, zoomed: Limits | undefined): Scene {
  const seen = study.glance.value;
  const colours = ui.palette.value;
  const cut = ui.remember('plots.timeline.cut', true).value;
  const { bars: all, clock } = bars(seen.trials, nowOf(study), cut);
  const end = Math.max(clock.end, ...all.slice(-64).map(bar => bar.to), 1e-3);
  const [first, last] = rows(all, zoomed ?? [-Infinity, Infinity]);
  const drawn = { all, clock, colours, best: seen.best, passing: ui.passing.value };
  const often = clock.breaks.length > 0 ? '; longer breaks are cut short' : '';
  const shared = {
    x: { low: 0, high: end, log: false, before: 4, after: 16, ticks: fewTimes, grid: true },
    colours,
    trials: all.map(({ trial }) => trial)
  };
  return last - first < ROWS
    ? {
        ...shared,
        ...rowsOf(drawn, first, last),
        title: `trials by the time the study had run${often}`,
        keys: keys(study, colours)
      }
    : {
        ...shared,
        ...dotsOf(drawn),
        title: `time that trials took by the time the study had run${often}`,
        keys: dotKeys(study, colours)
      };
}

type Part = Pick<Scene, 'y' | 'paint' | 'nearest' | 'place' | 'mark'>;

function rowsOf(drawn: Drawn, first: number, last: number): Part {
  const { all, colours } = drawn;
  const byNumber = new Map(all.map(bar => [bar.trial.n, bar]));
  return {
    y: {
      ...{ low: first - 0.5, high: last + 0.5, log: false, before: 2, after: 2, flip: true },
      ...{ ticks: wholeTicks, fixed: true }
    },
    paint: (pen, area) => paintRows(pen, area, drawn),
    nearest: (area, x, y) => nearestBar(area, all, x, y),
    place: (area, trial) => {
      const bar = byNumber.get(trial.n);
      return bar ? { x: (area.x(bar.from) + area.x(bar.to)) / 2, y: area.y(trial.n) } : null;
    },
    mark: (pen, area, trial, hovered) => {
      const bar = byNumber.get(trial.n);
      if (bar) {
        pen.strokeStyle = hovered ? colours.fg : colours.gold;
        outline(pen, area, bar);
      }
    }
  };
}

function dotsOf(drawn: Drawn): Part {
  const { all, colours } = drawn;
  const byNumber = new Map(all.map(bar => [bar.trial.n, bar]));
  const range = durationRange(all);
  const up = (area: Area) => (bar: Bar) => heightOf(area, bar);
  return {
    y: { ...range, before: 8, after: 8, grid: true, fixed: true, ticks: durationTicks },
    paint: (pen, area) => paintDots(pen, area, drawn),
    nearest: (area, x, y) =>
      nearest(all, bar => area.x(bar.from), up(area), { x, y })?.trial ?? null,
    place: (area, trial) => {
      const bar = byNumber.get(trial.n);
      return bar ? { x: area.x(bar.from), y: heightOf(area, bar) } : null;
    },
    mark: (pen, area, trial, hovered) => {
      const bar = byNumber.get(trial.n);
      if (bar) {
        pen.strokeStyle = hovered ? colours.fg : colours.gold;
        ring(pen, area.x(bar.from), heightOf(area, bar), 6.5);
      }
    }
  };
}

function heightOf(area: Area, bar: Bar): number {
  return Math.min(Math.max(area.y(took(bar)), area.top + 4), area.bottom - 4);
}

function paintDots(pen: Pen, area: Area, drawn: Drawn): void {
  const { all, colours, best, passing } = drawn;
  const [width, height] = [area.right - area.left, area.bottom - area.top];
  const [sieve, rare] = [1, 5].map(cell => new Sieve(area.left, area.top, width, height, cell));
  const [bright, dim] = [new Places(all.length), new Places(64)];
  const marked: Bar[] = [];
  for (const bar of all) {
    const [x, y] = [area.x(bar.from), heightOf(area, bar)];
    if (bar.trial.s !== 'COMPLETE') {
      if (bar.trial.s === 'RUNNING' || bar.trial.s === 'WAITING' || rare!.lets(x, y)) {
        marked.push(bar);
      }
    } else if (passing && !passing.has(bar.trial.n)) {
      dim.add(x, y);
    } else if (sieve!.lets(x, y)) {
      bright.add(x, y);
    }
  }
  pen.save();
  pen.beginPath();
  pen.rect(area.left, area.top, width, height);
  pen.clip();
  breaks(pen, area, drawn);
  pen.fillStyle = colours.dot;
  const radius = dotRadius(all.length);
  pen.globalAlpha = DIMMED;
  dots(pen, dim.at, dim.count, radius);
  pen.globalAlpha = 0.7;
  dots(pen, bright.at, bright.count, radius);
  for (const bar of marked) {
    pen.globalAlpha = passing && !passing.has(bar.trial.n) ? DIMMED : 1;
    stateMark(pen, bar.trial.s, area.x(bar.from), heightOf(area, bar), colours);
  }
  pen.globalAlpha = 1;
  const first = all.find(({ trial }) => trial === best);
  if (first) {
    pen.fillStyle = colours.green;
    dot(pen, area.x(first.from), heightOf(area, first), 4.5);
  }
  pen.restore();
}

function fewTimes(range: Range, most: number): Tick[] {
  return timeTicks(range, most * 0.7);
}

function durationTicks(range: Range, most: number): Tick[] {
  return range.log
    ? ticks(range, most).map(({ at }) => ({ at, text: shortDuration(at) }))
    : timeTicks(range, most);
}

function nearestBar(area: Area, all: readonly Bar[], x: number, y: number): Trial | null {
  const reach = Math.max(thickness(area).bar, 12);
  let found: Trial | null = null;
  let least = Infinity;
  for (const { trial, from, to } of all) {
    const up = Math.abs(area.y(trial.n) - y);
    if (up <= reach) {
      const [left, right] = [area.x(from), area.x(to)];
      const across = Math.max(left - x, x - right, 0);
      const distance = across ** 2 + up ** 2;
      if (across <= 20 && distance < least) {
        [found, least] = [trial, distance];
      }
    }
  }
  return found;
}

/** A key for each state that occurs, by its mark. */
function dotKeys(study: Study, colours: Palette): Key[] {
  const { counts, best } = study.glance.value;
  const filled = (colour: string, radius: number): Key['mark'] => (pen, x, y) => {
    pen.fillStyle = colour;
    dot(pen, x, y, radius);
  };
  return [
    ...(counts.COMPLETE > 0 ? [{ text: 'complete', mark: filled(colours.dot, 2.6) }] : []),
    ...(best ? [{ text: 'best', mark: filled(colours.green, 4) }] : []),
    ...stateKeys(study, colours)
  ];
}

function keys(study: Study, colours: Palette): Key[] {
  const { counts, trials, best } = study.glance.value;
  const solid = (colour: string): Key['mark'] => (pen, x, y) => {
    pen.fillStyle = colour;
    pen.fillRect(x - 7, y - 4, 16, 8);
  };
  const hollow = (colour: string): Key['mark'] => (pen, x, y) => {
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.rect(x - 6.5, y - 3.5, 15, 7);
    pen.stroke();
  };
  const early = counts.PRUNED + counts.SKIPPED + counts.INTERRUPTED;
  return [
    ...(counts.COMPLETE > 0 ? [{ text: 'complete', mark: solid(colours.dot) }] : []),
    ...(best ? [{ text: 'best', mark: solid(colours.green) }] : []),
    ...(early > 0 ? [{ text: 'ended early', mark: hollow(colours.dot) }] : []),
    ...(counts.FAIL > 0 ? [{ text: 'failed', mark: solid(colours.red) }] : []),
    ...(counts.WAITING > 0 ? [{ text: 'waiting', mark: hollow(colours.blue) }] : []),
    ...(counts.RUNNING > 0 ? [{ text: 'running', mark: solid(colours.blue) }] : []),
    ...(trials.some(({ z }) => z && z.length > 0)
      ? [
          {
            text: 'parked',
            mark: (pen: Pen, x: number, y: number) => hatch(pen, x - 7, x + 9, y, 8, colours)
          }
        ]
      : [])
  ];
}
