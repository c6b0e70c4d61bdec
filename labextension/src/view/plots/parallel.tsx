/** Parallel coordinates: a line for each trial across its hyperparameters to its value. */
import { useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useView } from '../context';
import type { Study, Trial } from '../data/study';
import { bestValue, configuration } from '../data/tell';
import type { Ui } from '../data/ui';
import { count, metric } from '../format';
import { useFrames, useWidth } from './canvas';
import { OBJECTIVE } from './dimensions';
import { register } from './export';
import { LogTool } from './history';
import { moved, nearestLine } from './lines';
import { logSwitch } from './objective';
import { AxisHandles } from './parallel-handles';
import { Bundles, type Bundle } from './parallel-bundle';
import { paintParallel, ParallelPainter, type Marks } from './parallel-paint';
import { brushesOf, useRanges, type Ranges } from './parallel-ranges';
import type { Plot } from './plot';
import { select } from './select';
import { Nothing, Toggle } from './tools';

const REACH = 8; // px from a line to the pointer

function View({ height }: { height: number }): JSX.Element {
  const { study } = useView();
  return study.columns.value.length === 0 ? (
    <Nothing>The search space has no hyperparameter.</Nothing>
  ) : (
    <Parallel height={height} />
  );
}

function Parallel({ height }: { height: number }): JSX.Element {
  const { ui } = useView();
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef(new ParallelPainter());
  const width = useWidth(stage, ui.width.value - 12);
  const bundle = useBundle(width, height);
  const ranges = useRanges(ui, bundle);
  const moving = useSignal<Marks['moving']>(null);
  const marks = (): Marks => ({
    brushes: ranges.now.value,
    settled: ranges.settled(),
    mask: ranges.mask(),
    selected: ui.selected.value,
    hover: placeOf(bundle, ui.tip.value?.trial),
    moving: moving.value
  });
  const ask = useFrames(
    stage,
    () =>
      canvas.current !== null &&
      painter.current.draw(canvas.current, bundle, marks(), ui.palette.value)
  );
  const latest = useRef({ bundle, marks });
  latest.current = { bundle, marks };
  useEffect(
    () =>
      register(canvas.current!, {
        paintAll: pen =>
          paintParallel(pen, latest.current.bundle, latest.current.marks(), ui.palette.value)
      }),
    [ui]
  );
  useSignalEffect(() => {
    void [ui.selected.value, ui.tip.value, ui.passing.value, ui.palette.value];
    void [ranges.now.value, moving.value];
    ask();
  });
  useLayoutEffect(ask, [bundle]);
  const under = (event: MouseEvent): Trial | null => {
    const { left, top } = canvas.current!.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const at = nearestLine(bundle.ys, bundle.frame, ranges.candidates(), x, y, REACH);
    return bundle.trials[at] ?? null;
  };
  const hover = (event: MouseEvent): void => {
    const trial = event.buttons === 0 && event.target === canvas.current ? under(event) : null;
    canvas.current!.style.cursor = trial ? 'pointer' : '';
    ui.tip.value = trial && { trial, x: event.clientX, y: event.clientY };
  };
  return (
    <div ref={stage} class="jhpo-parallel" style={{ height: `${height}px` }}>
      <div
        role="group"
        aria-label="Parallel coordinates: ranges of the axes"
        aria-describedby="jhpo-parallel-help"
        style={{ width: `${bundle.width}px`, height: `${height}px` }}
        onPointerMove={hover}
        onPointerLeave={() => (ui.tip.value = null)}
      >
        <canvas
          ref={canvas}
          aria-hidden="true"
          style={{ width: `${bundle.width}px`, height: `${height}px` }}
          onClick={event => select(ui, under(event), event)}
          onDblClick={event => (ui.open.value = under(event)?.n ?? ui.open.value)}
        />
        <Axes bundle={bundle} ranges={ranges} moving={moving} />
        <p id="jhpo-parallel-help" class="jhpo-unseen">
          Up and down move an end of a range, left and right go to the next axis, Escape clears the
          range, Alt with left or right moves the axis.
        </p>
      </div>
    </div>
  );
}

function Axes(props: {
  bundle: Bundle;
  ranges: Ranges;
  moving: { value: Marks['moving'] };
}): JSX.Element {
  const { bundle, ranges, moving } = props;
  const { ui } = useView();
  const order = ui.remember<string[]>('parallel.order', []);
  const active = useSignal(0);
  const byPointer = useSignal(false);
  const group = useRef<HTMLDivElement>(null);
  const ids = bundle.axes.map(({ id }) => id).filter(id => id !== OBJECTIVE);
  const go = (k: number, end: 0 | 1): void => {
    if (k >= 0 && k < bundle.axes.length) {
      active.value = k;
      group.current?.querySelector<HTMLElement>(`[data-end="${k}-${end}"]`)?.focus();
    }
  };
  const drop = (k: number, x: number): void => {
    const { xs } = bundle.frame;
    const to = ids.findIndex((_, i) => x < (xs[i]! + (xs[i + 1] ?? Infinity)) / 2);
    order.value = moved(ids, k, to < 0 ? ids.length - 1 : to);
  };
  return (
    <div
      ref={group}
      class="jhpo-axes"
      onPointerDown={() => (byPointer.value = true)}
      onKeyDown={() => (byPointer.value = false)}
      data-pointer={byPointer.value}
    >
      {bundle.axes.map((axis, k) => (
        <AxisHandles
          key={axis.id}
          axis={axis}
          k={k}
          frame={bundle.frame}
          range={ranges.now.value[axis.id]}
          active={k === Math.min(active.value, bundle.axes.length - 1)}
          setRange={(range, done) => ranges.set(axis.id, range, done)}
          go={go}
          {...(axis.id !== OBJECTIVE && {
            move: (by: number, end: 0 | 1) => {
              order.value = moved(ids, k, k + by);
              setTimeout(go, 0, Math.min(Math.max(k + by, 0), ids.length - 1), end);
            },
            drag: (x: number | null, done: boolean) => {
              moving.value = x === null || done ? null : { k, x };
              if (x !== null && done) {
                drop(k, x);
              }
            }
          })}
        />
      ))}
    </div>
  );
}

/** What is shown, made anew only if something of it has changed. */
function useBundle(width: number, height: number): Bundle {
  const { study, ui } = useView();
  const bundles = useRef(new Bundles());
  const order = ui.remember<string[]>('parallel.order', []).value;
  const log = logSwitch(ui, 'parallel').value;
  const others = useOthers(ui).value;
  const { params, maximize } = study.info.value;
  const declared = JSON.stringify([params, maximize]);
  return useMemo(
    () => bundles.current.of(study, { width, height, order, log, others }),
    [study.trials.value, declared, width, height, order, log, others]
  );
}

function placeOf({ trials }: Bundle, trial: Trial | undefined): number {
  return trial ? trials.findIndex(({ n }) => n === trial.n) : -1;
}

const useOthers = (ui: Ui) => ui.remember('parallel.others', true);

function Tools(): JSX.Element {
  const { study, ui } = useView();
  const brushes = brushesOf(ui);
  const others = useOthers(ui);
  const { counts } = study.glance.value;
  const set = Object.keys(brushes.value).length;
  return (
    <>
      {set > 0 && (
        <button class="jhpo-tool" onClick={() => (brushes.value = {})}>
          clear {count(set, 'range')}
        </button>
      )}
      {counts.PRUNED + counts.FAIL + counts.SKIPPED > 0 && (
        <Toggle
          on={others.value}
          title="show trials without a value: pruned, failed, skipped"
          flip={() => (others.value = !others.value)}
        >
          without value
        </Toggle>
      )}
      <LogTool plot="parallel" />
    </>
  );
}

function summary(study: Study): string {
  const info = study.info.value;
  const seen = study.glance.value;
  const names = study.columns.value.map(({ name }) => name);
  const across = [...names, metric(info.metric)].join(', ');
  const best = seen.best
    ? ` The best, trial ${seen.best.n} with ${bestValue(seen)}, has ` +
      `${configuration(seen.best, study.columns.value)}.`
    : '';
  return `Parallel coordinates of ${count(seen.trials.length, 'trial')} over ${across}.${best}`;
}

export const parallel: Plot = { id: 'parallel', title: 'Parallel', View, Tools, summary };
