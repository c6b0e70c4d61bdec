import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useView } from '../context';
import { lastReport } from '../data/tell';
import { valueOf } from '../data/study';
import { metric, number, seconds, STATES, value } from '../format';

/** The trial under the pointer, whole. */
export function TipBox(): JSX.Element | null {
  const { study, ui } = useView();
  const tip = ui.tip.value;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // the top layer: whatever the page clips or moves, this stands at the pointer
    if (box.current && !box.current.matches(':popover-open')) {
      box.current.showPopover();
    }
  });
  if (!tip) {
    return null;
  }
  const { trial, x, y } = tip;
  const left = x > window.innerWidth - 280;
  const up = y > window.innerHeight - 240;
  return (
    <div
      ref={box}
      popover="manual"
      class="jhpo-tip"
      role="tooltip"
      style={{
        ...(left ? { right: `${window.innerWidth - x + 12}px` } : { left: `${x + 12}px` }),
        ...(up ? { bottom: `${window.innerHeight - y + 8}px` } : { top: `${y + 8}px` })
      }}
    >
      <b>
        trial {trial.n} <span aria-hidden="true">{STATES[trial.s][1]}</span>{' '}
        {trial.b ? 'default, ' : ''}
        {STATES[trial.s][0]}
      </b>
      <dl>
        {!Number.isNaN(trial.value) && (
          <>
            <dt>{metric(study.info.value.metric)}</dt>
            <dd>
              <b>{number(trial.value, 6)}</b>
            </dd>
          </>
        )}
        {study.columns.value.map(column => {
          const held = valueOf(trial, column);
          return held === undefined ? null : (
            <>
              <dt>{column.name}</dt>
              <dd>{value(held)}</dd>
            </>
          );
        })}
        {trial.d !== undefined && (
          <>
            <dt>seconds</dt>
            <dd>{seconds(trial.d)}</dd>
          </>
        )}
        {trial.steps.length > 0 && (
          <>
            <dt>last report</dt>
            <dd>{lastReport(trial)}</dd>
          </>
        )}
      </dl>
      {trial.e && <p class="jhpo-is-failed">{trial.e}</p>}
    </div>
  );
}
