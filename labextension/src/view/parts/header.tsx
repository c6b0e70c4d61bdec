import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { useView } from '../context';
import {
  bestValue,
  configuration,
  elapsed,
  gain,
  lastReport,
  others,
  progress,
  ranFor,
  share,
  summary,
  timeLeftTold
} from '../data/tell';
import { count, duration, metric, STUDY_MARKS } from '../format';

/** A signal of `performance.now()` that ticks once a second. */
function useClock(): () => number {
  const clock = useMemo(() => signal(performance.now()), []);
  useEffect(() => {
    const timer = setInterval(() => (clock.value = performance.now()), 1000);
    return () => clearInterval(timer);
  }, [clock]);
  return () => clock.value;
}

const SILENCE = 6000; // ms after which a running study's kernel is called silent

/** Name, state, progress; the best value; the trial that runs. */
export function Header(): JSX.Element {
  const clock = useClock();
  return (
    <header class="jhpo-header">
      <Top clock={clock} />
      <Bar />
      <Best />
      <Now clock={clock} />
    </header>
  );
}

function Top({ clock }: { clock: () => number }): JSX.Element {
  const { study, asker } = useView();
  const info = study.info.value;
  const seen = study.glance.value;
  const heard = study.heard.value;
  const silent = asker.live && info.state === 'running' ? clock() - heard.at : 0;
  const now = heard.now + Math.max(clock() - heard.at, 0) / 1000;
  const told = [
    progress(info, seen),
    others(seen),
    elapsed(info, heard, clock()),
    timeLeftTold(info, seen, now)
  ];
  return (
    <div class="jhpo-top">
      <h2 class="jhpo-name" title={info.name}>
        {info.name}
      </h2>
      <span class={`jhpo-state jhpo-is-${info.state}`}>
        <span class="jhpo-mark" aria-hidden="true">
          {STUDY_MARKS[info.state]}
        </span>
        {info.state}
      </span>
      {silent > SILENCE && (
        <span class="jhpo-silent" role="status">
          no word from the kernel for {duration(silent / 1000)}
        </span>
      )}
      {asker.lost && (info.state === 'running' || info.state === 'paused') && (
        <span class="jhpo-silent">{asker.lost}</span>
      )}
      <span class="jhpo-count">{told.filter(Boolean).join(' · ')}</span>
      <span class="jhpo-unseen" role="status">
        {summary(info, seen)}
      </span>
    </div>
  );
}

function Bar(): JSX.Element {
  const { study } = useView();
  const { aim, state } = study.info.value;
  const { done } = study.glance.value;
  const ratio = aim === null ? (state === 'running' ? 0 : 1) : aim > 0 ? done / aim : 1;
  const share = Math.round(Math.min(ratio, 1) * 1000) / 10;
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
function Now({ clock }: { clock: () => number }): JSX.Element | null {
  const { study } = useView();
  const info = study.info.value;
  const seen = study.glance.value;
  const trial = seen.running[0];
  if (!trial) {
    const between = info.state === 'running' && seen.trials.length > 0;
    return info.live ? <div class="jhpo-now">{between ? 'between trials' : ''}</div> : null;
  }
  const heard = study.heard.value;
  const running = info.state === 'running';
  const now = heard.now + (running ? Math.max(clock() - heard.at, 0) / 1000 : 0);
  const done = share(trial, seen);
  const config = configuration(trial, study.columns.value);
  return (
    <div class="jhpo-now" title={config}>
      {done !== null && <progress max={1} value={done} aria-label={`trial ${trial.n}`} />}
      <b>
        trial {trial.n} {running ? 'running' : 'parked'}
      </b>
      <span>{duration(ranFor(trial, now))}</span>
      {trial.steps.length > 0 && <span>{lastReport(trial)}</span>}
      {seen.running.length > 1 && <span>and {count(seen.running.length - 1, 'more')}</span>}
      <span class="jhpo-dim jhpo-config">{config}</span>
    </div>
  );
}
