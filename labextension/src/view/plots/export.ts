/** The panel of plots as a file. */
import type { Palette } from '../theme';
import type { Pen } from './scene';
import { SvgPen } from './svg';

const SCALE = 2; // of pictures to the page's pixels

/** Something in the panel that can draw itself again, its left upper corner at 0, 0. */
export interface Painter {
  paintAll(pen: Pen): void;
}

const PAINTERS = new Map<Element, Painter>();

/** Have an element take part in pictures; canvases do so anyway. Returns what ends that. */
export function register(element: Element, painter: Painter): () => void {
  PAINTERS.set(element, painter);
  return () => void PAINTERS.delete(element);
}

export async function pngOf(panel: HTMLElement, colours: Palette): Promise<Blob> {
  const { width, height } = sizeOf(panel);
  const canvas = document.createElement('canvas');
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const pen = canvas.getContext('2d')!;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = colours.bg;
  pen.fillRect(0, 0, width, height);
  for (const { canvas: each, ...at } of others(panel)) {
    pen.drawImage(each, at.left, at.top, at.width, at.height);
  }
  paintAll(panel, pen);
  return new Promise((resolve, reject) => {
    canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png');
  });
}

export async function svgOf(panel: HTMLElement, colours: Palette): Promise<Blob> {
  const { width, height } = sizeOf(panel);
  const ruler = document.createElement('canvas').getContext('2d')!;
  const pen = new SvgPen((text, font) => {
    ruler.font = font;
    return ruler.measureText(text);
  });
  pen.fillStyle = colours.bg;
  pen.fillRect(0, 0, width, height);
  for (const { canvas, ...at } of others(panel)) {
    pen.image(canvas.toDataURL(), at.left, at.top, at.width, at.height);
  }
  paintAll(panel, pen);
  return new Blob([pen.svg(width, height)], { type: 'image/svg+xml' });
}

/** The canvases that nothing draws again; they are taken as they are. */
function others(
  panel: HTMLElement
): { canvas: HTMLCanvasElement; left: number; top: number; width: number; height: number }[] {
  const drawn = [...PAINTERS.keys()];
  return [...panel.querySelectorAll('canvas')]
    .filter(canvas => canvas.width > 0 && !drawn.some(element => element.contains(canvas)))
    .map(canvas => {
      const { width, height } = canvas.getBoundingClientRect();
      return { canvas, ...offset(canvas, panel), width, height };
    });
}

function paintAll(panel: HTMLElement, pen: Pen): void {
  for (const [element, painter] of PAINTERS) {
    if (panel.contains(element)) {
      const { left, top } = offset(element, panel);
      pen.save();
      pen.translate(left, top);
      painter.paintAll(pen);
      pen.restore();
    }
  }
}

/** All of it, what has been scrolled out of sight, too. */
function sizeOf(panel: HTMLElement): { width: number; height: number } {
  return { width: panel.scrollWidth, height: panel.scrollHeight };
}

function offset(element: Element, panel: HTMLElement): { left: number; top: number } {
  const [inner, outer] = [element.getBoundingClientRect(), panel.getBoundingClientRect()];
  return { left: inner.left - outer.left, top: inner.top - outer.top + panel.scrollTop };
}

/** Hand a file to the user. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = fileName(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A name that every system takes for a file. */
export function fileName(name: string): string {
  return name.replace(/[^\p{L}\p{N}._ -]+/gu, '-').replace(/^[-. ]+/, '').slice(-120) || 'plot';
}
