import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useView } from '../context';
import type { Study } from '../data/study';
import { count, duration } from '../format';
import { bars, nowOf, spans } from './bars';
import { Chart } from './chart';
import type { Plot } from './plot';
import { timelineScene } from './timeline-scene';
import { Nothing, Toggle } from './tools';
import { useZooms } from './zoom';

function View({ height }: { height: number }): JSX.Element {
  const { study, ui } = useView();
  const zooms = useZooms('timeline');
  const none = useComputed(() => study.trials.value.every(({ t }) => t === undefined));
  if (none.value) {
    return <Nothing>No trial has started yet: this shows when each ran, and for how long.</Nothing>;
  }
  return (
    <Chart
      plot="timeline"
      label="Timeline"
      width={ui.width.value}
      height={height}
      scene={() => timelineScene(study, ui, zooms.value['']?.x)}
    />
  );
}

function Tools(): JSX.Element | null {
  const { study, ui } = useView();
  const cut = ui.remember('plots.timeline.cut', true);
  const some = useComputed(
    () => bars(study.trials.value, nowOf(study), true).clock.breaks.length > 0
  );
  return some.value ? (
    <Toggle
      on={cut.value}
      title="draw the times in which nothing ran shorter than they were"
      flip={() => (cut.value = !cut.value)}
    >
      cut breaks
    </Toggle>
  ) : null;
}

function summary(study: Study): string {
  const found = spans(study.trials.value, nowOf(study));
  if (found.length === 0) {
    return 'Timeline: no trial has started yet.';
  }
  const took = found.map(({ from, to }) => to - from).sort((a, b) => a - b);
  const parked = found.filter(each => each.parked.length > 0).length;
  const long = Math.max(...found.slice(-64).map(({ to }) => to)) - found[0]!.from;
  return (
    `Timeline of ${count(found.length, 'trial')} over ${duration(long)}: half of them took ` +
    `${duration(took[Math.floor(took.length / 2)]!)} or less, the longest ` +
    `${duration(took.at(-1)!)}${parked > 0 ? `; ${parked} were parked meanwhile` : ''}.`
  );
}

export const timeline: Plot = { id: 'timeline', title: 'Timeline', View, Tools, summary };
