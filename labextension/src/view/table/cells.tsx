/** What stands in the cells. */
import type { ComponentChildren, JSX } from 'preact';
import { number, seconds, STATES, STUDY_MARKS, bytes } from '../format';
import type { Trial } from '../data/study';
import type { Unended } from '../data/tell';
import { waits } from '../detail/words';
import { isFinal } from './columns';
import { NOT_ACTIVE, type Spec } from './spec';
import { spark, SPARK_HEIGHT, SPARK_WIDTH, sparkLabel } from './spark';

/** What a row knows of its trial apart from the trial itself. */
export interface Standing {
  best: boolean;
  /** what a trial does that has not ended */
  unended: Unended;
}

export function content(spec: Spec, trial: Trial, standing: Standing): ComponentChildren {
  switch (spec.id) {
    case 'trial':
      return trial.n;
    case 'state':
      return <StateCell trial={trial} {...standing} />;
    case 'value':
      return <ValueCell spec={spec} trial={trial} />;
    case 'reports':
      return <SparkCell trial={trial} />;
    default:
      return isActive(spec, trial) ? spec.text(trial) : <NotActive />;
  }
}

function isActive(spec: Spec, trial: Trial): boolean {
  return !spec.conditional || spec.key(trial) !== undefined;
}

/** What a cell says in full when the pointer rests on it. */
export function titleOf(spec: Spec, trial: Trial): string | undefined {
  switch (spec.id) {
    case 'trial':
    case 'reports':
      return undefined;
    case 'state':
      return waits(trial) || (trial.q ? 'asked for by you' : trial.e || undefined);
    case 'value':
      return !isFinal(trial) && trial.curve.length > 0
        ? `no final value; the last report is ${number(trial.curve.at(-1)!, 6)}`
        : spec.raw(trial) || undefined;
    case 'seconds':
      return secondsTitle(trial);
    default:
      return isActive(spec, trial) ? spec.raw(trial) || undefined : NOT_ACTIVE;
  }
}

function secondsTitle({ d, m, g }: Trial): string | undefined {
  const told = [
    d === undefined ? '' : `${seconds(d)} s`,
    m === undefined ? '' : `peak memory ${bytes(m)}`,
    g === undefined ? '' : `peak memory on the GPU ${bytes(g)}`
  ].filter(Boolean);
  return told.length > 0 ? told.join(', ') : undefined;
}

/** One short word; of complete trials that they are the best, or the default. */
function StateCell({ trial, best, unended }: { trial: Trial } & Standing): JSX.Element {
  let [word, mark] = STATES[trial.s];
  if (trial.s === 'RUNNING' || (trial.s === 'WAITING' && unended === 'unfinished')) {
    [word, mark] = [unended, unended === 'running' ? mark : STUDY_MARKS.paused];
  } else if (trial.s === 'COMPLETE') {
    mark = best ? '★' : mark;
    word = trial.b ? 'default' : best ? 'best' : word;
  }
  return (
    <span class={`jhpo-s-${best ? 'best' : word}`}>
      <span class="jhpo-t-sign" aria-hidden="true">
        {mark}
      </span>
      {best && trial.b && <span class="jhpo-unseen">best, </span>}
      {word}
    </span>
  );
}

function ValueCell({ spec, trial }: { spec: Spec; trial: Trial }): JSX.Element {
  const last = !isFinal(trial) && trial.curve.length > 0;
  return (
    <span class={last ? 'jhpo-dim' : ''}>
      {last && <span class="jhpo-unseen">no final value, last report </span>}
      {spec.text(trial)}
    </span>
  );
}

function NotActive(): JSX.Element {
  return (
    <span class="jhpo-dim">
      <span aria-hidden="true">·</span>
      <span class="jhpo-unseen">{NOT_ACTIVE}</span>
    </span>
  );
}

function SparkCell({ trial }: { trial: Trial }): JSX.Element | null {
  const drawn = spark(trial.steps, trial.curve);
  if (!drawn) {
    return null;
  }
  const [x, y] = drawn.end;
  return (
    <svg
      class="jhpo-t-spark"
      width={SPARK_WIDTH}
      height={SPARK_HEIGHT}
      role="img"
      aria-label={sparkLabel(trial)}
    >
      <polyline points={drawn.points} />
      <circle cx={x} cy={y} r={2} />
    </svg>
  );
}

