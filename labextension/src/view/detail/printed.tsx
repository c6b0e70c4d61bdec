import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { useView } from '../context';
import type { Trial } from '../data/study';
import { CopyButton } from '../parts/copy';
import { screen } from './terminal';

/** What it has printed; of the running trial, what it has printed by now. */
export function Printed({ trial, text }: { trial: Trial; text: string }): JSX.Element {
  const { study } = useView();
  const tail = trial.s === 'RUNNING' ? study.tail.value : null;
  const latest = tail?.n === trial.n && tail.text.length > text.length ? tail.text : text;
  const seen = useMemo(() => screen(latest).trimEnd(), [latest]);
  if (seen === '') {
    const yet = trial.s === 'RUNNING' ? ' yet' : '';
    return <p class="jhpo-dim">nothing printed{yet}</p>;
  }
  return (
    <div>
      <Title name="output" text={seen} />
      <Scrolled
        key={trial.n}
        class="jhpo-text"
        label={`Output of trial ${trial.n}`}
        follow={trial.s === 'RUNNING'}
      >
        {seen}
      </Scrolled>
    </div>
  );
}

/** A traceback; the lines that are the cell's stand out. */
export function Traceback({ text }: { text: string }): JSX.Element {
  const seen = useMemo(() => screen(text).trimEnd(), [text]);
  return (
    <div>
      <Title name="traceback" text={seen} />
      <pre class="jhpo-text" tabIndex={0} aria-label="Traceback">
        {seen.split('\n').map((line, i) => (
          <span key={i} class={line.includes('Cell In[') ? 'jhpo-own-line' : ''}>
            {line || ' '}
          </span>
        ))}
      </pre>
    </div>
  );
}

function Title({ name, text }: { name: string; text: string }): JSX.Element {
  return (
    <div class="jhpo-text-title">
      <h4 class="jhpo-part-title">{name}</h4>
      <CopyButton label="Copy" class="jhpo-small" text={() => text} title={`Copy the ${name}`} />
    </div>
  );
}

interface ScrolledProps {
  class: string;
  label: string;
  /** stay at the end, unless the user has scrolled up */
  follow: boolean;
  children: string;
}

const NEAR = 24; // px from the end that still count as the end

export function Scrolled({ label, follow, children, ...rest }: ScrolledProps): JSX.Element {
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (follow && atEnd.current && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [children, follow]);
  return (
    <pre
      ref={box}
      {...rest}
      tabIndex={0}
      aria-label={label}
      onScroll={event => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
      }}
    >
      {children}
    </pre>
  );
}
