/** Draws the axes of parallel coordinates. */
import { number } from '../format';
import type { Palette } from '../theme';
import { unitsOf } from './brush';
import { font, tones, write } from './canvas';
import { ticksOf, unitOf, type Dimension } from './dimensions';
import { fitted } from './marks';
import type { Bundle } from './parallel-bundle';
import type { Marks } from './parallel-paint';
import type { Pen } from './scene';

const LABEL = 13; // px from one label to the next
const LEAST = 5; // characters of a shortened label that says something

export function axes(
  pen: Pen,
  bundle: Bundle,
  marks: Marks,
  colours: Palette,
  dark: boolean
): void {
  const { moving } = marks;
  const { xs } = bundle.frame;
  const gap = xs.length > 1 ? xs[1]! - xs[0]! : bundle.width;
  xs.forEach((x, k) => {
    if (k !== moving?.k) {
      whole(pen, bundle, marks, { k, x, gap }, colours, dark);
    }
  });
  if (moving) {
    // over the others, as it is in the hand
    const half = Math.min(gap / 2, 60);
    [pen.fillStyle, pen.globalAlpha] = [colours.bg, 0.85];
    pen.fillRect(moving.x - half, 0, 1.4 * half, bundle.height);
    pen.globalAlpha = 1;
    whole(pen, bundle, marks, { ...moving, gap }, colours, dark);
  }
}

/** One axis with all that belongs to it. */
function whole(
  pen: Pen,
  bundle: Bundle,
  marks: Marks,
  { k, x, gap }: { k: number; x: number; gap: number },
  colours: Palette,
  dark: boolean
): void {
  const axis = bundle.axes[k]!;
  spine(pen, bundle, axis, x, colours);
  if (k === bundle.axes.length - 1) {
    strip(pen, bundle, x, dark);
    objectiveLabels(pen, bundle, axis, x, colours);
  } else {
    labels(pen, bundle, axis, x, gap, colours);
  }
  const range = marks.brushes[axis.id];
  if (range) {
    brush(pen, bundle, x, unitsOf(axis, range), colours);
  }
  title(pen, bundle, k, x, gap, colours);
  notch(pen, bundle, k, x, gap, colours);
}

function yOf({ frame: { top, bottom } }: Bundle, unit: number): number {
  return bottom + (top - bottom) * unit;
}

/** The axis itself, one piece for each choice. */
function spine(
  pen: Pen,
  { frame }: Bundle,
  axis: Dimension,
  x: number,
  colours: Palette
): void {
  const pieces = axis.choices?.length ?? 1;
  const each = (frame.bottom - frame.top) / pieces;
  const gap = Math.min(each / 4, 5) * Number(pieces > 1);
  pen.strokeStyle = colours.bg;
  pen.globalAlpha = 0.8;
  pen.lineWidth = 3;
  pen.beginPath();
  for (let i = 0; i < pieces; i += 1) {
    pen.moveTo(x, frame.top + each * i + gap);
    pen.lineTo(x, frame.top + each * (i + 1) - gap);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.dim;
  pen.lineWidth = 1;
  pen.stroke();
}

/** The objective's colours along its axis. */
function strip(pen: Pen, bundle: Bundle, x: number, dark: boolean): void {
  const { top, bottom } = bundle.frame;
  const shades = tones(dark, 64);
  shades.forEach((shade, i) => {
    const from = Math.round(bottom + ((top - bottom) * i) / 64);
    const to = Math.round(bottom + ((top - bottom) * (i + 1)) / 64);
    pen.fillStyle = shades[bundle.maximize ? i : 63 - i] ?? shade;
    pen.fillRect(x + 3, to, 6, from - to);
  });
}

function labels(
  pen: Pen,
  bundle: Bundle,
  axis: Dimension,
  x: number,
  gap: number,
  colours: Palette
): void {
  const room = bundle.frame.bottom - bundle.frame.top;
  const first = axis === bundle.axes[0];
  const most = axis.choices ? room / LABEL : gap < 70 ? 3 : Math.min(room / 30, 7);
  pen.textBaseline = 'middle';
  pen.textAlign = 'right';
  pen.font = font(colours, 11);
  for (const { at, text: label } of ticksOf(axis, most)) {
    const y = yOf(bundle, unitOf(axis, at));
    pen.fillStyle = colours.dim;
    pen.fillRect(x - 4, y - 0.5, 4, 1);
    const text = fitted(pen, label, Math.min(Math.max(gap * 0.62, first ? x - 7 : 0), 110));
    if (text === label || text.length >= LEAST) {
      pen.fillStyle = colours.fg;
      write(pen, text, x - 6, y, colours);
    }
  }
}

/** Ticks of the objective, and which values the best trial and the default have. */
function objectiveLabels(
  pen: Pen,
  bundle: Bundle,
  axis: Dimension,
  x: number,
  colours: Palette
): void {
  const { width, best, baseline, trials, frame } = bundle;
  const room = width - x - 14;
  const taken: number[] = [];
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  const told = (i: number, word: string, colour: string, weight: number): void => {
    if (i < 0 || Number.isNaN(trials[i]!.value)) {
      return;
    }
    const value = number(trials[i]!.value);
    const own = yOf(bundle, unitOf(axis, trials[i]!.value));
    const places = [0, -1, 1, -2, 2].map(by => own + by * LABEL);
    const y = places.find(each => taken.every(other => Math.abs(other - each) >= LABEL));
    if (y !== undefined && y > frame.top - 8 && y < frame.bottom + 8) {
      taken.push(y);
      pen.font = font(colours, 12, weight);
      pen.fillStyle = colour;
      pen.fillText(fitted(pen, room < 80 ? value : `${word} ${value}`, room), x + 13, y);
    }
  };
  if (trials.length > 0) {
    told(best, best === baseline ? 'default' : 'best', colours.blue, 600);
    if (best !== baseline) {
      told(baseline, 'default', colours.fg, 400);
    }
  }
  pen.font = font(colours, 11);
  pen.fillStyle = colours.dim;
  for (const { at, text: label } of ticksOf(axis, (frame.bottom - frame.top) / 30)) {
    const y = yOf(bundle, unitOf(axis, at));
    if (taken.every(other => Math.abs(other - y) >= LABEL)) {
      pen.fillText(fitted(pen, label, room), x + 13, y);
    }
  }
}

function brush(
  pen: Pen,
  bundle: Bundle,
  x: number,
  [low, high]: readonly [number, number],
  colours: Palette
): void {
  const [top, bottom] = [yOf(bundle, high), yOf(bundle, low)];
  pen.fillStyle = colours.blue;
  pen.globalAlpha = 0.22;
  pen.fillRect(x - 7, top, 14, Math.max(bottom - top, 1));
  pen.globalAlpha = 1;
  for (const y of [top, bottom]) {
    pen.fillRect(x - 8, y - 1.25, 16, 2.5);
  }
}

function title(
  pen: Pen,
  bundle: Bundle,
  k: number,
  x: number,
  gap: number,
  colours: Palette
): void {
  const last = k === bundle.axes.length - 1;
  const { title: name, log } = bundle.axes[k]!;
  const half = Math.min(gap - 10, 220) / 2;
  const room = Math.min(half * 2, 2 * (x - 2), 2 * (bundle.width - x - 2));
  pen.font = font(colours, 12, last ? 600 : 500);
  pen.fillStyle = colours.fg;
  pen.textBaseline = 'alphabetic';
  pen.textAlign = 'center';
  const text = fitted(pen, name, room);
  pen.fillText(text, x, 13);
  const width = pen.measureText(text).width;
  if (log) {
    pen.font = font(colours, 10);
    pen.fillStyle = colours.dim;
    pen.textAlign = 'left';
    if (width / 2 + 20 < gap / 2) {
      pen.fillText('log', x + width / 2 + 4, 13);
    }
  }
}

/** Beneath an axis: where lines go that have nothing on it, if there are any. */
function notch(
  pen: Pen,
  bundle: Bundle,
  k: number,
  x: number,
  gap: number,
  colours: Palette
): void {
  const { frame, axes, ys } = bundle;
  const last = k === axes.length - 1;
  let some = false;
  for (let at = k; at < ys.length && !some; at += axes.length) {
    some = ys[at] === frame.notch;
  }
  if (!some) {
    return;
  }
  pen.strokeStyle = colours.dim;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.arc(x, frame.notch, 3, 0, 2 * Math.PI);
  pen.fillStyle = colours.bg;
  pen.fill();
  pen.stroke();
  pen.font = font(colours, 11);
  pen.fillStyle = colours.dim;
  pen.textBaseline = 'middle';
  pen.textAlign = last ? 'left' : 'right';
  const text = last ? 'no value' : 'not active';
  if (last || gap > 84) {
    const told = fitted(pen, text, last ? bundle.width - x - 10 : gap);
    write(pen, told, x + (last ? 8 : -7), frame.notch, colours);
  }
}
