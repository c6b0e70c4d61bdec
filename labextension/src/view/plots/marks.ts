/** The marks that plots are made of. */
import type { Tick } from './scale';
import type { Area, Key, Pen, Scene } from './scene';

const CIRCLES = 400; // above that many dots, small squares: they take a third of the time
const AT_ONCE = 200; // circles in a path; longer paths take more than their share

/** Radius of the dots of that many trials, px. */
export function dotRadius(count: number): number {
  return Math.min(Math.max(2.6 - 0.75 * Math.log10(Math.max(count, 1) / 200), 1.2), 2.6);
}

/** Dots of one colour at x, y, x, y... */
export function dots(pen: Pen, at: ArrayLike<number>, count: number, radius: number): void {
  if (count > CIRCLES) {
    const side = radius * 1.8;
    for (let i = 0; i < count; i += 1) {
      pen.fillRect(at[2 * i]! - side / 2, at[2 * i + 1]! - side / 2, side, side);
    }
    return;
  }
  for (let from = 0; from < count; from += AT_ONCE) {
    pen.beginPath();
    for (let i = from; i < Math.min(from + AT_ONCE, count); i += 1) {
      pen.moveTo(at[2 * i]! + radius, at[2 * i + 1]!);
      pen.arc(at[2 * i]!, at[2 * i + 1]!, radius, 0, 2 * Math.PI);
    }
    pen.fill();
  }
}

export function dot(pen: Pen, x: number, y: number, radius: number): void {
  dots(pen, [x, y], 1, radius);
}

/** A ring around a place. */
export function ring(pen: Pen, x: number, y: number, radius: number, width = 2): void {
  pen.lineWidth = width;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.stroke();
}

/** Points up, or down: a value beyond the axis. */
export function triangle(pen: Pen, x: number, y: number, up: boolean, size = 4): void {
  const side = up ? -1 : 1;
  pen.beginPath();
  pen.moveTo(x - size, y - side * size * 0.8);
  pen.lineTo(x + size, y - side * size * 0.8);
  pen.lineTo(x, y + side * size * 0.8);
  pen.closePath();
  pen.fill();
}

export function cross(pen: Pen, x: number, y: number, size = 3): void {
  pen.lineWidth = 1.6;
  pen.beginPath();
  pen.moveTo(x - size, y - size);
  pen.lineTo(x + size, y + size);
  pen.moveTo(x + size, y - size);
  pen.lineTo(x - size, y + size);
  pen.stroke();
}

export function bar(pen: Pen, x: number, y: number): void {
  pen.fillRect(x - 1, y - 4, 2, 8);
}

export function chevron(pen: Pen, x: number, y: number): void {
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const shift of [-2.5, 1.5]) {
    pen.moveTo(x + shift - 1, y - 3.5);
    pen.lineTo(x + shift + 2, y);
    pen.lineTo(x + shift - 1, y + 3.5);
  }
  pen.stroke();
}

export function square(pen: Pen, x: number, y: number): void {
  pen.fillRect(x - 3, y - 3, 6, 6);
}

export function dashed(pen: Pen, from: [number, number], to: [number, number]): void {
  pen.save();
  pen.setLineDash([5, 4]);
  pen.lineWidth = 1.6;
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
  pen.restore();
}

/** A line for the legend. */
export function dash(pen: Pen, x: number, y: number, width: number): void {
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(x - 8, y);
  pen.lineTo(x + 8, y);
  pen.stroke();
}

/** A text that ends with "…" where it would be wider than `room` px. */
export function fitted(pen: Pen, text: string, room: number): string {
  if (pen.measureText(text).width <= room) {
    return text;
  }
  let [least, most] = [0, Math.min(text.length, 400)];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (pen.measureText(`${text.slice(0, middle)}…`).width <= room) {
      least = middle;
    } else {
      most = middle - 1;
    }
  }
  return least > 0 ? `${text.slice(0, least)}…` : '';
}

const GAP = 18; // px after a title and after each entry of a legend

/** Width of an entry of a legend: its mark and its text. */
function keyWidth(pen: Pen, { text }: Key): number {
  return 14 + pen.measureText(text).width;
}

/** Width of a title and all of a legend. */
export function headingWidth(pen: Pen, title: string, keys: readonly Key[]): number {
  const start = pen.measureText(title).width + GAP;
  return keys.reduce((sum, key) => sum + keyWidth(pen, key) + GAP, start);
}

/** The title and the legend in a line; what has no room is left out. */
export function heading(
  pen: Pen,
  title: string,
  keys: readonly Key[],
  at: { left: number; right: number; y: number },
  colour: string
): void {
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillStyle = colour;
  const told = fitted(pen, title, at.right - at.left);
  pen.fillText(told, at.left, at.y);
  let x = at.left + pen.measureText(told).width + GAP;
  for (const key of keys) {
    const { text, mark } = key;
    const wide = keyWidth(pen, key);
    if (x + 8 + wide > at.right) {
      break;
    }
    pen.save();
    mark(pen, x + 4, at.y);
    pen.restore();
    pen.textAlign = 'left';
    pen.textBaseline = 'middle';
    pen.fillStyle = colour;
    pen.fillText(text, x + 16, at.y);
    x += wide + GAP;
  }
}

/** Axes as uPlot draws them, at ticks in px. */
export function axes(
  pen: Pen,
  area: Area,
  { x, y, colours }: Scene,
  across: readonly Tick[],
  up: readonly Tick[]
): void {
  pen.font = `11px ${colours.font}`;
  pen.fillStyle = colours.line;
  pen.fillRect(area.left, area.bottom, area.right - area.left, 1);
  for (const { at } of x.grid ? across : []) {
    pen.fillRect(at, area.top, 1, area.bottom - area.top);
  }
  for (const { at } of y.grid ? up : []) {
    pen.fillRect(area.left, at, area.right - area.left, 1);
  }
  pen.fillStyle = colours.dim;
  pen.textBaseline = 'top';
  pen.textAlign = 'center';
  (x.bare ? [] : across).forEach(({ at, text }) => pen.fillText(text, at, area.bottom + 4));
  pen.textBaseline = 'middle';
  pen.textAlign = 'right';
  (y.bare ? [] : up).forEach(({ at, text }) => pen.fillText(text, area.left - 6, at));
}
