import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useView, type View as Whole } from '../context';
import type { Column, Study } from '../data/study';
import { count, value } from '../format';
import type { Line } from '../protocol';
import { valueOf } from '../data/study';
import { useAsked } from './asked';
import { Chart } from './chart';
import { LogTool } from './history';
import { objectiveName } from './objective';
import type { Plot } from './plot';
import { Caption, HEAD } from './slice-caption';
import { EXPECTS, isModelled, lineNow, lineOf, modelTold, wantedOf } from './slice-model';
import { sliceScene } from './slice-scene';
import { Nothing, Toggle } from './tools';

const NARROW = 480; // px of the view, under which one hyperparameter is shown
const LEAST = { width: 132, height: 118 }; // px of a plot
const GUTTER = 36; // px that the first plot of a row has more, for the numbers

function View({ height }: { height: number }): JSX.Element {
  const view = useView();
  const { study, ui } = view;
  const none = useComputed(() => study.glance.value.complete.length === 0);
  const columns = study.columns.value;
  if (columns.length === 0) {
    return <Nothing>The search space has no hyperparameter.</Nothing>;
  }
  if (none.value) {
    return (
      <Nothing>
        No trial is complete yet: this shows the objective by each hyperparameter, one plot each.
      </Nothing>
    );
  }
  const width = ui.width.value;
  return width < NARROW ? (
    <One columns={columns} width={width} height={height} />
  ) : (
    <>
      <Caption width={width} model={isModelled(view, columns)} />
      <Grid columns={columns} width={width} height={height - HEAD} />
    </>
  );
}

/** How many plots of what size fit beside each other. */
export function grid(
  plots: number,
  width: number,
  height: number
): { across: number; each: number; tall: number } {
  const most = Math.max(Math.floor((width - GUTTER) / LEAST.width), 1);
  const rows = Math.ceil(plots / most);
  const across = Math.ceil(plots / rows); // rows of about equal length
  const each = Math.min(Math.floor((width - GUTTER) / across), 420);
  return { across, each, tall: Math.max(Math.floor(height / rows), LEAST.height) };
}

function Grid(props: { columns: readonly Column[]; width: number; height: number }): JSX.Element {
  const { columns, width, height } = props;
  let { across, each, tall } = grid(columns.length, width, height);
  if (tall * Math.ceil(columns.length / across) > height) {
    ({ across, each, tall } = grid(columns.length, width - 16, height)); // a scroll bar's room
  }
  return (
    <div class="jhpo-slices" style={{ height: `${height}px` }}>
      {columns.map((column, i) => {
        const first = i % across === 0;
        return (
          <Sliced
            key={`${column.name} ${first}`}
            column={column}
            first={first}
            width={each + (first ? GUTTER : 0)}
            height={tall}
          />
        );
      })}
    </div>
  );
}

interface SlicedProps {
  column: Column;
  first: boolean;
  width: number;
  height: number;
  title?: () => string;
}

function Sliced({ column, first, width, height, title }: SlicedProps): JSX.Element {
  const view = useView();
  const { study, ui, asker } = view;
  useAsked<Line>(asker.live && wantedOf(view).value ? lineOf(column) : null);
  return (
    <Chart
      plot="slice"
      part={column.name}
      label={`Objective by ${column.name}`}
      width={width}
      height={height}
      scene={() => {
        const now = current(study, column);
        const line = lineNow(view, now);
        return sliceScene(study, ui, { column: now, first, title: title?.() ?? null, line });
      }}
    />
  );
}

/** The column as the search space is now. */
function current(study: Study, { name }: Column): Column {
  return study.columns.value.find(column => column.name === name)!;
}

function One(props: { columns: readonly Column[]; width: number; height: number }): JSX.Element {
  const { study, ui } = useView();
  const { columns, width, height } = props;
  const chosen = ui.remember('plots.slice.chosen', '');
  const column = columns.find(({ name }) => name === chosen.value) ?? columns[0]!;
  const title = (): string => `${objectiveName(study)} by ${column.name}`;
  return (
    <>
      <select
        class="jhpo-input jhpo-slice-choice"
        aria-label="hyperparameter"
        value={column.name}
        onChange={event => (chosen.value = event.currentTarget.value)}
      >
        {columns.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <Sliced
        key={column.name}
        column={column}
        first
        width={width}
        height={height - 30}
        title={title}
      />
    </>
  );
}

function Tools(): JSX.Element {
  const view = useView();
  const wanted = wantedOf(view);
  // one that is hidden is not asked for, so whether there is one is not known then
  const can = view.asker.live && (!wanted.value || isModelled(view, view.study.columns.value));
  return (
    <>
      {can && (
        <Toggle
          on={wanted.value}
          title={EXPECTS}
          flip={() => (wanted.value = !wanted.value)}
        >
          model
        </Toggle>
      )}
      <LogTool plot="slice" />
    </>
  );
}

function summary(study: Study, view: Whole): string {
  const { best, complete } = study.glance.value;
  const name = objectiveName(study);
  if (!best) {
    return `${name} by hyperparameter: no value yet.`;
  }
  const at = study.columns.value
    .map(column => [column.name, valueOf(best, column)] as const)
    .filter(([, held]) => held !== undefined)
    .map(([column, held]) => `${column} ${value(held)}`);
  return (
    `${name} of ${count(complete.length, 'complete trial')} by each hyperparameter; ` +
    `the best, trial ${best.n}, is at ${at.join(', ')}.${modelTold(study, view)}`
  );
}

export const slice: Plot = {
  id: 'slice',
  title: 'Slice',
  View,
  Tools,
  summary,
  follows: view => void isModelled(view, view.study.columns.value)
};
