/** A chart of trials: hover, click and keys are the same in all of them. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { useView } from '../context';
import type { Trial } from '../data/study';
import type { Ui } from '../data/ui';
import { metric, number, STATES } from '../format';
import { register } from './export';
import { Plotter } from './plotter';
import type { Scene } from './scene';
import { useZooms } from './zoom';

export interface ChartProps {
  /** the plot, and which of its charts */
  plot: string;
  part?: string;
  label: string;
  width: number;
  height: number;
  /** reads signals; it is made anew when they have changed and the chart is drawn */
  scene: () => Scene;
}

export function Chart({ plot, part = '', label, width, height, scene }: ChartProps): JSX.Element {
  const { study, ui } = useView();
  const zooms = useZooms(plot);
  const place = useRef<HTMLDivElement>(null);
  const plotter = useRef<Plotter | null>(null);
  const make = useRef(scene);
  make.current = scene;
  const said = useSignal('');
  useLayoutEffect(() => {
    const size = { width, height };
    const setting = { study, ui, zooms, part, make: () => make.current() };
    const made = new Plotter(place.current!, setting, size);
    plotter.current = made;
    const stops = [register(place.current!, made), listen(made, ui)];
    return () => {
      stops.forEach(stop => stop());
      ui.tip.value = null;
      made.dispose();
    };
  }, [study, ui, zooms, part]);
  useEffect(() => plotter.current?.resize(width, height), [width, height]);
  const say = (trial: Trial): void => {
    const value = Number.isNaN(trial.value)
      ? ''
      : `, ${metric(study.info.value.metric)} ${number(trial.value)}`;
    said.value = `trial ${trial.n}, ${STATES[trial.s][0]}${value}`;
  };
  return (
    <div
      class="jhpo-chart"
      style={{ width: `${width}px`, height: `${height}px` }}
      role="application"
      aria-label={`${label}; the arrow keys go through the trials, Enter opens one`}
      tabIndex={0}
      onKeyDown={event => plotter.current && press(event, plotter.current, ui, say)}
      onBlur={() => (ui.tip.value = null)}
    >
      <div ref={place} />
      <span class="jhpo-unseen" aria-live="polite">
        {said}
      </span>
    </div>
  );
}

/** The pointer: hover, click, double click. */
function listen(plotter: Plotter, ui: Ui): () => void {
  const { over, ctx } = plotter.chart;
  const under = (event: MouseEvent): Trial | null => {
    const { left, top } = ctx.canvas.getBoundingClientRect();
    const { area, scene } = plotter;
    return area && scene.nearest(area, event.clientX - left, event.clientY - top);
  };
  const move = (event: MouseEvent): void => {
    const trial = event.buttons === 0 ? under(event) : null;
    over.style.cursor = trial ? 'pointer' : '';
    ui.tip.value = trial ? { trial, x: event.clientX, y: event.clientY } : null;
  };
  const click = (event: MouseEvent): void => {
    const trial = under(event);
    const more = event.ctrlKey || event.metaKey || event.shiftKey;
    if (trial) {
      ui.selected.value = more ? toggled(ui.selected.value, trial.n) : new Set([trial.n]);
    } else if (!more && ui.selected.value.size > 0) {
      ui.selected.value = new Set();
    }
  };
  const twice = (event: MouseEvent): void => {
    const trial = under(event);
    if (trial) {
      ui.open.value = trial.n;
    } else {
      plotter.zoom = {};
    }
  };
  const out = (): void => void (ui.tip.value = null);
  over.addEventListener('mousemove', move);
  over.addEventListener('mouseleave', out);
  over.addEventListener('click', click);
  over.addEventListener('dblclick', twice);
  return () => {
    over.removeEventListener('mousemove', move);
    over.removeEventListener('mouseleave', out);
    over.removeEventListener('click', click);
    over.removeEventListener('dblclick', twice);
  };
}

function toggled(set: ReadonlySet<number>, n: number): ReadonlySet<number> {
  const changed = new Set(set);
  return changed.delete(n) ? changed : changed.add(n);
}

/** The keyboard: go through the trials, open or select one, zoom. */
function press(
  event: KeyboardEvent,
  plotter: Plotter,
  ui: Ui,
  say: (trial: Trial) => void
): void {
  const { scene } = plotter;
  const hovered = ui.tip.value?.trial;
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: -1, ArrowDown: 1 };
  const step = steps[event.key];
  const ends = event.key === 'Home' || event.key === 'End';
  if (step !== undefined || ends) {
    const at = scene.trials.findIndex(({ n }) => n === hovered?.n);
    const next = ends
      ? scene.trials.at(event.key === 'Home' ? 0 : -1)
      : scene.trials[at < 0 ? (step! > 0 ? 0 : scene.trials.length - 1) : at + step!];
    if (next) {
      point(plotter, ui, next);
      say(next);
    }
  } else if (event.key === 'Enter' && hovered) {
    ui.open.value = hovered.n;
  } else if (event.key === ' ' && hovered) {
    ui.selected.value = toggled(ui.selected.value, hovered.n);
  } else if (event.key === 'Escape') {
    ui.tip.value = null;
  } else if (event.key === '0') {
    plotter.zoom = {};
  } else {
    return;
  }
  event.preventDefault();
}

function point(plotter: Plotter, ui: Ui, trial: Trial): void {
  const { area, scene, chart } = plotter;
  const at = area && scene.place(area, trial);
  if (at) {
    const { left, top } = chart.ctx.canvas.getBoundingClientRect();
    ui.tip.value = { trial, x: left + at.x, y: top + at.y };
  }
}
