import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { useView } from '../context';
import type { Study } from '../data/study';
import { isOver } from '../parts/steering';
import type { Tail as Told } from '../protocol';
import { Fold } from './fold';
import { Scrolled } from './printed';
import { screen } from './terminal';

/** What the running trial prints, live. */
export function Output(): JSX.Element | null {
  const { study, ui, asker } = useView();
  const open = ui.remember('output.open', false);
  if (!asker.live || isOver(study.info.value)) {
    return null;
  }
  const number = tailOf(study)?.n;
  return (
    <section class="jhpo-output" aria-label="Output">
      <Fold
        title={number === undefined ? 'Output' : `Output of trial ${number}`}
        open={open.value}
        flip={() => (open.value = !open.value)}
      >
        {() => <Tail />}
      </Fold>
    </section>
  );
}

/** The tail of what runs; that of the trial before is not shown as this one's. */
function tailOf(study: Study): Told | null {
  const tail = study.tail.value;
  const { running } = study.glance.value;
  const [first] = running;
  const current = !first || running.some(trial => trial.n === tail?.n);
  return current ? tail : { n: first.n, text: '' };
}

function Tail(): JSX.Element {
  const { study } = useView();
  const text = tailOf(study)?.text ?? '';
  const seen = useMemo(() => screen(text).trimEnd(), [text]);
  return (
    <Scrolled class="jhpo-text jhpo-tail" label="Output, live" follow>
      {seen || 'nothing printed yet'}
    </Scrolled>
  );
}
