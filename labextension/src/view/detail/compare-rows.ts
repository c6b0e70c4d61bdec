/** Trials side by side: a row for each thing there is to say of them. */
import { valueOf, type Column, type Trial } from '../data/study';
import { duration, number, STATES, value } from '../format';

export interface Row {
  name: string;
  kind: 'objective' | 'parameter' | 'run';
  cells: string[];
  differs: boolean;
  /** the trials that have the best value, in the row of the objective */
  best: ReadonlySet<number>;
}

export function compared(
  trials: readonly Trial[],
  columns: readonly Column[],
  objective: { name: string; maximize: boolean }
): Row[] {
  const row = (kind: Row['kind'], name: string, tell: (trial: Trial) => string): Row => {
    const cells = trials.map(tell);
    return { kind, name, cells, differs: new Set(cells).size > 1, best: new Set() };
  };
  const values = trials.map(trial => trial.value).filter(x => !Number.isNaN(x));
  const top = objective.maximize ? Math.max(...values) : Math.min(...values);
  const objectives = row('objective', objective.name, trial =>
    Number.isNaN(trial.value) ? '–' : number(trial.value, 6)
  );
  objectives.best = new Set(trials.filter(trial => trial.value === top).map(trial => trial.n));
  return [
    objectives,
    ...columns.map(column =>
      row('parameter', column.name, trial => {
        const held = valueOf(trial, column);
        return held === undefined ? '–' : value(held);
      })
    ),
    row('run', 'state', trial => STATES[trial.s][0]),
    row('run', 'took', trial => (trial.d === undefined ? '–' : duration(trial.d)))
  ];
}
