/** A scene on the page: axes, zoom and picture by uPlot, on top of them what is set off. */
import { effect, type Signal } from '@preact/signals';
import uPlot from 'uplot';
import type { Study } from '../data/study';
import type { Ui } from '../data/ui';
import { Drawing, frames } from './frames';
import { Front } from './front';
import { axes, heading } from './marks';
import { ticks, type Tick } from './scale';
import { placed, shownRange, type Area, type Pen, type Scene } from './scene';
import type { Limits, Zoom, Zooms } from './zoom';

export const HEAD = 20; // px for the title and the legend
const FONT_SIZE = 11;

export interface Setting {
  readonly study: Study;
  readonly ui: Ui;
  readonly zooms: Signal<Zooms>;
  /** which of the plot's charts this is */
  readonly part: string;
  readonly make: () => Scene;
}

type Side = 'x' | 'y';
const FULL = 100; // length of uPlot's own scales

export class Plotter {
  scene: Scene;
  area: Area | null = null;
  readonly chart: uPlot;
  private readonly front = new Front();
  /** the ticks as they are drawn, in shares of FULL */
  readonly ticks: Record<Side, Tick[]> = { x: [], y: [] };
  private readonly back = new Drawing(() => this.drawBack());
  private readonly over = new Drawing(() => this.drawFront());
  private readonly stops: (() => void)[] = [];
  private unwatch = (): void => undefined;
  private visible = true;
  private stale = false;

  constructor(
    place: HTMLElement,
    readonly setting: Setting,
    size: { width: number; height: number }
  ) {
    this.scene = this.watched();
    this.chart = new uPlot(this.options(size), [[0, 1], [null, null]], place);
    this.chart.over.parentElement!.append(this.front.canvas);
    const { ui, zooms } = setting;
    this.stops.push(
      effect(() => {
        void [ui.selected.value, ui.open.value, ui.tip.value?.trial];
        frames.request(this.over);
      }),
      effect(() => {
        void zooms.value;
        this.redraw();
      }),
      this.whileSeen(place)
    );
  }

  dispose(): void {
    this.stops.forEach(stop => stop());
    this.unwatch();
    frames.cancel(this.back);
    frames.cancel(this.over);
    this.chart.destroy();
  }

  get zoom(): Zoom {
    return this.setting.zooms.value[this.setting.part] ?? {};
  }

  set zoom(zoom: Zoom) {
    const { [this.setting.part]: _, ...others } = this.setting.zooms.value;
    const none = !zoom.x && !zoom.y;
    this.setting.zooms.value = none ? others : { ...others, [this.setting.part]: zoom };
  }

  resize(width: number, height: number): void {
    if (width !== this.chart.width || height !== this.chart.height) {
      this.chart.setSize({ width, height });
      this.redraw();
    }
  }

  redraw(): void {
    this.stale = true;
    if (this.visible) {
      frames.request(this.back);
    }
  }

  /** What the scene read is watched until it changes once; then it is stale. */
  private watched(): Scene {
    let scene: Scene | null = null;
    this.unwatch();
    this.unwatch = effect(() => {
      if (scene === null) {
        scene = this.setting.make();
      } else {
        this.redraw();
      }
    });
    return scene!;
  }

  private whileSeen(place: HTMLElement): () => void {
    const observer = new IntersectionObserver(entries => {
      this.visible = entries.at(-1)!.isIntersecting;
      if (this.visible && this.stale) {
        this.redraw();
      }
    });
    observer.observe(place);
    return () => observer.disconnect();
  }

  private drawBack(): void {
    this.stale = false;
    this.scene = this.watched();
    this.chart.batch(() => this.chart.redraw(false, true));
    this.freshen();
    this.drawFront();
  }

  /** A running trial changes under the pointer. */
  private freshen(): void {
    const { study, ui } = this.setting;
    const tip = ui.tip.peek();
    const now = tip && study.trial(tip.trial.n);
    if (now && now !== tip.trial) {
      ui.tip.value = { ...tip, trial: now };
    }
  }

  private drawFront(): void {
    if (this.area) {
      const { width, height } = this.chart;
      this.front.draw(width, height, this.scene, this.area, this.setting);
    }
  }

  private drawScene(chart: uPlot): void {
    const ratio = uPlot.pxRatio;
    this.area = this.areaOf(chart, ratio);
    const pen = chart.ctx;
    pen.save();
    pen.scale(ratio, ratio);
    this.paint(pen);
    pen.restore();
  }

  /** The chart once more, for pictures; what uPlot has drawn of it is drawn the same way. */
  paintAll(pen: Pen): void {
    if (this.area) {
      axes(pen, this.area, this.scene, this.tickPlaces('x'), this.tickPlaces('y'));
      this.paint(pen);
    }
  }

  private tickPlaces(side: Side): Tick[] {
    const { left, right, top, bottom } = this.area!;
    return this.ticks[side].map(({ at, text }) => ({
      text,
      at:
        side === 'x'
          ? left + (at / FULL) * (right - left)
          : bottom - (at / FULL) * (bottom - top)
    }));
  }

  /** All but the axes and the background. */
  private paint(pen: Pen): void {
    const { scene, area } = this;
    pen.font = `12px ${scene.colours.font}`;
    const at = { left: 4, right: this.chart.width - 4, y: HEAD / 2 - 1 };
    heading(pen, scene.title, scene.keys, at, scene.colours.dim);
    pen.font = `${FONT_SIZE}px ${scene.colours.font}`;
    scene.paint(pen, area!);
  }

  private areaOf({ bbox }: uPlot, ratio: number): Area {
    const [left, top] = [bbox.left / ratio, bbox.top / ratio];
    const [right, bottom] = [left + bbox.width / ratio, top + bbox.height / ratio];
    const { x, y } = this.scene;
    const across = placed(x, this.zoom.x, left, right);
    const up = placed(y, this.zoom.y, bottom, top);
    return {
      ...{ left, top, right, bottom, x: across.at, y: up.at, xAt: across.back, yAt: up.back },
      shown: { x: shownRange(x, this.zoom.x), y: shownRange(y, this.zoom.y) }
    };
  }

  /** Zoom to what has been drawn a box around. */
  private select({ select, over, setSelect }: uPlot): void {
    const { left, top, width, height } = select;
    const area = this.area;
    if ((width <= 0 && height <= 0) || !area) {
      return;
    }
    setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    const zoom: { x?: Limits; y?: Limits } = { ...this.zoom };
    if (width < over.clientWidth - 1 && !this.scene.x.fixed) {
      zoom.x = inOrder(area.xAt(area.left + left), area.xAt(area.left + left + width));
    }
    if (height < over.clientHeight - 1 && !this.scene.y.fixed) {
      zoom.y = inOrder(area.yAt(area.top + top), area.yAt(area.top + top + height));
    }
    this.zoom = zoom;
  }

  private options({ width, height }: { width: number; height: number }): uPlot.Options {
    return {
      width,
      height,
      padding: [HEAD, () => this.scene.right ?? 12, 0, 0],
      legend: { show: false },
      cursor: {
        ...{ x: false, y: false, points: { show: false } },
        drag: { setScale: false, x: true, y: !this.scene.y.fixed, uni: 24, dist: 5 },
        bind: { dblclick: () => () => null }
      },
      // its own scales stay as they are: those of the scene have no limits of digits
      scales: { x: { time: false, range: [0, FULL] }, y: { range: [0, FULL] } },
      series: [{}, { paths: () => null, points: { show: false } }],
      axes: [this.axis('x', 80), this.axis('y', 40)],
      hooks: { draw: [chart => this.drawScene(chart)], setSelect: [chart => this.select(chart)] }
    };
  }

  private axis(side: Side, each: number): uPlot.Axis {
    const shade = (colour: 'dim' | 'line') => (): string => this.scene.colours[colour];
    return {
      stroke: shade('dim'),
      font: `${FONT_SIZE}px ${this.scene.colours.font}`,
      ...{ gap: side === 'x' ? 4 : 6, space: 1, incrs: [FULL / 10] },
      splits: ({ bbox }) => {
        const room = (side === 'x' ? bbox.width : bbox.height) / uPlot.pxRatio;
        this.ticks[side] = this.ticksOf(side, room, Math.max(room / each, 2));
        return this.ticks[side].map(({ at }) => at);
      },
      values: () => this.ticks[side].map(({ text }) => (this.scene[side].bare ? '' : text)),
      size: (_, texts) => (side === 'x' ? 20 : this.scene.y.bare ? 8 : gutter(texts ?? [])),
      grid: {
        ...{ show: true, width: 1 },
        stroke: () => (this.scene[side].grid ? this.scene.colours.line : 'transparent')
      },
      ticks: { show: false },
      border: { show: side === 'x', stroke: shade('line'), width: 1 }
    };
  }

  private ticksOf(side: Side, room: number, most: number): Tick[] {
    const axis = this.scene[side];
    const { at } = placed(axis, this.zoom[side], 0, FULL, room);
    const told = (axis.ticks ?? ticks)(shownRange(axis, this.zoom[side]), most);
    return told.map(tick => ({ at: at(tick.at), text: tick.text }));
  }
}

/** Width of the numbers left of a plot, px; the least of it is there from the start. */
function gutter(texts: readonly string[]): number {
  return 12 + 6.3 * Math.max(4, ...texts.map(text => text.length));
}

function inOrder(a: number, b: number): Limits {
  return a < b ? [a, b] : [b, a];
}
