/** A contour plot on a canvas: what seldom changes is kept, what is set off goes over it. */
import { fit } from './canvas';
import type { ContourMap } from './contour-map';
import { areaOf, pointOf, type Area, type Look } from './contour-area';
import { paintContour } from './contour-paint';
import { ring } from './marks';

const MOST_SELECTED = 500;

export class ContourPainter {
  area: Area | null = null;
  private readonly kept = document.createElement('canvas');
  private map: ContourMap | null = null;
  private look: Look | null = null;

  draw(
    canvas: HTMLCanvasElement,
    map: ContourMap,
    look: Look,
    selected: ReadonlySet<number>,
    hover: number
  ): void {
    const { width, height, colours } = look;
    if (map !== this.map || !this.look || !same(look, this.look)) {
      const pen = fit(this.kept, width, height);
      pen.clearRect(0, 0, width, height);
      paintContour(pen, map, look);
      this.area = areaOf(pen, map, look);
      [this.map, this.look] = [map, look];
    }
    const pen = fit(canvas, width, height);
    pen.clearRect(0, 0, width, height);
    pen.drawImage(this.kept, 0, 0, width, height);
    let left = MOST_SELECTED;
    map.trials.forEach(({ n }, i) => {
      const pointed = n === hover;
      if (pointed || (selected.has(n) && (left -= 1) >= 0)) {
        const [x, y] = pointOf(map, this.area!, i);
        if (!Number.isNaN(x + y)) {
          pen.strokeStyle = colours.bg;
          ring(pen, x, y, 6.5, 4.5);
          pen.strokeStyle = pointed ? colours.fg : colours.gold;
          ring(pen, x, y, 6.5, 2);
        }
      }
    });
  }
}

function same(a: Look, b: Look): boolean {
  return (Object.keys(a) as (keyof Look)[]).every(key => a[key] === b[key]);
}
