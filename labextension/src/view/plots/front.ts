/** What is set off on a chart, on a canvas of its own: it changes with each move of the pointer. */
import uPlot from 'uplot';
import type { Study, Trial } from '../data/study';
import type { Ui } from '../data/ui';
import { ring } from './marks';
import type { Area, Scene } from './scene';

const MARKED = 500; // trials set off at most

export class Front {
  readonly canvas = document.createElement('canvas');

  constructor() {
    this.canvas.className = 'jhpo-front';
  }

  /** The selected trials, the one that is open, and the one under the pointer here or elsewhere. */
  draw(
    width: number,
    height: number,
    scene: Scene,
    area: Area,
    { study, ui }: { study: Study; ui: Ui }
  ): void {
    const pen = this.cleared(width, height);
    const numbers = new Set([...ui.selected.peek()].slice(0, MARKED));
    const open = ui.open.peek();
    if (open !== null) {
      numbers.add(open);
    }
    const hovered = ui.tip.peek()?.trial;
    for (const number of numbers) {
      const trial = study.trial(number);
      if (trial && number !== hovered?.n) {
        mark(pen, scene, area, trial, false);
      }
    }
    if (hovered) {
      mark(pen, scene, area, hovered, true);
    }
  }

  private cleared(width: number, height: number): CanvasRenderingContext2D {
    const ratio = uPlot.pxRatio;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
    const pen = this.canvas.getContext('2d')!;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    return pen;
  }
}

function mark(
  pen: CanvasRenderingContext2D,
  scene: Scene,
  area: Area,
  trial: Trial,
  hovered: boolean
): void {
  if (scene.mark) {
    scene.mark(pen, area, trial, hovered);
    return;
  }
  const at = scene.place(area, trial);
  const across = at && at.x >= area.left - 1 && at.x <= area.right + 1;
  if (across && at.y >= area.top - 1 && at.y <= area.bottom + 1) {
    pen.strokeStyle = hovered ? scene.colours.fg : scene.colours.gold;
    ring(pen, at.x, at.y, 6.5);
  }
}
