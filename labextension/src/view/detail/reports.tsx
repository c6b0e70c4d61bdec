import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { useView } from '../context';
import type { Trial } from '../data/study';
import { number, real } from '../format';
import type { TrialDetail } from '../protocol';
import { frameOf, path, placed, type Curve } from './curve';
import { Fold } from './fold';
import { reportsTold } from './words';

interface Props {
  trial: Trial;
  detail: TrialDetail | null;
}

/** What it has reported, over the best trial's. */
export function Reports({ trial, detail }: Props): JSX.Element {
  const { study } = useView();
  const { maximize } = study.info.value;
  const { best } = study.glance.value;
  // of a running trial the stream knows more than the last answer
  const full = detail && trial.s !== 'RUNNING' ? detail.r : null;
  const [steps, curve] = useMemo(
    () => (full ? ([full[0], full[1].map(real)] as const) : ([trial.steps, trial.curve] as const)),
    [full, trial.steps, trial.curve]
  );
  if (curve.length === 0) {
    return <p class="jhpo-dim">{trial.s === 'RUNNING' ? 'no reports yet' : 'no reports'}</p>;
  }
  const other = best && best.n !== trial.n && best.curve.length > 1 ? best : null;
  return (
    <div class="jhpo-reports">
      <p>{reportsTold(steps, curve, maximize)}</p>
      <Chart steps={steps} curve={curve} other={other} />
      {other && (
        <p class="jhpo-dim jhpo-curve-legend">
          <i class="jhpo-key-other" aria-hidden="true" /> trial {other.n}, the best
        </p>
      )}
      <Fold title="as a list">
        {() => (
          <pre class="jhpo-text" tabIndex={0} aria-label="steps and values">
            {steps.map((step, i) => `${String(step).padStart(8)}  ${curve[i]}`).join('\n')}
          </pre>
        )}
      </Fold>
    </div>
  );
}

interface ChartProps {
  steps: readonly number[];
  curve: readonly number[];
  other: Trial | null;
}

function Chart({ steps, curve, other }: ChartProps): JSX.Element | null {
  const drawn = useMemo(() => {
    const both: Curve[] = [[steps, curve], other ? [other.steps, other.curve] : [[], []]];
    const frame = frameOf(both);
    return (
      frame && {
        frame,
        mine: path(frame, steps, curve),
        others: other ? path(frame, other.steps, other.curve) : ''
      }
    );
  }, [steps, curve, other]);
  if (!drawn) {
    return null;
  }
  const { frame, mine, others } = drawn;
  const last = curve.length - 1;
  const [left, top] = placed(frame, steps[last]!, curve[last]!);
  return (
    <div class="jhpo-curve" aria-hidden="true">
      <span class="jhpo-curve-top">{number(frame.top, 3)}</span>
      {frame.bottom < frame.top && <span class="jhpo-curve-bottom">{number(frame.bottom, 3)}</span>}
      <div class="jhpo-curve-area">
        <svg viewBox="0 0 100 100" preserveAspectRatio="none">
          {others && <path class="jhpo-curve-other" d={others} />}
          <path class="jhpo-curve-mine" d={mine} />
        </svg>
        {Number.isFinite(top) && (
          <span class="jhpo-curve-last" style={{ left: `${left}%`, top: `${top}%` }} />
        )}
      </div>
      <span class="jhpo-curve-first">step {frame.left}</span>
      <span class="jhpo-curve-end">
        {Number.isFinite(top) ? `last ${number(curve[last]!)}, ` : ''}step {steps[last]}
      </span>
    </div>
  );
}
