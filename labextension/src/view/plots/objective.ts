/** The axis of the objective, which several plots share. */
import { computed, type ReadonlySignal, type Signal } from '@preact/signals';
import { useComputed } from '@preact/signals';
import { useView } from '../context';
import type { Study } from '../data/study';
import type { Ui } from '../data/ui';
import { metric } from '../format';
import { canBeLog, rangeOf, type Range } from './scale';

const RANGES = new WeakMap<Study, ReadonlySignal<Range>>();

/** The range of the objective as the rule has it, found once for all plots. */
export function usualRange(study: Study): Range {
  let held = RANGES.get(study);
  if (!held) {
    held = computed(() => objectiveRange(study, null));
    RANGES.set(study, held);
  }
  return held.value;
}

function objectiveRange(study: Study, log: boolean | null): Range {
  const { complete, baseline } = study.glance.value;
  const values = complete.map(({ value }) => value);
  return rangeOf(values, study.info.value.maximize, baseline?.value ?? NaN, log);
}

/** The range with the scale that the user wants, null being the rule's. */
export function wantedRange(study: Study, log: boolean | null): Range {
  const usual = usualRange(study);
  return log === null || log === usual.log ? usual : objectiveRange(study, log);
}

/** A switch between linear and log, null as long as nobody has touched it. */
export function logSwitch(ui: Ui, plot: string, side = ''): Signal<boolean | null> {
  return ui.remember<boolean | null>(`plots.${plot}.log${side}`, null);
}

/** State of the switch for an axis of the objective. */
export function useLog(plot: string): { on: boolean; can: boolean; flip: () => void } {
  const { study, ui } = useView();
  const wanted = logSwitch(ui, plot);
  const on = useComputed(() => wantedRange(study, wanted.value).log);
  const can = useComputed(() => canBeLog(study.glance.value.complete));
  const flip = (): void => {
    const next = !on.value;
    wanted.value = next === usualRange(study).log ? null : next;
  };
  return { on: on.value, can: can.value, flip };
}

export function objectiveName(study: Study): string {
  return metric(study.info.value.metric);
}
