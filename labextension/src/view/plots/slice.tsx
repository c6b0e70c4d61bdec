import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useView } from '../context';
import type { Column, Study } from '../data/study';
import { count, value } from '../format';
import { valueOf } from '../data/study';
import { Chart } from './chart';
import { register } from './export';
import { LogTool } from './history';
import { dashed, dot, heading, ring } from './marks';
import { objectiveName, useLog } from './objective';
import type { Plot } from './plot';
import type { Key, Pen } from './scene';
import { sliceScene } from './slice-scene';
import { Nothing } from './tools';

const HEAD = 20; // px
const NARROW = 480; // px of the view, under which one hyperparameter is shown
const LEAST = { width: 132, height: 118 }; // px of a plot
const GUTTER = 36; // px that the first plot of a row has more, for the numbers

function View({ height }: { height: number }): JSX.Element {
  const { study, ui } = useView();
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
      <Caption width={width} />
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
  const { study, ui } = useView();
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
          <Chart
            key={`${column.name} ${first}`}
            plot="slice"
            part={column.name}
            label={`Objective by ${column.name}`}
            width={each + (first ? GUTTER : 0)}
            height={tall}
            scene={() => sliceScene(study, ui, current(study, column), first)}
          />
        );
      })}
    </div>
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
      <Chart
        key={column.name}
        plot="slice"
        part={column.name}
        label={`Objective by ${column.name}`}
        width={width}
        height={height - 30}
        scene={() => sliceScene(study, ui, current(study, column), true, title())}
      />
    </>
  );
}

/** What all the plots show, and what the marks mean. */
function Caption({ width }: { width: number }): JSX.Element {
  const { study, ui } = useView();
  const { on } = useLog('slice');
  const canvas = useRef<HTMLCanvasElement>(null);
  const name = objectiveName(study);
  const colours = ui.palette.value;
  useEffect(() => {
    const ratio = window.devicePixelRatio;
    const node = canvas.current!;
    node.width = width * ratio;
    node.height = HEAD * ratio;
    const paintAll = (pen: Pen): void => {
      pen.font = `12px ${colours.font}`;
      const title = `${name} by hyperparameter${on ? ', log scale' : ''}`;
      heading(pen, title, keys(colours), { left: 4, right: width, y: 9 }, colours.dim);
    };
    const pen = node.getContext('2d')!;
    pen.scale(ratio, ratio);
    paintAll(pen);
    return register(node, { paintAll });
  }, [width, colours, name, on]);
  return (
    <canvas
      ref={canvas}
      aria-hidden="true"
      style={{ width: `${width}px`, height: `${HEAD}px`, display: 'block' }}
    />
  );
}

function keys(colours: Record<'blue' | 'gold' | 'green', string>): Key[] {
  const aged = (alpha: number): Key['mark'] => (pen, x, y) => {
    pen.globalAlpha = alpha;
    pen.fillStyle = colours.blue;
    dot(pen, x + 2, y, 3);
  };
  return [
    { text: 'older', mark: aged(0.36) },
    { text: 'newer trial', mark: aged(1) },
    {
      text: 'best',
      mark: (pen, x, y) => {
        pen.strokeStyle = colours.green;
        pen.fillStyle = colours.green;
        dot(pen, x + 2, y, 2.6);
        ring(pen, x + 2, y, 5.5, 1.5);
      }
    },
    {
      text: 'default',
      mark: (pen, x, y) => {
        pen.strokeStyle = colours.gold;
        dashed(pen, [x + 2, y - 8], [x + 2, y + 8]);
      }
    }
  ];
}

function summary(study: Study): string {
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
    `the best, trial ${best.n}, is at ${at.join(', ')}.`
  );
}

export const slice: Plot = {
  id: 'slice',
  title: 'Slice',
  View,
  Tools: () => <LogTool plot="slice" />,
  summary
};
