/** Learning curves on a canvas. */
import type { Study, Trial } from '../data/study';
import { number } from '../format';
import type { Palette } from '../theme';
import { cross, dot, fitted } from './marks';
import { head } from './reports';
import type { Area, Pen } from './scene';
import { stateMark } from './states';
import { Sieve } from './thin';

export const LABELS = 96; // px right of the plot
export const CROWD = 1500; // lines, from which on those that lie on others are left out
const LOOKS = 5; // points of a line that tell whether it does
const AT_ONCE = 40; // lines in a path
const APART = 14; // px between labels

export interface Drawn {
  study: Study;
  trials: readonly Trial[];
  colours: Palette;
  passing: ReadonlySet<number> | null;
  /** the least step that has a place */
  first: number;
}

export function inside(pen: Pen, area: Area, draw: () => void): void {
  pen.save();
  pen.beginPath();
  pen.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
  pen.clip();
  draw();
  pen.restore();
}

export function paint(pen: Pen, area: Area, drawn: Drawn): void {
  const { study, trials, colours, passing } = drawn;
  const { best, baseline, running, waiting } = study.glance.value;
  const special = new Set([best, baseline, ...running, ...waiting]);
  const [bright, dim]: [Trial[], Trial[]] = [[], []];
  for (const trial of trials) {
    const early = trial.s !== 'COMPLETE' || (passing !== null && !passing.has(trial.n));
    if (!special.has(trial)) {
      (early ? dim : bright).push(trial);
    }
  }
  inside(pen, area, () => {
    // the latest first, as those are most likely to be looked at
    const [width, height] = [area.right - area.left, area.bottom - area.top];
    const sieve = trials.length > CROWD ? new Sieve(area.left, area.top, width, height, 2) : null;
    const crowd = Math.min(Math.max(0.9 - 0.16 * Math.log10(trials.length), 0.3), 0.75);
    pen.strokeStyle = colours.dot;
    pen.lineJoin = 'round';
    lines(pen, area, bright.reverse(), drawn.first, crowd, sieve);
    lines(pen, area, dim.reverse(), drawn.first, crowd * 0.4, sieve);
    ends(pen, area, drawn);
    aside(pen, area, drawn);
    highlights(pen, area, drawn);
  });
  labels(pen, area, drawn);
}

/** Thin lines; one that would lie on others all along is left out. */
function lines(
  pen: Pen,
  area: Area,
  trials: readonly Trial[],
  first: number,
  alpha: number,
  sieve: Sieve | null
): void {
  pen.globalAlpha = alpha;
  pen.lineWidth = 1;
  let held = 0;
  pen.beginPath();
  for (const trial of trials) {
    if (trace(pen, area, trial, first, sieve)) {
      held += 1;
    }
    if (held === AT_ONCE) {
      pen.stroke();
      pen.beginPath();
      held = 0;
    }
  }
  pen.stroke();
  pen.globalAlpha = 1;
}

const XS = new Float64Array(4096);
const YS = new Float64Array(4096);

/** Add a trial's line to the path, if the sieve lets any part of it. */
function trace(pen: Pen, area: Area, trial: Trial, first: number, sieve: Sieve | null): boolean {
  const { steps, curve } = trial;
  const count = Math.min(steps.length, XS.length);
  if (sieve && !isNew(area, trial, first, sieve)) {
    return false;
  }
  for (let i = 0; i < count; i += 1) {
    XS[i] = area.x(Math.max(steps[i]!, first));
    YS[i] = area.y(curve[i]!);
  }
  let open = false;
  for (let i = 0; i < count; i += 1) {
    if (Number.isNaN(YS[i]!)) {
      open = false;
    } else if (open) {
      pen.lineTo(XS[i]!, YS[i]!);
    } else {
      pen.moveTo(XS[i]!, YS[i]!);
      open = true;
      if (count === 1) {
        pen.lineTo(XS[i]! + 2, YS[i]!);
      }
    }
  }
  return true;
}

/** Whether a line goes where none has gone, by some of its points. */
function isNew(area: Area, { steps, curve }: Trial, first: number, sieve: Sieve): boolean {
  let found = false;
  for (let look = 1; look <= LOOKS; look += 1) {
    const i = Math.ceil((look * steps.length) / LOOKS) - 1;
    if (sieve.lets(area.x(Math.max(steps[i]!, first)), area.y(curve[i]!))) {
      found = true;
    }
  }
  return found;
}

export function one(pen: Pen, area: Area, trial: Trial, first: number, width: number): void {
  pen.lineWidth = width;
  pen.lineJoin = 'round';
  pen.beginPath();
  trace(pen, area, trial, first, null);
  pen.stroke();
  const at = head(area, trial, first);
  if (at) {
    dot(pen, at.x, at.y, width + 1);
  }
}

/** Crosses where failed trials ended. */
function ends(pen: Pen, area: Area, { trials, colours, first, passing }: Drawn): void {
  const sieve = new Sieve(area.left, area.top, area.right - area.left, area.bottom - area.top, 7);
  pen.strokeStyle = colours.red;
  for (const trial of trials) {
    const at = trial.s === 'FAIL' ? head(area, trial, first) : null;
    if (at && sieve.lets(at.x, at.y)) {
      pen.globalAlpha = passing && !passing.has(trial.n) ? 0.25 : 1;
      cross(pen, at.x, at.y, 2.5);
    }
  }
  pen.globalAlpha = 1;
}

/** Thin lines of those that are set aside, each with a ring where it stands. */
function aside(pen: Pen, area: Area, { study, colours, first, passing }: Drawn): void {
  pen.strokeStyle = colours.blue;
  for (const trial of study.glance.value.waiting) {
    pen.globalAlpha = passing && !passing.has(trial.n) ? 0.15 : 0.5;
    pen.lineWidth = 1.25;
    pen.beginPath();
    trace(pen, area, trial, first, null);
    pen.stroke();
    const at = head(area, trial, first);
    if (at) {
      stateMark(pen, trial.s, at.x, at.y, colours);
    }
  }
  pen.globalAlpha = 1;
}

function highlights(pen: Pen, area: Area, drawn: Drawn): void {
  for (const { trial, colour, dash } of special(drawn)) {
    pen.strokeStyle = colour;
    pen.fillStyle = colour;
    pen.setLineDash(dash ? [5, 4] : []);
    one(pen, area, trial, drawn.first, dash ? 1.6 : 2.25);
    pen.setLineDash([]);
  }
}

/** The trials with a label, the foremost last. */
function special({ study, colours }: Drawn): {
  trial: Trial;
  colour: string;
  text: string;
  dash: boolean;
}[] {
  const { best, baseline, running } = study.glance.value;
  const told = [
    { trial: baseline, colour: colours.gold, text: 'default', dash: true },
    { trial: best, colour: colours.green, text: `best, trial ${best?.n}`, dash: false },
    ...running.slice(0, 8).map(trial => ({
      ...{ trial, colour: colours.blue, dash: false },
      text: number(trial.curve.at(-1) ?? NaN)
    }))
  ];
  return told.flatMap(({ trial, ...rest }) =>
    trial && trial.steps.length > 0 && (rest.dash ? trial !== best : true)
      ? [{ trial, ...rest }]
      : []
  );
}

/** Names at the lines' ends, apart from each other. */
function labels(pen: Pen, area: Area, drawn: Drawn): void {
  const told = special(drawn)
    .flatMap(({ trial, text, colour }) => {
      const at = head(area, trial, drawn.first);
      const seen = at && at.x >= area.left && at.x <= area.right + 1;
      return seen ? [{ ...at, text, colour, bold: trial.s === 'RUNNING' }] : [];
    })
    .sort((a, b) => a.y - b.y);
  let taken = area.top - APART;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  for (const { x, y, text, colour, bold } of told) {
    const level = Math.min(Math.max(y, taken + APART), area.bottom - 4);
    taken = level;
    pen.font = `${bold ? '600 ' : ''}11px ${drawn.colours.font}`;
    const shown = fitted(pen, text, LABELS - 10);
    if (x < area.right - 12) {
      pen.fillStyle = drawn.colours.bg;
      pen.globalAlpha = 0.8;
      pen.fillRect(x + 6, level - 7, pen.measureText(shown).width + 4, 14);
      pen.globalAlpha = 1;
    }
    pen.fillStyle = colour;
    pen.fillText(shown, x + 8, level);
  }
}
