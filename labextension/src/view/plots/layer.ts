/**
 * Many lines on a canvas that is not shown, some in each frame, so that no frame takes long.
 *
 * How much a line costs is not told by the time it takes to ask for it: it is drawn later. On a CPU
 * (Chromium, 8 axes, 10,000 lines at 960 × 260 px) it is 60 to 100 ms if lines are no wider than a
 * pixel of the device and go over what is there, ten times as much if they are wider or go beneath.
 */
import type { Trial } from '../data/study';
import { fit, pixelRatio } from './canvas';
import type { Frame } from './lines';
import type { Pen } from './scene';

/** What the lines of a layer are, apart from which ones. */
export interface Strokes {
  readonly trials: readonly Trial[];
  readonly ys: Float32Array;
  readonly frame: Frame;
  readonly width: number;
  readonly height: number;
  readonly colour: (i: number) => string;
  readonly alpha: number;
  /** width of a line, px */
  readonly line: number;
  /** what a change of makes all lines wrong, to be gone at once */
  readonly place: string;
  /** what a change of makes them look different: the former stay until all are there */
  readonly look: string;
}

/** One side of a layer: what is on it, and which lines. */
interface Side {
  readonly canvas: HTMLCanvasElement;
  readonly drawn: Set<Trial>;
}

const TOGETHER = 8; // lines in one path, which do not add up where they cross
const THIN = 7000; // pieces of lines in a frame
const WIDE = 1000;

export class Layer {
  private front: Side = blank();
  private back: Side | null = null;
  private place = '';
  private look = '';

  /** The lines as far as they can be shown. */
  get picture(): HTMLCanvasElement {
    return this.front.canvas;
  }

  /**
   * Draw what is missing of the lines in `order`, the best of which come first and are drawn last.
   *
   * Returns whether all are there. If the former lines cannot stay, the best are there at once.
   */
  advance(strokes: Strokes, order: ArrayLike<number>): boolean {
    const moved = strokes.place !== this.place || !this.isAmong(strokes, order, this.front);
    const first = linesOf(strokes);
    if (moved) {
      this.front = cleared(this.front, strokes);
      this.back = null;
      draw(this.front, strokes, order, 0, Math.min(first, order.length));
      if (order.length > first) {
        this.back = cleared(blank(), strokes);
      }
    } else if (strokes.look !== this.look || !this.isAmong(strokes, order, this.back)) {
      this.back = cleared(this.back ?? blank(), strokes);
    }
    [this.place, this.look] = [strokes.place, strokes.look];
    return this.fill(strokes, order, moved ? 0 : first);
  }

  private fill(strokes: Strokes, order: ArrayLike<number>, most: number): boolean {
    const side = this.back ?? this.front;
    const missing = order.length - side.drawn.size;
    if (missing > 0 && most > 0) {
      // the last of the order first: the best go over the others
      let to = order.length;
      for (let left = most; to > 0 && left > 0; to -= 1) {
        left -= side.drawn.has(strokes.trials[order[to - 1]!]!) ? 0 : 1;
      }
      draw(side, strokes, order, to, order.length);
    }
    const whole = side.drawn.size >= order.length;
    if (whole && this.back) {
      this.front = this.back;
      this.back = null;
    }
    return whole;
  }

  /** Whether no line is on a side that is not asked for any more. */
  private isAmong({ trials }: Strokes, order: ArrayLike<number>, side: Side | null): boolean {
    if (side === null || side.drawn.size === 0) {
      return true;
    }
    const { drawn } = side;
    let still = 0;
    for (let c = 0; c < order.length; c += 1) {
      still += drawn.has(trials[order[c]!]!) ? 1 : 0;
    }
    return still === drawn.size;
  }
}

function blank(): Side {
  return { canvas: document.createElement('canvas'), drawn: new Set() };
}

function cleared({ canvas }: Side, { width, height }: Strokes): Side {
  fit(canvas, width, height).clearRect(0, 0, width, height);
  return { canvas, drawn: new Set() };
}

/** Lines that a frame has the time for. */
function linesOf({ frame, line }: Strokes): number {
  const ratio = pixelRatio();
  const pieces = line * ratio <= 1 ? THIN / ratio : WIDE / ratio;
  return Math.max(Math.round(pieces / Math.max(frame.xs.length - 1, 1)), 20);
}

/** Draw the lines at places `from` to `to` of the order that are not there, the last first. */
function draw(
  side: Side,
  strokes: Strokes,
  order: ArrayLike<number>,
  from: number,
  to: number
): void {
  const { trials, ys, frame, width, height, colour } = strokes;
  const context = fit(side.canvas, width, height);
  context.globalAlpha = strokes.alpha;
  context.lineWidth = strokes.line;
  let open = 0;
  let now = '';
  for (let c = to - 1; c >= from; c -= 1) {
    const i = order[c]!;
    if (side.drawn.has(trials[i]!)) {
      continue;
    }
    const next = colour(i);
    if (open >= TOGETHER || (next !== now && open > 0)) {
      context.stroke();
      open = 0;
    }
    if (open === 0) {
      context.strokeStyle = now = next;
      context.beginPath();
    }
    trace(context, ys, frame, i);
    side.drawn.add(trials[i]!);
    open += 1;
  }
  if (open > 0) {
    context.stroke();
  }
}

/** The path of one trial's line. */
export function trace(
  pen: Pick<Pen, 'moveTo' | 'lineTo'>,
  ys: Float32Array,
  { xs }: Frame,
  i: number
): void {
  const at = i * xs.length;
  pen.moveTo(xs[0]!, ys[at]!);
  for (let k = 1; k < xs.length; k += 1) {
    pen.lineTo(xs[k]!, ys[at + k]!);
  }
}
