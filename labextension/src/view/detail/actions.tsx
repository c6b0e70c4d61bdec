import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useView } from '../context';
import { valueOf, type Trial } from '../data/study';
import { code } from '../parts/code';
import { CopyButton } from '../parts/copy';
import { CloseButton } from '../parts/forms/frame';
import { isOver } from '../parts/steering';
import type { Scalar, TrialDetail } from '../protocol';

const SHOWN = 6000; // ms

interface Props {
  trial: Trial;
  detail: TrialDetail | null;
  close: () => void;
}

export function Actions({ trial, detail, close }: Props): JSX.Element {
  const { study, asker } = useView();
  const text = (): string => detail?.code || code(trial, study.columns.value);
  return (
    <div class="jhpo-actions">
      {asker.live && !isOver(study.info.value) && <Rerun key={trial.n} trial={trial} />}
      <CopyButton label="Copy as code" title="Copy the values as assignments" text={text} />
      <Step by={-1} />
      <Step by={1} />
      <CloseButton close={close} />
    </div>
  );
}

function Rerun({ trial }: { trial: Trial }): JSX.Element {
  const { study, asker } = useView();
  const [said, say] = useState({ text: '', failed: false });
  useEffect(() => {
    const brief = said.text !== '' && !said.failed;
    const timer = brief ? setTimeout(() => say({ ...said, text: '' }), SHOWN) : 0;
    return () => clearTimeout(timer);
  }, [said]);
  const run = (): void => {
    const held = study.columns.value.map(column => [column.name, valueOf(trial, column)] as const);
    const params = Object.fromEntries(
      held.filter((each): each is [string, Scalar] => each[1] !== undefined)
    );
    say({ text: 'asking…', failed: false });
    asker.ask<unknown>({ what: 'try', params }).then(
      () => say({ text: 'These values are tried next.', failed: false }),
      (error: Error) => say({ text: error.message, failed: true })
    );
  };
  return (
    <>
      <span role="status" class="jhpo-dim">
        {said.failed ? '' : said.text}
      </span>
      {said.failed && (
        <span role="alert" class="jhpo-problem">
          {said.text}
        </span>
      )}
      <button
        type="button"
        class="jhpo-button"
        title="Runs these values again as a new trial"
        onClick={run}
      >
        Re-run
      </button>
    </>
  );
}

/** To the trial before or after. */
function Step({ by }: { by: 1 | -1 }): JSX.Element {
  const { study, ui } = useView();
  const trials = study.trials.value;
  const at = trials.findIndex(trial => trial.n === ui.open.value);
  const other = trials[at + by];
  const name = by < 0 ? 'Previous trial' : 'Next trial';
  return (
    <button
      type="button"
      class="jhpo-button jhpo-step"
      aria-label={name}
      title={name}
      aria-disabled={other ? undefined : 'true'}
      onClick={() => other && (ui.open.value = other.n)}
    >
      {by < 0 ? '‹' : '›'}
    </button>
  );
}
