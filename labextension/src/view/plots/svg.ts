/** Writes as an SVG what is drawn: as much of a canvas's interface as plots use. */
import type { Pen } from './scene';

interface State {
  fillStyle: Pen['fillStyle'];
  strokeStyle: Pen['strokeStyle'];
  lineWidth: number;
  lineCap: CanvasLineCap;
  lineJoin: CanvasLineJoin;
  globalAlpha: number;
  font: string;
  textAlign: CanvasTextAlign;
  textBaseline: CanvasTextBaseline;
  dashes: readonly number[];
  dx: number;
  dy: number;
  /** groups that have been opened for clips */
  groups: number;
}

export class SvgPen implements Pen {
  private readonly out: string[] = [];
  private readonly states: State[] = [];
  private state: State = {
    ...{ fillStyle: '#000', strokeStyle: '#000', lineWidth: 1, lineCap: 'butt', lineJoin: 'miter' },
    ...{ globalAlpha: 1, font: '10px sans-serif', textAlign: 'start', textBaseline: 'alphabetic' },
    ...{ dashes: [], dx: 0, dy: 0, groups: 0 }
  };
  private path = '';
  private clips = 0;
  /** squares of one style, which go into one path */
  private squares: { style: string; path: string } | null = null;

  constructor(private readonly measure: (text: string, font: string) => TextMetrics) {}

  get fillStyle(): Pen['fillStyle'] { return this.state.fillStyle; }
  set fillStyle(style: Pen['fillStyle']) { this.state.fillStyle = style; }
  get strokeStyle(): Pen['strokeStyle'] { return this.state.strokeStyle; }
  set strokeStyle(style: Pen['strokeStyle']) { this.state.strokeStyle = style; }
  get lineWidth(): number { return this.state.lineWidth; }
  set lineWidth(width: number) { this.state.lineWidth = width; }
  get lineCap(): CanvasLineCap { return this.state.lineCap; }
  set lineCap(cap: CanvasLineCap) { this.state.lineCap = cap; }
  get lineJoin(): CanvasLineJoin { return this.state.lineJoin; }
  set lineJoin(join: CanvasLineJoin) { this.state.lineJoin = join; }
  get globalAlpha(): number { return this.state.globalAlpha; }
  set globalAlpha(alpha: number) { this.state.globalAlpha = alpha; }
  get font(): string { return this.state.font; }
  set font(font: string) { this.state.font = font; }
  get textAlign(): CanvasTextAlign { return this.state.textAlign; }
  set textAlign(align: CanvasTextAlign) { this.state.textAlign = align; }
  get textBaseline(): CanvasTextBaseline { return this.state.textBaseline; }
  set textBaseline(baseline: CanvasTextBaseline) { this.state.textBaseline = baseline; }

  save(): void {
    this.states.push(this.state);
    this.state = { ...this.state, groups: 0 };
  }

  restore(): void {
    this.flush();
    this.out.push('</g>'.repeat(this.state.groups));
    this.state = this.states.pop() ?? this.state;
  }

  translate(x: number, y: number): void {
    this.state.dx += x;
    this.state.dy += y;
  }

  setLineDash(dashes: Iterable<number>): void {
    this.state.dashes = [...dashes];
  }

  beginPath(): void {
    this.path = '';
  }

  closePath(): void {
    this.path += 'Z';
  }

  moveTo(x: number, y: number): void {
    this.path += `M${this.at(x, y)}`;
  }

  lineTo(x: number, y: number): void {
    this.path += `${this.path ? 'L' : 'M'}${this.at(x, y)}`;
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.path += this.box(x, y, width, height);
  }

  /** Whole circles and parts of them, clockwise. */
  arc(x: number, y: number, radius: number, from: number, to: number): void {
    const point = (angle: number): string =>
      this.at(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
    const r = round(radius);
    const middle = (from + to) / 2;
    const start = this.path === '' || to - from >= 2 * Math.PI ? 'M' : 'L';
    const half = (end: number): string => `A${r} ${r} 0 0 1 ${point(end)}`;
    this.path += `${start}${point(from)}${half(middle)}${half(to)}`;
  }

  clip(): void {
    this.flush();
    this.clips += 1;
    const id = `clip${this.clips}`;
    this.out.push(`<clipPath id="${id}"><path d="${this.path}"/></clipPath>`);
    this.out.push(`<g clip-path="url(#${id})">`);
    this.state.groups += 1;
  }

  fill(): void {
    this.flush();
    this.out.push(`<path d="${this.path}" ${this.filled()}/>`);
  }

  stroke(): void {
    this.flush();
    const { strokeStyle, lineWidth, lineCap, lineJoin, dashes } = this.state;
    const dash = dashes.length > 0 ? ` stroke-dasharray="${dashes.join(' ')}"` : '';
    this.out.push(
      `<path d="${this.path}" fill="none" ${paint('stroke', strokeStyle)}${this.opacity()}` +
        ` stroke-width="${lineWidth}" stroke-linecap="${lineCap}"` +
        ` stroke-linejoin="${lineJoin}"${dash}/>`
    );
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    const style = this.filled();
    if (this.squares?.style !== style) {
      this.flush();
      this.squares = { style, path: '' };
    }
    this.squares.path += this.box(x, y, width, height);
  }

  fillText(text: string, x: number, y: number): void {
    this.flush();
    const { font, textAlign, textBaseline, dx, dy } = this.state;
    const [, weight = '', size = '10', family = 'sans-serif'] =
      /^(?:(\d+|bold|normal)\s+)?(\d+(?:\.\d+)?)px\s+(.*)$/.exec(font) ?? [];
    const drop = { middle: 0.35, top: 0.8, hanging: 0.8 }[textBaseline as string] ?? 0;
    const anchor = { center: 'middle', right: 'end', end: 'end' }[textAlign as string] ?? 'start';
    this.out.push(
      `<text x="${round(x + dx)}" y="${round(y + dy + drop * Number(size))}"` +
        ` font-family="${escape(family)}" font-size="${size}"` +
        (weight && ` font-weight="${weight}"`) +
        ` text-anchor="${anchor}" ${this.filled()}>${escape(text)}</text>`
    );
  }

  measureText(text: string): TextMetrics {
    return this.measure(text, this.state.font);
  }

  /** A picture of dots amidst the drawing. */
  image(url: string, x: number, y: number, width: number, height: number): void {
    this.flush();
    const at = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
    this.out.push(`<image ${at} href="${escape(url)}"/>`);
  }

  /** The drawing as a file. */
  svg(width: number, height: number): string {
    this.flush();
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${this.out.join('\n')}</svg>\n`;
  }

  private flush(): void {
    if (this.squares) {
      this.out.push(`<path d="${this.squares.path}" ${this.squares.style}/>`);
      this.squares = null;
    }
  }

  private filled(): string {
    return `${paint('fill', this.state.fillStyle)}${this.opacity()}`;
  }

  private opacity(): string {
    return this.state.globalAlpha < 1 ? ` opacity="${round(this.state.globalAlpha)}"` : '';
  }

  private at(x: number, y: number): string {
    return `${round(x + this.state.dx)} ${round(y + this.state.dy)}`;
  }

  private box(x: number, y: number, width: number, height: number): string {
    const [w, h] = [round(width), round(height)];
    return `M${this.at(x, y)}h${w}v${h}h${-w}z`;
  }
}

function round(x: number): number {
  return Math.round(x * 100) / 100;
}

function escape(text: string): string {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // characters that XML has no way to write are left out
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '').replace(/[&<>"]/g, c => named[c]!);
}

/** A colour as drawing programs know it: those of `color-mix` come as `color(srgb ...)`. */
export function plainColour(colour: string): { rgb: string; alpha: number } {
  const parts = colour.match(/-?[\d.]+(?:e-?\d+)?/g)?.map(Number) ?? [];
  const [r = 0, g = 0, b = 0, alpha = 1] = parts;
  if (colour.startsWith('color(srgb')) {
    const whole = (part: number): number => Math.round(Math.min(Math.max(part, 0), 1) * 255);
    const [red, green, blue] = [r, g, b].map(whole);
    return { rgb: `rgb(${red}, ${green}, ${blue})`, alpha };
  }
  return colour.startsWith('rgb')
    ? { rgb: `rgb(${r}, ${g}, ${b})`, alpha }
    : { rgb: colour, alpha: 1 };
}

function paint(what: 'fill' | 'stroke', style: Pen['fillStyle']): string {
  const { rgb, alpha } = plainColour(String(style));
  return `${what}="${escape(rgb)}"${alpha < 1 ? ` ${what}-opacity="${alpha}"` : ''}`;
}
