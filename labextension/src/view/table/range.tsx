import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Trial } from '../data/study';
import { exact, type Spec } from './spec';
import { OPEN, type Range } from './filter';
import type { TableModel } from './model';
import { bins, parsed, type Bins } from './numbers';

const WIDTH = 196; // px
const HEIGHT = 36; // px

interface Props {
  spec: Spec;
  model: TableModel;
  trials: readonly Trial[];
}

/** From and to of a numeric column, under a picture of where the trials are. */
export function RangeFilter({ spec, model, trials }: Props): JSX.Element {
  const range = model.range(spec.id);
  const found = useMemo(() => bins(trials.map(trial => spec.measure(trial))), [trials, spec]);
  const [texts, setTexts] = useState<[string, string]>(() =>
    range ? [shown(range[0]), shown(range[1])] : ['', '']
  );
  const take = (from: string, to: string): void => {
    setTexts([from, to]);
    const [low, high] = [parsed(from), parsed(to)];
    if (from.trim() === '' && to.trim() === '') {
      model.setRange(spec.id, null);
    } else if (low !== null && high !== null) {
      model.setRange(spec.id, [low ?? -OPEN, high ?? OPEN]);
    }
  };
  const [from, to] = texts;
  return (
    <fieldset class="jhpo-t-range">
      <legend>range of {spec.title}</legend>
      {found && <Histogram found={found} range={range} />}
      <div>
        <Field label="from" text={from} hint={found?.low} onText={text => take(text, to)} />
        <Field label="to" text={to} hint={found?.high} onText={text => take(from, text)} />
      </div>
    </fieldset>
  );
}

function shown(x: number): string {
  return Math.abs(x) >= OPEN ? '' : exact(x);
}

interface FieldProps {
  label: string;
  text: string;
  hint: number | undefined;
  onText: (text: string) => void;
}

function Field({ label, text, hint, onText }: FieldProps): JSX.Element {
  const wrong = parsed(text) === null;
  return (
    <label>
      {label}
      <input
        class="jhpo-input"
        type="text"
        inputMode="decimal"
        autocomplete="off"
        spellcheck={false}
        value={text}
        placeholder={hint === undefined ? '' : String(Number(hint.toPrecision(4)))}
        aria-invalid={wrong}
        title={wrong ? 'not a number' : undefined}
        onInput={event => onText(event.currentTarget.value)}
      />
    </label>
  );
}

function Histogram({ found, range }: { found: Bins; range: Range | null }): JSX.Element {
  const most = Math.max(...found.counts, 1);
  const wide = WIDTH / found.counts.length;
  return (
    <svg class="jhpo-t-histogram" width={WIDTH} height={HEIGHT} aria-hidden="true">
      {found.counts.map((times, i) => {
        const high = times === 0 ? 0 : Math.max((times / most) * (HEIGHT - 1), 2);
        const [left, right] = [found.edges[i]!, found.edges[i + 1]!];
        const passes = range === null || (right >= range[0] && left <= range[1]);
        return (
          <rect
            key={i}
            class={passes ? '' : 'jhpo-t-out'}
            x={i * wide + 0.5}
            y={HEIGHT - high}
            width={wide - 1}
            height={high}
          />
        );
      })}
    </svg>
  );
}
