/** Draws a contour plot. */
import type { Palette } from '../theme';
import { font, isDark, tone, tones, type Context } from './canvas';
import { areaOf, BAR, LABEL, type Area, type Look } from './contour-area';
import { lineLabels, lines, type Label } from './contour-lines';
import { ofObjective, type ContourMap } from './contour-map';
import { keys, points, special } from './contour-points';
import { ticksOf, unitOf, type Dimension } from './dimensions';
import { fitted, heading } from './marks';
import type { Pen } from './scene';
import { between, trust, type Field } from './smooth';

const MOST_PIXELS = 700; // of the map, along a side

/** All of it. On a pen that is no canvas the map is made of rectangles. */
export function paintContour(pen: Pen, map: ContourMap, look: Look): void {
  const area = areaOf(pen, map, look);
  const { colours } = look;
  let labels: Label[] = [];
  if (map.field) {
    if (map.field.near) {
      hatch(pen, area, colours);
    }
    surface(pen, map, map.field, area, isDark(colours));
    if (look.lines && !map.x.choices && !map.y.choices) {
      labels = lines(pen, map, map.field, area, look);
    }
  }
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.beginPath();
  pen.rect(area.left - 0.5, area.top - 0.5, area.right - area.left + 1, area.bottom - area.top + 1);
  pen.stroke();
  points(pen, map, look, area);
  lineLabels(pen, labels, colours);
  special(pen, map, look, area);
  axes(pen, map, look, area);
  scale(pen, map, look, area);
}

/** Where nothing is known. */
function hatch(pen: Pen, { left, top, right, bottom }: Area, colours: Palette): void {
  pen.save();
  pen.beginPath();
  pen.rect(left, top, right - left, bottom - top);
  pen.clip();
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.beginPath();
  const tall = bottom - top;
  for (let x = left - tall; x < right; x += 8) {
    pen.moveTo(x, bottom);
    pen.lineTo(x + tall, top);
  }
  pen.stroke();
  pen.restore();
}

function surface(pen: Pen, map: ContourMap, field: Field, area: Area, dark: boolean): void {
  const [wide, tall] = [area.right - area.left, area.bottom - area.top];
  const canvas = 'drawImage' in pen;
  // along numbers it is smooth, and half the pixels show as much
  const each = (axis: Dimension): number => (canvas ? (axis.choices ? 1 : 2) : 6);
  const w = Math.max(Math.min(Math.round(wide / each(map.x)), MOST_PIXELS), 1);
  const h = Math.max(Math.min(Math.round(tall / each(map.y)), MOST_PIXELS), 1);
  const pixels = shaded(map, field, w, h, dark);
  if (canvas) {
    const picture = document.createElement('canvas');
    [picture.width, picture.height] = [w, h];
    picture.getContext('2d')!.putImageData(new ImageData(pixels, w, h), 0, 0);
    (pen as Context).drawImage(picture, area.left, area.top, wide, tall);
    return;
  }
  for (let at = 0; at < w * h; at += 1) {
    const [r, g, b, a] = pixels.subarray(4 * at, 4 * at + 4);
    if (a! > 8) {
      pen.fillStyle = `rgba(${r}, ${g}, ${b}, ${(a! / 255).toFixed(2)})`;
      const left = area.left + ((at % w) * wide) / w;
      const top = area.top + (Math.floor(at / w) * tall) / h;
      pen.fillRect(left, top, wide / w + 0.3, tall / h + 0.3);
    }
  }
}

/** The colours of w by h pixels, from the upper left on. */
export function shaded(
  map: ContourMap,
  field: Field,
  w: number,
  h: number,
  dark: boolean
): Uint8ClampedArray<ArrayBuffer> {
  const shades = Array.from({ length: 256 }, (_, i) => tone(goodAt(map, i / 255), dark));
  const across = between(field.xs, w, map.x);
  const up = between(field.ys, h, map.y);
  const { z, near } = field;
  const [nx, ny] = [field.xs.length, field.ys.length];
  const pixels = new Uint8ClampedArray(4 * w * h);
  const mixed = new Float32Array(nx); // a row of the grid between two
  const mixedNear = new Float32Array(nx);
  for (let row = 0; row < h; row += 1) {
    const j = up.low[h - 1 - row]!;
    const t = up.share[h - 1 - row]!;
    const [lower, upper] = [j * nx, Math.min(j + 1, ny - 1) * nx];
    for (let i = 0; i < nx; i += 1) {
      mixed[i] = z[lower + i]! * (1 - t) + z[upper + i]! * t;
      mixedNear[i] = near ? near[lower + i]! * (1 - t) + near[upper + i]! * t : 1;
    }
    for (let column = 0; column < w; column += 1) {
      const i = across.low[column]!;
      const s = across.share[column]!;
      const k = Math.min(i + 1, nx - 1);
      const value = mixed[i]! * (1 - s) + mixed[k]! * s;
      if (!Number.isNaN(value)) {
        const at = 4 * (row * w + column);
        const shade = shades[Math.round(value * 255)]!;
        pixels[at] = shade[0];
        pixels[at + 1] = shade[1];
        pixels[at + 2] = shade[2];
        pixels[at + 3] = 255 * trust(mixedNear[i]! * (1 - s) + mixedNear[k]! * s);
      }
    }
  }
  return pixels;
}

/** What there is more of stands out, of the objective what is good. */
function goodAt(map: ContourMap, unit: number): number {
  return !ofObjective(map) || map.maximize ? unit : 1 - unit;
}

const KINDS: Readonly<Record<ContourMap['kind'], string>> = {
  model: 'the optimizer’s model',
  uncertainty: 'the model’s uncertainty',
  acquisition: 'where it looks next',
  average: 'average of trials nearby',
  none: 'trials'
};

function axes(pen: Pen, map: ContourMap, look: Look, area: Area): void {
  const { colours, width } = look;
  pen.font = font(colours, 12);
  const title = KINDS[map.kind];
  heading(pen, title, keys(look, map), { left: 4, right: width - 4, y: 9 }, colours.dim);
  pen.font = font(colours, 12, 500);
  pen.fillStyle = colours.fg;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  const room = area.right - area.left;
  pen.fillText(fitted(pen, `↑ ${named(map.y)}`, room), 4, 26);
  pen.textAlign = 'right';
  pen.fillText(fitted(pen, `${named(map.x)} →`, room), area.right, look.height - 8);
  pen.font = font(colours, LABEL);
  pen.fillStyle = colours.dim;
  pen.textAlign = 'center';
  const bands = map.x.choices?.length ?? 0;
  for (const { at, text } of ticksOf(map.x, bands ? room / 24 : room / 80)) {
    const x = area.left + unitOf(map.x, at) * room;
    pen.fillRect(x - 0.5, area.bottom, 1, 4);
    pen.fillText(bands ? fitted(pen, text, room / bands - 4) : text, x, area.bottom + 12);
  }
  pen.textAlign = 'right';
  for (const { at, text } of ticksOf(map.y, (area.bottom - area.top) / 26)) {
    const y = area.bottom + unitOf(map.y, at) * (area.top - area.bottom);
    pen.fillRect(area.left - 4, y - 0.5, 4, 1);
    pen.fillText(fitted(pen, text, area.left - 8), area.left - 7, y);
  }
}

function named({ title, log }: Dimension): string {
  return log ? `${title} (log)` : title;
}

/** The colours and what they mean. */
function scale(pen: Pen, map: ContourMap, look: Look, area: Area): void {
  const { colours, width } = look;
  if (map.shown === 0) {
    return;
  }
  const [x, tall] = [area.right + 12, area.bottom - area.top];
  const dark = isDark(colours);
  const shades = tones(dark, 64);
  for (let i = 0; i < 64; i += 1) {
    pen.fillStyle = shades[Math.round(goodAt(map, i / 63) * 63)]!;
    const from = Math.round(area.bottom - (i * tall) / 64);
    const to = Math.round(area.bottom - ((i + 1) * tall) / 64);
    pen.fillRect(x, to, 9, from - to);
  }
  pen.font = font(colours, LABEL);
  pen.fillStyle = colours.dim;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  for (const { at, text } of ticksOf(map.value, tall / 30)) {
    const y = area.bottom - unitOf(map.value, at) * tall;
    pen.fillText(fitted(pen, text, width - x - 14), x + 13, y);
  }
  pen.font = font(colours, 12, 600);
  pen.fillStyle = colours.fg;
  pen.textAlign = 'right';
  pen.fillText(fitted(pen, map.value.title, BAR + 40), width - 2, 26);
}
