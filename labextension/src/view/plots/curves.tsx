import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useView } from '../context';
import type { Study } from '../data/study';
import { count, number } from '../format';
import { Chart } from './chart';
import { curvesScene } from './curves-scene';
import { logSwitch, objectiveName } from './objective';
import type { Plot } from './plot';
import { areLoggable, reporting, stepsRange, valuesRange } from './reports';
import { Nothing, Toggle } from './tools';

function View({ height }: { height: number }): JSX.Element {
  const { study, ui } = useView();
  const some = useComputed(() => study.glance.value.reported);
  if (!some.value) {
    return (
      <Nothing>
        No trial has reported anything: what a loop of the cell assigns to {objectiveName(study)} in
        each round, or hands to trial.report(), is drawn here as a curve.
      </Nothing>
    );
  }
  return (
    <Chart
      plot="curves"
      label="Learning curves"
      width={ui.width.value}
      height={height}
      scene={() => curvesScene(study, ui)}
    />
  );
}

function Tools(): JSX.Element {
  const { study, ui } = useView();
  const [wantedY, wantedX] = [logSwitch(ui, 'curves'), logSwitch(ui, 'curves', 'x')];
  const can = useComputed(() => areLoggable(reporting(study)));
  const y = useComputed(
    () => valuesRange(reporting(study), study.info.value.maximize, wantedY.value).log
  );
  const x = useComputed(() => wantedX.value ?? false);
  const longer = useComputed(() => stepsRange(reporting(study), true).log);
  return (
    <>
      <Toggle
        on={x.value}
        off={!longer.value}
        title="steps by factors"
        flip={() => (wantedX.value = !x.value)}
      >
        log x
      </Toggle>
      <Toggle
        on={y.value}
        off={!can.value}
        title={can.value ? 'values by factors' : 'some are not positive: there is no log of them'}
        flip={() => (wantedY.value = !y.value)}
      >
        log y
      </Toggle>
    </>
  );
}

function summary(study: Study): string {
  const { best, running } = study.glance.value;
  const trials = reporting(study);
  if (trials.length === 0) {
    return 'Learning curves: no trial has reported anything.';
  }
  const parts = [
    `Learning curves of ${count(trials.length, 'trial')}: ` +
      `reports of ${objectiveName(study)} by step`
  ];
  for (const [word, trial] of [['the best, ', best], ['running, ', running[0]]] as const) {
    const [step, value] = [trial?.steps.at(-1), trial?.curve.at(-1)];
    if (trial && step !== undefined && value !== undefined) {
      parts.push(`${word}trial ${trial.n}, is at ${number(value)} at step ${step}`);
    }
  }
  return `${parts.join('; ')}.`;
}

export const curves: Plot = { id: 'curves', title: 'Curves', View, Tools, summary };
