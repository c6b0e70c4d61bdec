import type { ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Glance, Trial } from '../../data/study';
import { value } from '../../format';
import type { Param } from '../../protocol';
import { typed } from './numbers';
import { bounds, spanned, type Draft, type Drafts } from './space';
import { Strip } from './strip';
import { tally } from './tally';

interface RowProps {
  param: Param;
  seen: Glance;
  drafts: Drafts;
  write: (key: string, draft: Draft) => void;
  /** the best quarter of the trials */
  good: readonly Trial[];
}

/** Bounds of a number, on either side of the values tried. */
export function RangeRow({ param, seen, drafts, write, good }: RowProps): JSX.Element {
  const { trials, best } = seen;
  const draft = drafts[param.key] ?? {};
  const tried = useMemo(() => tally(param, trials, new Set(good)), [param, trials, good]);
  const found = bounds(param, draft);
  const held = best?.p[param.key];
  const narrow = spanned(param, good);
  const id = `jhpo-edit-${param.key}`;
  const problem = found.lowProblem || found.highProblem;
  const side = (which: 'low' | 'high'): JSX.Element => (
    <input
      class="jhpo-input"
      type="text"
      inputMode="decimal"
      spellcheck={false}
      aria-label={`${which} of ${param.key}`}
      aria-describedby={`${id}-note`}
      aria-invalid={found[`${which}Problem`] !== ''}
      value={draft[which] ?? typed(param[which]!)}
      onInput={event => write(param.key, { ...draft, [which]: event.currentTarget.value })}
    />
  );
  return (
    <Row param={param} note={problem || rowNote(param)} id={id} wrong={problem !== ''}>
      <div class="jhpo-range">
        {side('low')}
        <Strip
          tally={tried}
          low={found.low}
          high={found.high}
          best={typeof held === 'number' ? held : undefined}
        />
        {side('high')}
      </div>
      <button
        type="button"
        class="jhpo-link jhpo-narrow"
        aria-disabled={narrow ? undefined : 'true'}
        title={narrow ? narrow.map(value).join(' to ') : 'too few trials have a value'}
        onClick={() => {
          if (narrow) {
            write(param.key, { low: typed(narrow[0]), high: typed(narrow[1]) });
          }
        }}
      >
        narrow to the best 25 %<span class="jhpo-unseen">, {param.key}</span>
      </button>
    </Row>
  );
}

function rowNote({ type, log, step }: Param): string {
  const scale = log ? 'log scale, low > 0' : step ? `steps of ${value(step)} from low` : '';
  return [type === 'Int' && !step ? 'whole' : '', scale].filter(Boolean).join(', ');
}

/** Choices to keep; at least one. */
export function ChoiceRow({ param, drafts, write }: RowProps): JSX.Element {
  const { choices = [] } = param;
  const off = drafts[param.key]?.off ?? [];
  const id = `jhpo-edit-${param.key}`;
  if (param.type === 'Bool') {
    return (
      <Row param={param} note="" id={id}>
        <span class="jhpo-choices jhpo-dim">True or False: nothing to leave out</span>
      </Row>
    );
  }
  const flip = (place: number): void => {
    const others = off.filter(each => each !== place);
    const next = others.length < off.length ? others : [...off, place];
    if (next.length < choices.length) {
      write(param.key, { off: next });
    }
  };
  return (
    <Row param={param} note="at least one stays" id={id}>
      <div class="jhpo-choices" role="group" aria-labelledby={`${id}-name`}>
        {choices.map((choice, place) => {
          const on = !off.includes(place);
          const last = on && off.length === choices.length - 1;
          return (
            <label key={place} title={last ? 'at least one stays' : undefined}>
              <input
                type="checkbox"
                checked={on}
                aria-disabled={last ? 'true' : undefined}
                onClick={event => {
                  if (last) {
                    event.preventDefault();
                  } else {
                    flip(place);
                  }
                }}
              />
              {value(choice)}
            </label>
          );
        })}
      </div>
    </Row>
  );
}

interface FrameProps {
  param: Param;
  id: string;
  note: string;
  wrong?: boolean;
  children?: ComponentChildren;
}

function Row({ param, id, note, wrong = false, children }: FrameProps): JSX.Element {
  const condition = param.condition && `if ${param.condition.replace(/^\s*if\s+/, '')}`;
  return (
    <div class="jhpo-space-row">
      <div class="jhpo-space-name">
        <span id={`${id}-name`} title={param.key}>
          {param.key}
        </span>
        {condition && (
          <small class="jhpo-dim" title={condition}>
            {condition}
          </small>
        )}
      </div>
      {children}
      <small id={`${id}-note`} class={wrong ? 'jhpo-problem' : 'jhpo-dim'}>
        {wrong ? `✕ ${note}` : note}
      </small>
    </div>
  );
}
