import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useView } from '../../context';
import { value } from '../../format';
import type { Values } from '../../protocol';
import {
  conditionTold,
  fieldsOf,
  filledWith,
  filledWithDefaults,
  hint,
  possible,
  told,
  wanted,
  type Field,
  type Texts
} from './fields';
import { Frame, OutcomeLine, type Outcome } from './frame';

/** A way to fill the fields. */
interface Start {
  id: string;
  label: string;
  fill: () => Texts;
}

/** Values of the user's own, to be tried next. */
export function TryForm({ close }: { close: () => void }): JSX.Element {
  const { study, asker } = useView();
  const fields = useMemo(() => fieldsOf(study.columns.value), [study.columns.value]);
  const starts = useStarts(fields);
  const first = starts.find(start => start.id === 'best') ?? starts[0]!;
  const [from, setFrom] = useState(first.id);
  const [texts, setTexts] = useState<Texts>(first.fill);
  const [checked, setChecked] = useState<ReadonlySet<string>>(new Set());
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const { values, problems } = wanted(fields, texts);

  const begin = (start: Start) => () => {
    setFrom(start.id);
    setTexts(start.fill());
    setChecked(new Set());
  };
  const submit = (): void => {
    setChecked(new Set(fields.map(field => field.name)));
    if (Object.keys(problems).length > 0) {
      setOutcome(null);
      return;
    }
    asker.ask<unknown>({ what: 'try', params: values }).then(
      answer => setOutcome({ text: success(values, answer), failed: false }),
      (error: Error) => setOutcome({ text: error.message, failed: true })
    );
  };
  return (
    <Frame
      title="Try values of your own"
      close={close}
      submit={submit}
      head={<Starts starts={starts} chosen={from} begin={begin} />}
    >
      <div class="jhpo-fields">
        {fields.map((field, place) => (
          <FieldRow
            key={field.name}
            id={`jhpo-try-${place}`}
            field={field}
            fields={fields}
            texts={texts}
            problem={checked.has(field.name) ? (problems[field.name] ?? '') : ''}
            write={text => setTexts(now => ({ ...now, [field.name]: text }))}
            check={() => setChecked(now => new Set(now).add(field.name))}
          />
        ))}
      </div>
      <div class="jhpo-form-foot">
        <button type="submit" class="jhpo-button jhpo-primary">
          Try next
        </button>
        <OutcomeLine outcome={outcome} />
        <Waiting />
      </div>
    </Frame>
  );
}

function success(values: Values, answer: unknown): string {
  const what = told(values) || 'the defaults';
  return `Trial with ${what} ${typeof answer === 'string' ? answer : 'is tried next'}.`;
}

function Waiting(): JSX.Element {
  const { study } = useView();
  const { queue } = study.info.value;
  const many = queue.length > 0 ? `${queue.length} waiting` : '';
  return <span class="jhpo-dim">{many || 'An empty field takes its default.'}</span>;
}

function useStarts(fields: readonly Field[]): Start[] {
  const { study, ui } = useView();
  const { best } = study.glance.value;
  const starts: Start[] = [
    { id: 'default', label: 'default', fill: () => filledWithDefaults(fields) }
  ];
  if (best) {
    starts.push({ id: 'best', label: 'best', fill: () => filledWith(fields, best.p) });
  }
  const [selected = null] = ui.selected.value;
  const chosen = ui.open.value ?? selected;
  const trial = chosen === null ? undefined : study.trial(chosen);
  if (trial) {
    const fill = (): Texts => filledWith(fields, trial.p);
    starts.push({ id: 'trial', label: `trial ${trial.n}`, fill });
  }
  return starts;
}

interface StartsProps {
  starts: readonly Start[];
  chosen: string;
  begin: (start: Start) => () => void;
}

function Starts({ starts, chosen, begin }: StartsProps): JSX.Element {
  return (
    <div class="jhpo-starts" role="radiogroup" aria-label="Start from the values of">
      <span class="jhpo-dim" aria-hidden="true">
        start from
      </span>
      <span class="jhpo-segments">
        {starts.map(start => (
          <label key={start.id}>
            <input
              type="radio"
              name="jhpo-start"
              checked={chosen === start.id}
              onClick={begin(start)}
            />
            <span>{start.label}</span>
          </label>
        ))}
      </span>
    </div>
  );
}

interface RowProps {
  id: string;
  field: Field;
  fields: readonly Field[];
  texts: Texts;
  problem: string;
  write: (text: string) => void;
  check: () => void;
}

function FieldRow({ id, field, fields, texts, problem, write, check }: RowProps): JSX.Element {
  const params = possible(field, fields, texts);
  const unused = params.length === 0;
  const text = texts[field.name] ?? '';
  const condition = conditionTold(unused ? field.params : params);
  const range = field.choices ? '' : hint(params);
  const notes = unused ? ['not used', condition] : [condition, range];
  const fallback = params.length === 1 ? value(params[0]!.default ?? undefined) : '';
  const shared = {
    id,
    class: 'jhpo-input',
    'aria-describedby': `${id}-note`,
    'aria-invalid': problem !== '',
    value: text,
    onBlur: () => text !== '' && check()
  };
  return (
    <div class={unused ? 'jhpo-field jhpo-unused' : 'jhpo-field'}>
      <label for={id} title={field.name}>
        {field.name}
      </label>
      {field.choices ? (
        <select {...shared} onChange={event => write(event.currentTarget.value)}>
          <option value="">{fallback ? `default (${fallback})` : '(default)'}</option>
          {field.choices.map((choice, place) => (
            <option key={place} value={String(place)}>
              {value(choice)}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...shared}
          type="text"
          inputMode="decimal"
          spellcheck={false}
          placeholder={fallback && `default ${fallback}`}
          onInput={event => write(event.currentTarget.value)}
        />
      )}
      <Note id={`${id}-note`} problem={unused ? '' : problem} notes={notes.filter(Boolean)} />
    </div>
  );
}

interface NoteProps {
  id: string;
  problem: string;
  notes: readonly string[];
}

function Note({ id, problem, notes }: NoteProps): JSX.Element {
  return (
    <small id={id} class={problem ? 'jhpo-problem' : 'jhpo-dim'}>
      {problem
        ? `✕ ${problem}`
        : notes.map((note, i) => [i > 0 && ' · ', <bdi key={note}>{note}</bdi>])}
    </small>
  );
}
