/** The trials on a contour plot. */
import type { State } from '../protocol';
import type { Palette } from '../theme';
import { isDark, TONES, tones } from './canvas';
import { pointOf, type Area, type Look } from './contour-area';
import { NO_TONE, ofObjective, type ContourMap } from './contour-map';
import { cross, dotRadius, dots, ring } from './marks';
import type { Key, Pen } from './scene';

const CROWD = 1000; // trials whose points would cover the map

export function points(pen: Pen, map: ContourMap, look: Look, area: Area): void {
  const { colours, passing } = look;
  const { trials, tone: tonesOf } = map;
  const crowd = map.field !== null && map.shown > CROWD;
  const radius = dotRadius(map.shown) + 0.4;
  const byTone = Array.from({ length: TONES }, () => [] as number[]);
  const dimmed: number[] = [];
  for (let i = 0; i < trials.length; i += 1) {
    const x = area.left + map.us[i]! * (area.right - area.left);
    const y = area.bottom + map.vs[i]! * (area.top - area.bottom);
    if (tonesOf[i] !== NO_TONE && !Number.isNaN(x + y)) {
      const places = passing?.has(trials[i]!.n) === false ? dimmed : byTone[tonesOf[i]!]!;
      places.push(x, y);
    }
  }
  pen.fillStyle = colours.dot;
  pen.globalAlpha = 0.35;
  dots(pen, dimmed, dimmed.length / 2, radius * 0.7);
  pen.globalAlpha = 1;
  const all = byTone.flat();
  if (crowd) {
    // their own colours would hide the map
    [pen.fillStyle, pen.globalAlpha] = [colours.fg, 0.4];
    dots(pen, all, all.length / 2, 0.7);
    pen.globalAlpha = 1;
    return;
  }
  pen.fillStyle = colours.bg;
  dots(pen, all, all.length / 2, radius + 0.9);
  const scaleOf = tones(isDark(colours));
  byTone.forEach((places, i) => {
    pen.fillStyle = ofObjective(map) ? scaleOf[i]! : colours.fg;
    dots(pen, places, places.length / 2, radius);
  });
}

export function special(pen: Pen, map: ContourMap, look: Look, area: Area): void {
  const { colours, best, baseline } = look;
  const there = (i: number): boolean => i >= 0 && !Number.isNaN(map.us[i]! + map.vs[i]!);
  map.trials.forEach(({ s }, i) => {
    if ((s === 'RUNNING' || s === 'WAITING') && there(i)) {
      const [x, y] = pointOf(map, area, i);
      (s === 'RUNNING' ? crossed : hollow)(pen, x, y, colours);
    }
  });
  if (there(baseline)) {
    const [x, y] = pointOf(map, area, baseline);
    diamond(pen, x, y, colours);
  }
  if (there(best)) {
    const [x, y] = pointOf(map, area, best);
    circled(pen, x, y, colours);
  }
}

function crossed(pen: Pen, x: number, y: number, colours: Palette): void {
  pen.strokeStyle = colours.bg;
  cross(pen, x + 1, y + 1, 4.5);
  pen.strokeStyle = colours.fg;
  cross(pen, x, y, 4.5);
}

function hollow(pen: Pen, x: number, y: number, colours: Palette): void {
  pen.strokeStyle = colours.bg;
  ring(pen, x, y, 3.5, 3.5);
  pen.strokeStyle = colours.fg;
  ring(pen, x, y, 3.5, 1.4);
}

function circled(pen: Pen, x: number, y: number, colours: Palette): void {
  pen.strokeStyle = colours.bg;
  ring(pen, x, y, 7, 5);
  pen.strokeStyle = colours.blue;
  ring(pen, x, y, 7, 2.5);
}

function diamond(pen: Pen, x: number, y: number, colours: Palette): void {
  pen.beginPath();
  for (const [dx, dy] of [[0, -6], [6, 0], [0, 6], [-6, 0]] as const) {
    (dy === -6 ? pen.moveTo : pen.lineTo).call(pen, x + dx, y + dy);
  }
  pen.closePath();
  pen.strokeStyle = colours.bg;
  pen.lineWidth = 4;
  pen.stroke();
  pen.strokeStyle = colours.fg;
  pen.lineWidth = 1.6;
  pen.stroke();
}

/** What the marks mean. */
export function keys(look: Look, map: ContourMap): Key[] {
  const { colours } = look;
  const some = (state: State): boolean => map.trials.some(({ s }) => s === state);
  const key = (text: string, draw: typeof circled): Key => ({
    text,
    mark: (pen, x, y) => draw(pen, x, y, colours)
  });
  return [
    ...(look.best >= 0 ? [key('best', circled)] : []),
    ...(look.baseline >= 0 ? [key('default', diamond)] : []),
    ...(some('RUNNING') ? [key('running', crossed)] : []),
    ...(some('WAITING') ? [key('waiting', hollow)] : [])
  ];
}
