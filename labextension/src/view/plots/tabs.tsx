/** The plots, one at a time, as tabs over a panel of constant height. */
import { Component, type ComponentChildren, type JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { effect } from '@preact/signals';
import { useView } from '../context';
import { PLOTS } from './index';
import type { Plot } from './plot';
import { ToolBar } from './tools';

const SUMMARY_EVERY = 1000; // ms

export function Plots(): JSX.Element | null {
  const { ui } = useView();
  const tab = ui.remember('plots.tab', 'history');
  const shown = ui.remember('plots.shown', true);
  const asText = ui.remember('plots.text', false);
  const panel = useRef<HTMLDivElement>(null);
  const plot = PLOTS.find(({ id }) => id === tab.value) ?? PLOTS[0];
  if (!plot) {
    return null;
  }
  const height = panelHeight(ui.width.value);
  const show = (id: string): void => {
    tab.value = id;
    shown.value = true;
    ui.tip.value = null;
  };
  return (
    <section class="jhpo-plots" aria-label="plots">
      <div class="jhpo-plots-head">
        <div class="jhpo-plots-which">
          <button
            class="jhpo-fold"
            aria-expanded={shown.value}
            aria-controls="jhpo-plot-panel"
            aria-label="plots"
            title={shown.value ? 'hide the plots' : 'show the plots'}
            onClick={() => (shown.value = !shown.value)}
          >
            <span aria-hidden="true">{shown.value ? '▾' : '▸'}</span>
          </button>
          <TabList active={plot.id} show={show} />
        </div>
        {shown.value && <ToolBar plot={plot} panel={panel} asText={asText} />}
      </div>
      <div
        id="jhpo-plot-panel"
        role="tabpanel"
        aria-labelledby={`jhpo-tab-${plot.id}`}
        aria-describedby="jhpo-plot-summary"
        hidden={!shown.value}
      >
        {shown.value && (
          <>
            <div class="jhpo-plot" ref={panel} style={{ height: `${height}px` }}>
              <Guard key={plot.id}>
                <plot.View height={height} />
              </Guard>
            </div>
            <Summary plot={plot} seen={asText.value} />
          </>
        )}
      </div>
    </section>
  );
}

/** Wide views have the room for taller plots. */
export function panelHeight(width: number): number {
  return Math.round(260 + Math.min(Math.max(width - 1600, 0) / 5, 80));
}

function TabList({ active, show }: { active: string; show: (id: string) => void }): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = PLOTS.findIndex(({ id }) => id === active);
    const next = stepped(event.key, at, PLOTS.length);
    if (next !== null) {
      event.preventDefault();
      show(PLOTS[next]!.id);
      list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
    }
  };
  return (
    <div ref={list} class="jhpo-tabs" role="tablist" aria-label="plots" onKeyDown={onKeyDown}>
      {PLOTS.map(({ id, title }) => (
        <button
          key={id}
          id={`jhpo-tab-${id}`}
          role="tab"
          aria-selected={id === active}
          aria-controls="jhpo-plot-panel"
          tabIndex={id === active ? 0 : -1}
          onClick={() => show(id)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

/** Where a key leads to in a row of tabs; null: nowhere. */
export function stepped(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowLeft':
      return (at - 1 + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

/** The plot in words, a moment behind it: nobody reads a sentence that changes with each trial. */
function Summary({ plot, seen }: { plot: Plot; seen: boolean }): JSX.Element {
  const view = useView();
  const { study } = view;
  const [told, tell] = useState('');
  useEffect(() => {
    let timer = 0;
    let last = 0;
    const stop = effect(() => {
      void study.trials.value;
      void study.info.value;
      plot.follows?.(view);
      clearTimeout(timer);
      const wait = Math.max(last + SUMMARY_EVERY - performance.now(), 0);
      timer = window.setTimeout(() => {
        last = performance.now();
        tell(plot.summary(study, view));
      }, wait);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [plot, view]);
  return (
    <p id="jhpo-plot-summary" class={seen ? 'jhpo-plot-text' : 'jhpo-unseen'}>
      {told}
    </p>
  );
}

/** A plot that cannot be drawn does not take the view with it. */
class Guard extends Component<{ children: ComponentChildren }, { failed: string }> {
  override state = { failed: '' };

  static override getDerivedStateFromError(error: unknown): { failed: string } {
    return { failed: error instanceof Error ? error.message : String(error) };
  }

  override render(): ComponentChildren {
    const { failed } = this.state;
    return failed ? (
      <p class="jhpo-plot-none">This plot could not be drawn: {failed}</p>
    ) : (
      this.props.children
    );
  }
}
