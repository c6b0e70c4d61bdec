/** Draws parallel coordinates. */
import type { Palette } from '../theme';
import type { Brushes } from './brush';
import { fit, isDark, pixelRatio, tones } from './canvas';
import { Layer, trace, type Strokes } from './layer';
import { axes } from './parallel-axes';
import { OTHER, type Bundle } from './parallel-bundle';
import type { Pen } from './scene';

/** What changes more often than the bundle. */
export interface Marks {
  readonly brushes: Brushes;
  /** changes when a range has been set, but not while one is drawn */
  readonly settled: string;
  /** by place; null: all pass */
  readonly mask: Uint8Array | null;
  readonly selected: ReadonlySet<number>;
  /** place of the trial under the pointer; -1: none */
  readonly hover: number;
  /** the axis that is being moved, and where it is */
  readonly moving: { readonly k: number; readonly x: number } | null;
}

const MOST_SELECTED = 200;

export class ParallelPainter {
  private readonly faded = new Layer();
  private readonly bright = new Layer();

  /** Draw a frame; returns whether lines are still missing. */
  draw(canvas: HTMLCanvasElement, bundle: Bundle, marks: Marks, colours: Palette): boolean {
    const { width, height, order } = bundle;
    const dark = isDark(colours);
    const { mask } = marks;
    const passing = mask ? order.filter(i => mask[i]) : order;
    const colourful = strokes(bundle, colours, dark, passing.length);
    // lines that a wider range let in lie over better ones until it is set
    const look = colourful.look + marks.settled;
    let whole = this.bright.advance({ ...colourful, look }, passing);
    if (mask) {
      // behind those that pass: nothing is left blank
      const grey = strokes(bundle, colours, dark, order.length);
      const faded = { ...grey, alpha: grey.alpha * 0.3, colour: () => colours.dot };
      whole = this.faded.advance(faded, order) && whole;
    }
    const context = fit(canvas, width, height);
    context.clearRect(0, 0, width, height);
    if (mask) {
      context.drawImage(this.faded.picture, 0, 0, width, height);
    }
    context.drawImage(this.bright.picture, 0, 0, width, height);
    special(context, bundle, marks, colours);
    axes(context, bundle, marks, colours, dark);
    return !whole;
  }
}

/** All of it on another pen, for a picture or a drawing. */
export function paintParallel(pen: Pen, bundle: Bundle, marks: Marks, colours: Palette): void {
  const dark = isDark(colours);
  const { mask } = marks;
  const passing = mask ? bundle.order.filter(i => mask[i]) : bundle.order;
  const sets = [{ order: passing, ...strokes(bundle, colours, dark, passing.length) }];
  if (mask) {
    const grey = strokes(bundle, colours, dark, bundle.order.length);
    const order = bundle.order.filter(i => !mask[i]);
    sets.unshift({ ...grey, order, alpha: grey.alpha * 0.3, colour: () => colours.dot });
  }
  for (const { order, colour, alpha, line } of sets) {
    pen.globalAlpha = alpha;
    pen.lineWidth = Math.min(line, order.length > 1000 ? 0.5 : line);
    for (let c = order.length - 1; c >= 0; c -= 1) {
      pen.strokeStyle = colour(order[c]!);
      pen.beginPath();
      trace(pen, bundle.ys, bundle.frame, order[c]!);
      pen.stroke();
    }
  }
  pen.globalAlpha = 1;
  special(pen, bundle, marks, colours);
  axes(pen, bundle, marks, colours, dark);
}

function strokes(bundle: Bundle, colours: Palette, dark: boolean, count: number): Strokes {
  const { trials, ys, frame, width, height, tone, axes } = bundle;
  const scale = tones(dark);
  const crowd = count < 150 ? 0 : count < 1000 ? 1 : count < 4000 ? 2 : 3;
  const thin = 1 / pixelRatio();
  const ends = axes.map(({ low, high, log, choices }) => [low, high, log, choices?.length]);
  return {
    trials,
    ys,
    frame,
    width,
    height,
    colour: i => (tone[i] === OTHER ? faint(colours) : scale[tone[i]!]!),
    alpha: [0.9, 0.8, 0.6, 0.45][crowd]!,
    line: [1.5, 1, thin, thin][crowd]!,
    place: JSON.stringify([width, height, axes.map(({ id }) => id)]),
    look: JSON.stringify([ends, crowd, colours.fg, colours.bg])
  };
}

function faint(colours: Palette): string {
  return colours.line;
}

/** The lines that stand out from the others. */
function special(pen: Pen, bundle: Bundle, marks: Marks, colours: Palette): void {
  const { trials, best, baseline, running, waiting } = bundle;
  const line = (i: number, colour: string, width: number, dash: number[] = [], alpha = 1): void => {
    const strength = alpha * (marks.mask && !marks.mask[i] && i !== marks.hover ? 0.4 : 1);
    pen.lineJoin = 'round';
    pen.beginPath();
    trace(pen, bundle.ys, bundle.frame, i);
    pen.setLineDash([]);
    pen.strokeStyle = colours.bg;
    pen.lineWidth = width + 2;
    pen.globalAlpha = 0.7 * strength;
    pen.stroke();
    pen.globalAlpha = strength;
    pen.setLineDash(dash);
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  };
  waiting.slice(-24).forEach(i => line(i, colours.blue, 1, [1, 3], 0.55));
  running.slice(-8).forEach(i => line(i, colours.blue, 1.2, [2, 3]));
  if (baseline >= 0) {
    line(baseline, colours.fg, 1.3, [6, 4]);
  }
  if (best >= 0) {
    line(best, colours.blue, 3);
  }
  let selected = 0;
  for (let i = 0; i < trials.length && marks.selected.size > selected; i += 1) {
    if (marks.selected.has(trials[i]!.n) && (selected += 1) <= MOST_SELECTED) {
      line(i, colours.gold, 2);
    }
  }
  if (marks.hover >= 0) {
    line(marks.hover, colours.fg, 2.2);
  }
}
