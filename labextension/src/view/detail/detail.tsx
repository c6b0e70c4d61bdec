import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useView } from '../context';
import type { Trial } from '../data/study';
import { metric, STATES } from '../format';
import { Actions } from './actions';
import { useDetail, type Shown } from './ask';
import { Compare } from './compare';
import { Facts, Logged, Parameters } from './facts';
import { Reports } from './reports';
import { Printed, Traceback } from './printed';
import { against, exact, roles, stateTold, type Against } from './words';

/** The open trial; the selected ones side by side. */
export function Detail(): JSX.Element {
  const { study, ui } = useView();
  const open = useComputed(() => {
    void study.trials.value;
    return ui.open.value === null ? undefined : study.trial(ui.open.value);
  });
  return (
    <>
      {open.value && <Panel open={open.value} />}
      <Compare />
    </>
  );
}

/** Everything about a trial: the one that was asked for, once there is all of it to show. */
function Panel({ open }: { open: Trial }): JSX.Element {
  const { study, ui } = useView();
  const shown = useDetail(open);
  const panel = useRef<HTMLElement>(null);
  useFocusHere(panel);
  const height = useRef(0);
  const waiting = shown.detail === null && shown.problem === '';
  useLayoutEffect(() => {
    if (!waiting) {
      height.current = panel.current?.offsetHeight ?? 0;
    }
  });
  const trial = useComputedTrial(shown.number) ?? open;
  const close = (): void => {
    ui.open.value = null;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.preventDefault();
      close();
    }
  };
  return (
    <section
      ref={panel}
      class="jhpo-detail"
      aria-label={`Trial ${trial.n}`}
      // what is below stays where it is while the kernel is slow to answer
      style={waiting && height.current > 0 ? { minHeight: `${height.current}px` } : {}}
      onKeyDown={onKeyDown}
    >
      <div class="jhpo-detail-head">
        <h3 tabIndex={-1}>Trial {trial.n}</h3>
        <span class={`jhpo-detail-state jhpo-trial-${trial.s}`}>
          <span class="jhpo-mark" aria-hidden="true">
            {STATES[trial.s][1]}
          </span>
          {stateTold(trial, study.info.value.state)}
        </span>
        <span class="jhpo-dim">{roles(trial, study.glance.value).join(', ')}</span>
        <Actions trial={trial} detail={shown.detail} close={close} />
      </div>
      <Outcome trial={trial} />
      <Body trial={trial} shown={shown} />
    </section>
  );
}

function useComputedTrial(number: number): Trial | undefined {
  const { study } = useView();
  void study.trials.value;
  return study.trial(number);
}

/** The objective, with all its digits, next to the default's and the best one's. */
function Outcome({ trial }: { trial: Trial }): JSX.Element | null {
  const { study } = useView();
  const { maximize, metric: name } = study.info.value;
  const { best, baseline } = study.glance.value;
  if (Number.isNaN(trial.value)) {
    return null;
  }
  const than = [
    against(trial, baseline, 'the default', maximize),
    baseline?.n === best?.n ? null : against(trial, best, 'the best trial', maximize)
  ].filter((each): each is Against => each !== null);
  return (
    <p class="jhpo-detail-value">
      <span>
        <b>{exact(trial.value)}</b> {metric(name)}
      </span>
      {than.map(({ told, better }) => (
        <span key={told} class={better ? 'jhpo-better' : ''}>
          {told}
        </span>
      ))}
    </p>
  );
}

function Body({ trial, shown }: { trial: Trial; shown: Shown }): JSX.Element {
  const { detail, problem } = shown;
  return (
    <div class="jhpo-detail-body">
      <div class="jhpo-detail-part">
        <Parameters trial={trial} />
      </div>
      <div class="jhpo-detail-part">
        <Reports trial={trial} detail={detail} />
      </div>
      <div class="jhpo-detail-part">
        <Facts trial={trial} />
        {detail && <Logged log={detail.log} />}
      </div>
      {(detail || problem) && (
        <div class="jhpo-detail-part jhpo-detail-text">
          {problem && !detail && <p class="jhpo-dim">Output and traceback: {problem}</p>}
          {detail?.error && <Traceback text={detail.error} />}
          {detail && <Printed trial={trial} text={detail.output} />}
        </div>
      )}
    </div>
  );
}

/** The focus comes here when the panel opens, and goes back where it was when it closes. */
function useFocusHere(panel: { current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const root = panel.current?.getRootNode() as ShadowRoot;
    const before = root.activeElement as HTMLElement | null;
    panel.current?.querySelector<HTMLElement>('h3')?.focus({ preventScroll: true });
    panel.current?.scrollIntoView({ block: 'nearest' });
    return () => {
      // only if it is still in here, or nowhere: it may have gone on to something else
      const now = root.activeElement;
      if (before?.isConnected && (now === null || panel.current?.contains(now))) {
        before.focus({ preventScroll: true });
      }
    };
  }, []);
}
