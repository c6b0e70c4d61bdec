/** What the plots that draw on a canvas of their own have in common. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { css, ramp, type Palette } from '../theme';
import { Drawing, frames } from './frames';
import type { Pen } from './scene';

export type Context = CanvasRenderingContext2D;

export const TONES = 32;

/** Pixels of the device to a CSS pixel. */
export function pixelRatio(): number {
  return Math.min(window.devicePixelRatio || 1, 3);
}

/** Give a canvas its size in CSS pixels; returns a context in these units. */
export function fit(canvas: HTMLCanvasElement, width: number, height: number): Context {
  const ratio = pixelRatio();
  const [w, h] = [Math.max(Math.round(width * ratio), 1), Math.max(Math.round(height * ratio), 1)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/** Whether the page is dark; colours may be in any notation, so one is painted and looked at. */
export function isDark(colours: Palette): boolean {
  let found = darkness.get(colours);
  if (found === undefined) {
    const context = fit(document.createElement('canvas'), 1, 1);
    context.fillStyle = colours.bg;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
    found = 0.299 * r! + 0.587 * g! + 0.114 * b! < 128;
    darkness.set(colours, found);
  }
  return found;
}
const darkness = new WeakMap<Palette, boolean>();

/** The colour of a value that is `good` in [0, 1]: what is good stands out from the page. */
export function tone(good: number, dark: boolean): [number, number, number] {
  return dark ? ramp(0.14 + 0.86 * good) : ramp(0.94 * (1 - good));
}

/** The tones from the worst to the best, as CSS colours. */
export function tones(dark: boolean, count = TONES): string[] {
  return Array.from({ length: count }, (_, i) => css(tone(i / (count - 1), dark)));
}

export function toneOf(good: number, count = TONES): number {
  return Math.min(Math.max(Math.round(good * (count - 1)), 0), count - 1);
}

/** Text that can be read over lines. */
export function write(pen: Pen, text: string, x: number, y: number, colours: Palette): void {
  if ('strokeText' in pen) {
    pen.lineJoin = 'round';
    pen.strokeStyle = colours.bg;
    pen.lineWidth = 3.5;
    pen.globalAlpha = 0.85;
    (pen as Context).strokeText(text, x, y);
    pen.globalAlpha = 1;
  } else {
    const { width } = pen.measureText(text);
    const before = { right: width, center: width / 2 }[pen.textAlign as string] ?? 0;
    const fill = pen.fillStyle;
    [pen.fillStyle, pen.globalAlpha] = [colours.bg, 0.75];
    pen.fillRect(x - before - 1, y - 7, width + 2, 14);
    [pen.fillStyle, pen.globalAlpha] = [fill, 1];
  }
  pen.fillText(text, x, y);
}

export function font(colours: Palette, size = 12, weight = 400): string {
  return `${weight} ${size}px ${colours.font}`;
}

/**
 * A function that has `draw` called in an animation frame soon, once however often it is asked,
 * and not before the element can be seen. `draw` returns whether it wants another frame.
 */
export function useFrames(seen: RefObject<Element | null>, draw: () => boolean): () => void {
  const latest = useRef(draw);
  latest.current = draw;
  const drawn = useRef<Seen | null>(null);
  drawn.current ??= new Seen(() => latest.current());
  useEffect(() => drawn.current!.watch(seen.current!), [seen]);
  return drawn.current.ask;
}

class Seen {
  private visible = true;
  private due = false;
  private readonly drawing = new Drawing(() => {
    this.due = false;
    if (this.draw()) {
      this.ask();
    }
  });

  constructor(private readonly draw: () => boolean) {}

  readonly ask = (): void => {
    this.due = true;
    if (this.visible) {
      frames.request(this.drawing);
    }
  };

  watch(element: Element): () => void {
    const observer = new IntersectionObserver(entries => {
      this.visible = entries.at(-1)!.isIntersecting;
      if (this.visible && this.due) {
        this.ask();
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      frames.cancel(this.drawing);
    };
  }
}

/** The width of an element, px. */
export function useWidth(of: RefObject<Element | null>, initial: number): number {
  const [width, setWidth] = useState(initial);
  useEffect(() => {
    const observer = new ResizeObserver(entries => {
      const now = Math.round(entries.at(-1)!.contentRect.width);
      if (now > 0) {
        setWidth(now);
      }
    });
    observer.observe(of.current!);
    return () => observer.disconnect();
  }, [of]);
  return width;
}
