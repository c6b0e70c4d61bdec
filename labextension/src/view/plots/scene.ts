/** What a chart shows, apart from how it gets onto the page. */
import type { Trial } from '../data/study';
import type { Palette } from '../theme';
import type { Range, Tick } from './scale';
import type { Limits } from './zoom';

/** What drawings are made with: a canvas, or a writer of SVG that does as much. */
export type Pen = Pick<
  CanvasRenderingContext2D,
  | 'save'
  | 'restore'
  | 'beginPath'
  | 'closePath'
  | 'moveTo'
  | 'lineTo'
  | 'arc'
  | 'rect'
  | 'clip'
  | 'fill'
  | 'stroke'
  | 'fillRect'
  | 'fillText'
  | 'measureText'
  | 'setLineDash'
  | 'translate'
  | 'fillStyle'
  | 'strokeStyle'
  | 'lineWidth'
  | 'lineCap'
  | 'lineJoin'
  | 'globalAlpha'
  | 'font'
  | 'textAlign'
  | 'textBaseline'
>;

/** An axis in the units of the data. */
export interface Axis extends Range {
  /** px kept free beyond its ends */
  readonly before?: number;
  readonly after?: number;
  /** from high to low, as in lists */
  readonly flip?: boolean;
  readonly ticks?: (range: Range, most: number) => Tick[];
  /** with lines through the plot */
  readonly grid?: boolean;
  /** not to be zoomed */
  readonly fixed?: boolean;
  /** without numbers, as those of a neighbour hold */
  readonly bare?: boolean;
}

/** The place that is drawn in, px, and where values stand in it. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly xAt: (place: number) => number;
  readonly yAt: (place: number) => number;
  /** the ranges as they are shown, that is zoomed */
  readonly shown: { readonly x: Range; readonly y: Range };
}

/** An entry of the legend: a mark of up to 18 px and what it stands for. */
export interface Key {
  readonly text: string;
  readonly mark: (pen: Pen, x: number, y: number) => void;
}

export interface Scene {
  readonly x: Axis;
  readonly y: Axis;
  /** what is shown over what, and by which marks */
  readonly title: string;
  readonly keys: readonly Key[];
  /** px right of the plot, for what stands at the ends of lines */
  readonly right?: number;
  readonly colours: Palette;
  readonly paint: (pen: Pen, area: Area) => void;
  /** the trial at a place, if any is near */
  readonly nearest: (area: Area, x: number, y: number) => Trial | null;
  /** where a trial stands; null: nowhere */
  readonly place: (area: Area, trial: Trial) => { x: number; y: number } | null;
  /** set a trial off; by default with a ring */
  readonly mark?: (pen: Pen, area: Area, trial: Trial, hovered: boolean) => void;
  /** in the order in which the arrow keys go through them */
  readonly trials: readonly Trial[];
}

/** Where values stand on an axis that is drawn from `start` to `end`, and back again. */
export function placed(
  axis: Axis,
  zoom: Limits | undefined,
  start: number,
  end: number,
  room = Math.abs(end - start)
): { at: (value: number) => number; back: (place: number) => number } {
  const { log } = axis;
  const { low, high } = shownRange(axis, zoom);
  const [from, to] = log ? [Math.log10(low), Math.log10(high)] : [low, high];
  const { before = 0, after = 0 } = axis;
  const px = (end - start) / Math.max(room, 1);
  const first = axis.flip ? end - before * px : start + before * px;
  const last = axis.flip ? start + after * px : end - after * px;
  const each = (last - first) / (to - from || 1);
  const most = Math.abs(end - start) * 50; // what lies far outside must not overflow a canvas
  const kept = (place: number): number =>
    Math.min(Math.max(place, Math.min(start, end) - most), Math.max(start, end) + most);
  return {
    at: log
      ? value => kept(first + (Math.log10(value > 0 ? value : 1e-300) - from) * each)
      : value => kept(first + (value - from) * each),
    back: log
      ? place => 10 ** (from + (place - first) / each)
      : place => from + (place - first) / each
  };
}

/** The part of an axis that is looked at. */
export function shownRange(axis: Axis, zoom: Limits | undefined): Range {
  const usable = zoom && !axis.fixed && zoom[0] < zoom[1] && !(axis.log && zoom[0] <= 0);
  return usable ? { low: zoom[0], high: zoom[1], log: axis.log } : axis;
}
