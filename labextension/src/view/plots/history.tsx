import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useView } from '../context';
import type { Study } from '../data/study';
import { count, number } from '../format';
import { Chart } from './chart';
import { historyScene } from './history-scene';
import { objectiveName, useLog } from './objective';
import type { Plot } from './plot';
import { Nothing, Toggle } from './tools';

function View({ height }: { height: number }): JSX.Element {
  const { study, ui } = useView();
  const none = useComputed(() => study.glance.value.done === 0);
  if (none.value) {
    return <Nothing>No trial has ended yet: each shows up here when it does.</Nothing>;
  }
  return (
    <Chart
      plot="history"
      label="History"
      width={ui.width.value}
      height={height}
      scene={() => historyScene(study, ui)}
    />
  );
}

/** The switch of an objective's axis. */
export function LogTool({ plot }: { plot: string }): JSX.Element {
  const { on, can, flip } = useLog(plot);
  const title = can ? 'values by factors' : 'some values are not positive: there is no log of them';
  return (
    <Toggle on={on} off={!can} title={title} flip={flip}>
      log
    </Toggle>
  );
}

function summary(study: Study): string {
  const { best, incumbents, trials, counts } = study.glance.value;
  const name = objectiveName(study);
  if (!best) {
    return `History of ${name}: no value yet.`;
  }
  const first = incumbents[0]!;
  const failed = counts.FAIL > 0 ? `; ${counts.FAIL} failed` : '';
  return (
    `History of ${name} over ${count(trials.length, 'trial')}: best so far from ` +
    `${number(first.value)} at trial ${first.n} to ${number(best.value)} at trial ` +
    `${best.n}${failed}.`
  );
}

export const history: Plot = {
  id: 'history',
  title: 'History',
  View,
  Tools: () => <LogTool plot="history" />,
  summary
};
