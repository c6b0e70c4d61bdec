import { signal, useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { useView } from '../context';
import { isUnfinished } from '../data/study';
import {
  bestValue,
  configuration,
  elapsed,
  gain,
  lastReport,
  others,
  progress,
  progressed,
  ranFor,
  ranSeconds,
  share,
  summary,
  unended
} from '../data/tell';
import { count, duration, metric, STUDY_MARKS } from '../format';
import { useSlowly } from '../slowly';

/** Seconds since the kernel was heard of, looked at once a second; 0 where there is none. */
function useSilence(): () => number {
  const { study, asker } = useView();
  const clock = useMemo(() => signal(performance.now()), []);
  useEffect(() => {
    const timer = setInterval(() => (clock.value = performance.now()), 1000);
    return () => clearInterval(timer);
  }, [clock]);
  return () => (asker.live ? Math.max(clock.value - study.heard.value.at, 0) / 1000 : 0);
}

const SPOKEN = 4000; // ms between two sentences of the study's state
const SILENCE = 6; // s after which a running study's kernel is called silent

/** Name, state, progress; the best value; the trial that runs. */
export function Header(): JSX.Element {
  const silence = useSilence();
  return (
    <header class="jhpo-header">
      <Top silence={silence} />
      <Bar />
      <Best />
      <Now silence={silence} />
    </header>
  );
}

function Top({ silence }: { silence: () => number }): JSX.Element {
  const { study, asker } = useView();
  const info = study.info.value;
  const seen = study.glance.value;
  const silent = info.state === 'running' ? silence() : 0;
  const now = study.heard.value.now + silence();
  const told = [
    progress(info, seen),
    ...others(seen),
    elapsed(info, study.told.value, now),
    asker.live ? study.left.value : ''
  ];
  const was = asker.lost && isUnfinished(info.state);
  return (
    <div class="jhpo-top">
      <h2 class="jhpo-name" title={info.name}>
        {info.name}
      </h2>
      <span class={`jhpo-state jhpo-is-${was ? 'lost' : info.state}`}>
        <span class="jhpo-mark" aria-hidden="true">
          {STUDY_MARKS[info.state]}
        </span>
        {was ? `was ${info.state}` : info.state}
      </span>
      {silent > SILENCE && (
        <span class="jhpo-silent" role="status">
          no word from the kernel for {duration(silent)}
        </span>
      )}
      {was && <span class="jhpo-silent">{asker.lost}</span>}
      <span class="jhpo-count">{told.filter(Boolean).join(' · ')}</span>
      <Spoken />
    </div>
  );
}

/** The study in a sentence for who does not see it, said anew once in a while. */
function Spoken(): JSX.Element {
  const { study, asker } = useView();
  const now = useComputed(() => summary(study.info.value, study.glance.value, asker.lost));
  return (
    <span class="jhpo-unseen" role="status">
      {useSlowly(now, SPOKEN)}
    </span>
  );
}

function Bar(): JSX.Element {
  const { study } = useView();
  const info = study.info.value;
  const ran = info.budget?.seconds ? ranSeconds(info, study.told.value, study.heard.value.now) : 0;
  const known = progressed(info, study.glance.value, ran);
  const share = Math.round((known ?? (info.state === 'running' ? 0 : 1)) * 1000) / 10;
  return (
    <div
      class="jhpo-bar"
      role="progressbar"
      aria-label="trials done"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share)}
    >
      <div style={{ width: `${share}%` }} />
    </div>
  );
}

function Best(): JSX.Element {
  const { study, ui } = useView();
  const info = study.info.value;
  const seen = study.glance.value;
  const better = info.maximize ? 'larger is better' : 'smaller is better';
  const name = metric(info.metric);
  if (!seen.best) {
    const starting = info.state === 'running' && seen.trials.length === 0;
    const none = `no value of ${name}${info.state === 'running' ? ' yet' : ''}; ${better}`;
    return <div class="jhpo-best jhpo-dim">{starting ? 'starting…' : none}</div>;
  }
  const against = gain(info, seen);
  const { n } = seen.best;
  return (
    <div class="jhpo-best">
      <span>
        <b>{bestValue(seen)}</b> {name}
      </span>
      {against.told && <span class={against.better ? 'jhpo-better' : ''}>{against.told}</span>}
      <span class="jhpo-dim">
        <button class="jhpo-link" onClick={() => (ui.open.value = n)}>
          trial {n}
        </button>
        ; {better}
      </span>
    </div>
  );
}

/** One line of constant height while the study lives. */
function Now({ silence }: { silence: () => number }): JSX.Element | null {
  const { study, asker } = useView();
  const info = study.info.value;
  const seen = study.glance.value;
  const trial = seen.running[0];
  if (!trial) {
    const between = info.state === 'running' && seen.trials.length > 0;
    return info.live ? <div class="jhpo-now">{between ? 'between trials' : ''}</div> : null;
  }
  const ran = study.ran.value;
  const known = ran?.n === trial.n ? ran.s + (ran.moving ? silence() : 0) : null;
  const seconds = known ?? ranFor(trial, study.heard.value.now);
  const done = share(trial, seen);
  const config = configuration(trial, study.columns.value);
  return (
    <div class="jhpo-now" title={config}>
      {done !== null && <progress max={1} value={done} aria-label={`trial ${trial.n}`} />}
      <b>
        trial {trial.n} {unended(info, asker.lost)}
      </b>
      <span>{duration(seconds)}</span>
      {trial.steps.length > 0 && <span>{lastReport(trial)}</span>}
      {seen.running.length > 1 && <span>and {count(seen.running.length - 1, 'more')}</span>}
      <span class="jhpo-dim jhpo-config">{config}</span>
    </div>
  );
}
