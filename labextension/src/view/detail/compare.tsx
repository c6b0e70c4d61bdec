import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useView } from '../context';
import type { Trial } from '../data/study';
import { metric } from '../format';
import { compared, type Row } from './compare-rows';
import { Fold } from './fold';

const MOST = 5;

/** The selected trials side by side, if they are few. */
export function Compare(): JSX.Element | null {
  const { study, ui } = useView();
  const open = ui.remember('compare.open', false);
  const chosen = useComputed(() => {
    const { size } = ui.selected.value;
    if (size < 2 || size > MOST) {
      return [];
    }
    void study.trials.value;
    const numbers = [...ui.selected.value].sort((a, b) => a - b);
    return numbers.map(n => study.trial(n)).filter(trial => trial !== undefined);
  });
  const trials = chosen.value;
  if (trials.length < 2) {
    return null;
  }
  return (
    <section class="jhpo-compare" aria-label="Compare">
      <Fold
        title={`Compare trials ${trials.map(trial => trial.n).join(', ')}`}
        open={open.value}
        flip={() => (open.value = !open.value)}
      >
        {() => <Side trials={trials} />}
      </Fold>
    </section>
  );
}

function Side({ trials }: { trials: readonly Trial[] }): JSX.Element {
  const { study, ui } = useView();
  const { metric: name, maximize } = study.info.value;
  const rows = compared(trials, study.columns.value, { name: metric(name), maximize });
  return (
    <div class="jhpo-compare-frame" tabIndex={0} role="group" aria-label="Trials side by side">
      <table class="jhpo-pairs">
        <thead>
          <tr>
            <th scope="col">
              <span class="jhpo-unseen">trial</span>
            </th>
            {trials.map(({ n }) => (
              <th scope="col" key={n}>
                <button type="button" class="jhpo-link" onClick={() => (ui.open.value = n)}>
                  trial {n}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <Line key={`${row.kind}:${row.name}`} row={row} trials={trials} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ row, trials }: { row: Row; trials: readonly Trial[] }): JSX.Element {
  // that values and times differ goes without saying
  const differs = row.differs && row.kind === 'parameter';
  return (
    <tr class={differs ? 'jhpo-differs' : row.kind === 'parameter' ? 'jhpo-dim' : ''}>
      <th scope="row">
        {row.name}
        {differs && (
          <span>
            <span aria-hidden="true"> ≠</span>
            <span class="jhpo-unseen"> (differs)</span>
          </span>
        )}
      </th>
      {row.cells.map((cell, i) => {
        const best = row.best.has(trials[i]!.n);
        return (
          <td key={trials[i]!.n} class={best ? 'jhpo-better' : ''}>
            {cell}
            {best && <span title="the best of these"> ★</span>}
          </td>
        );
      })}
    </tr>
  );
}
