import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useView } from '../context';
import type { Trial } from '../data/study';
import type { Unended } from '../data/tell';
import { content, titleOf } from './cells';
import type { Spec } from './spec';
import { ROW_HEIGHT } from './sizes';

interface Props {
  trial: Trial;
  index: number;
  specs: readonly Spec[];
  best: boolean;
  unended: Unended;
  pinned: boolean;
  /** index of the column that has the focus; -1: none in this row */
  focused: number;
}

/** A trial's row, drawn anew only if something of it has changed. */
export function Row({ trial, index, specs, best, unended, pinned, focused }: Props): JSX.Element {
  const { ui } = useView();
  const { n } = trial;
  const look = useComputed(() => {
    const selected = ui.selected.value.has(n);
    const pointed = ui.tip.value?.trial.n === n;
    const open = ui.open.value === n;
    return [selected && ' jhpo-t-selected', pointed && ' jhpo-t-pointed', open && ' jhpo-t-open']
      .filter(Boolean)
      .join('');
  }).value;
  const kept = `${best ? ' jhpo-t-top-row' : ''}${pinned ? ' jhpo-t-pinned' : ''}`;
  return (
    <div
      role="row"
      class={`jhpo-t-row${kept}${look}`}
      data-n={n}
      aria-rowindex={index + 2}
      aria-selected={look.includes('selected')}
      style={pinned ? undefined : { top: `${index * ROW_HEIGHT}px` }}
    >
      {specs.map((spec, column) => (
        <div
          key={spec.id}
          role={column === 0 ? 'rowheader' : 'gridcell'}
          class={`jhpo-t-cell${spec.end ? ' jhpo-t-end' : ''}`}
          data-column={column}
          aria-colindex={column + 1}
          tabIndex={column === focused ? 0 : -1}
          title={titleOf(spec, trial)}
        >
          {content(spec, trial, { best, unended })}
          {column === 0 && <Opener n={n} reachable={focused >= 0} />}
        </div>
      ))}
    </div>
  );
}

function Opener({ n, reachable }: { n: number; reachable: boolean }): JSX.Element {
  return (
    <button
      class="jhpo-t-opener"
      data-open
      tabIndex={reachable ? 0 : -1}
      aria-label={`details of trial ${n}`}
      title="details (Enter)"
    >
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
        <path d="M4.5 2.5 8 6 4.5 9.5" />
      </svg>
    </button>
  );
}
