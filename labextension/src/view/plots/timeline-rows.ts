/** The trials as bars, a row each: the state is in colour and in shape. */
import type { Trial } from '../data/study';
import { duration, STATES } from '../format';
import type { Palette } from '../theme';
import type { Bar } from './bars';
import { without, type Clock } from './clock';
import type { Area, Pen } from './scene';
import { stateMark } from './states';

const THICK = 14; // px of a bar, at most
const LABELLED = 8.5; // px of a row, from which on its bar has its mark and words
const DIMMED = 0.22;

export interface Drawn {
  all: readonly Bar[];
  clock: Clock;
  colours: Palette;
  best: Trial | null;
  passing: ReadonlySet<number> | null;
}

/** Height of a bar and of its row, px. */
export function thickness(area: Area): { bar: number; row: number } {
  const { low, high } = area.shown.y;
  const row = (area.bottom - area.top - 4) / Math.max(high - low, 1);
  return { row, bar: Math.min(Math.max(row * 0.72, 2), THICK) };
}

export function outline(pen: Pen, area: Area, { trial, from, to }: Bar): void {
  const height = thickness(area).bar + 4;
  const [left, right] = [area.x(from) - 2, Math.max(area.x(to), area.x(from) + 2) + 2];
  pen.lineWidth = 2;
  pen.beginPath();
  pen.rect(left, area.y(trial.n) - height / 2, right - left, height);
  pen.stroke();
}

export function paintRows(pen: Pen, area: Area, drawn: Drawn): void {
  pen.save();
  pen.beginPath();
  pen.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
  pen.clip();
  breaks(pen, area, drawn);
  const { bar, row } = thickness(area);
  for (const each of drawn.all) {
    const [left, right] = [area.x(each.from), area.x(each.to)];
    const y = area.y(each.trial.n);
    const across = right >= area.left && left <= area.right;
    if (across && y >= area.top - bar && y <= area.bottom + bar) {
      pen.globalAlpha = drawn.passing && !drawn.passing.has(each.trial.n) ? DIMMED : 1;
      paintBar(pen, area, each, drawn, bar);
      if (row >= LABELLED) {
        words(pen, each, right, y, drawn.colours);
      }
    }
  }
  pen.globalAlpha = 1;
  pen.restore();
}

/** Breaks that are cut short: a dashed pair of lines with how long it was. */
export function breaks(pen: Pen, area: Area, { clock, colours }: Drawn): void {
  let taken = -Infinity;
  pen.font = `11px ${colours.font}`;
  pen.textAlign = 'left';
  pen.textBaseline = 'top';
  for (const { at, drawn, real } of clock.breaks) {
    const [left, right] = [area.x(at), area.x(at + drawn)];
    pen.fillStyle = colours.faint;
    pen.fillRect(left, area.top, Math.max(right - left, 2), area.bottom - area.top);
    const told = `${duration(real)} break`;
    const wide = pen.measureText(told).width;
    if (right + 4 > taken && right + 4 + wide < area.right) {
      pen.fillStyle = colours.dim;
      pen.fillText(told, right + 4, area.top + 3);
      taken = right + 12 + wide;
    }
  }
}

function paintBar(pen: Pen, area: Area, bar: Bar, drawn: Drawn, height: number): void {
  const { trial, parked, pieces } = bar;
  const { colours } = drawn;
  const y = area.y(trial.n);
  if (pieces.length > 1) {
    // set aside in between
    pen.fillStyle = colours.line;
    pen.fillRect(area.x(bar.from), y - 0.5, area.x(bar.to) - area.x(bar.from), 1);
  }
  const ran = pieces.length > 0 ? pieces : [[bar.from, bar.to] as const];
  for (const [start, end] of ran) {
    for (const [from, to] of without([start, end], parked)) {
      const [left, right] = [area.x(from), area.x(to)];
      if (right > left || from === start) {
        stretch(pen, trial, left, Math.max(right - left, 1), y, height, colours, drawn.best);
      }
    }
  }
  for (const [from, to] of parked) {
    if (to > from) {
      hatch(pen, area.x(from), area.x(to), y, height, colours);
    }
  }
}

/** Part of a bar in which its trial ran: the state is in colour and in shape. */
function stretch(
  pen: Pen,
  trial: Trial,
  left: number,
  width: number,
  y: number,
  height: number,
  colours: Palette,
  best: Trial | null
): void {
  const early = ['PRUNED', 'SKIPPED', 'INTERRUPTED', 'WAITING'].includes(trial.s);
  const colour =
    trial.s === 'FAIL'
      ? colours.red
      : trial.s === 'RUNNING' || trial.s === 'WAITING'
        ? colours.blue
        : trial === best
          ? colours.green
          : colours.dot;
  pen.fillStyle = colour;
  if (early && height >= 5 && width >= 3) {
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.rect(left + 0.5, y - height / 2 + 0.5, width - 1, height - 1);
    pen.stroke();
    return;
  }
  const thick = early ? height / 2 : height;
  pen.fillRect(left, y - thick / 2, width, thick);
}

/** Part of a bar in which its trial was parked. */
export function hatch(
  pen: Pen,
  left: number,
  right: number,
  y: number,
  height: number,
  colours: Palette
): void {
  pen.fillStyle = colours.gold;
  const alpha = pen.globalAlpha;
  pen.globalAlpha = alpha * 0.25;
  pen.fillRect(left, y - height / 2, Math.max(right - left, 1), height);
  pen.globalAlpha = alpha;
  if (height < 4 || right - left < 3) {
    return;
  }
  pen.save();
  pen.beginPath();
  pen.rect(left, y - height / 2, right - left, height);
  pen.clip();
  pen.strokeStyle = colours.gold;
  pen.lineWidth = 1.25;
  pen.beginPath();
  for (let x = left - height; x < right; x += 5) {
    pen.moveTo(x, y + height / 2);
    pen.lineTo(x + height, y - height / 2);
  }
  pen.stroke();
  pen.restore();
}

/** The mark of a state and its name right of a bar; that of complete trials goes without. */
function words(pen: Pen, { trial }: Bar, right: number, y: number, colours: Palette): void {
  if (trial.s === 'COMPLETE') {
    return;
  }
  stateMark(pen, trial.s, right + 9, y, colours);
  pen.fillStyle = colours.dim;
  pen.font = `11px ${colours.font}`;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(STATES[trial.s][0], right + 18, y);
}
