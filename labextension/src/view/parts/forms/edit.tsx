import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useView } from '../../context';
import type { Glance, Trial } from '../../data/study';
import { count, whole } from '../../format';
import type { Change } from '../../protocol';
import { ChoiceRow, RangeRow } from './edit-rows';
import { Frame, OutcomeLine, type Outcome } from './frame';
import { useSlowly } from '../../slowly';
import {
  asDeclared,
  bestQuarter,
  changes,
  insideOf,
  isRange,
  isWrong,
  staying,
  type Draft,
  type Drafts
} from './space';

const PACE = 500; // ms after which trials that have ended meanwhile are counted in

/** Other ranges and choices for the trials to come. */
export function EditForm({ close }: { close: () => void }): JSX.Element {
  const { study, asker } = useView();
  const { params, maximize } = study.info.value;
  const seen = useSlowly(study.glance, PACE);
  const { complete } = seen;
  const [drafts, setDrafts] = useState<Drafts>({});
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const space = JSON.stringify(params);
  useEffect(() => setDrafts({}), [space]); // what was typed was about another space
  const good = useMemo(() => bestQuarter(complete, maximize), [complete, maximize]);
  const wrong = isWrong(params, drafts);
  const changed = changes(params, drafts);
  const many = Object.keys(changed).length;

  const write = (key: string, draft: Draft): void => setDrafts(now => ({ ...now, [key]: draft }));
  const edited = params.filter(param => param.edited);
  const submit = (): void => {
    if (wrong || many === 0) {
      setOutcome(wrong ? null : { text: 'Nothing has been changed yet.', failed: false });
    } else {
      apply(changed);
    }
  };
  const apply = (changes: Record<string, Change>): void => {
    asker.ask<unknown>({ what: 'edit', changes }).then(
      told => {
        setDrafts({});
        setOutcome({ text: sentence(told), failed: false });
      },
      (error: Error) => setOutcome({ text: error.message, failed: true })
    );
  };
  const rows = { seen, drafts, write, good };
  return (
    <Frame
      title="Edit the search space"
      close={close}
      submit={submit}
      head={<Legend good={good} />}
    >
      <div class="jhpo-fields jhpo-space">
        {params.map(param =>
          isRange(param) ? (
            <RangeRow key={param.key} param={param} {...rows} />
          ) : (
            <ChoiceRow key={param.key} param={param} {...rows} />
          )
        )}
      </div>
      <div class="jhpo-form-foot">
        <button type="submit" class="jhpo-button jhpo-primary">
          Apply
        </button>
        <button type="button" class="jhpo-button" onClick={() => setDrafts({})}>
          Reset
        </button>
        {edited.length > 0 && (
          <button
            type="button"
            class="jhpo-button"
            title={`back to the cell’s: ${edited.map(param => param.key).join(', ')}`}
            onClick={() => apply(asDeclared(edited))}
          >
            As declared
          </button>
        )}
        <Staying seen={seen} drafts={drafts} wrong={wrong} />
        <OutcomeLine outcome={outcome} />
      </div>
    </Frame>
  );
}

/** The kernel's answer, which may be the end of a sentence about the space. */
function sentence(told: unknown): string {
  const text = typeof told === 'string' && told ? told : 'holds from the next trial on';
  return /^[a-z]/.test(text) ? `The new space ${text}.` : text;
}

interface StayingProps {
  seen: Glance;
  drafts: Drafts;
  wrong: boolean;
}

/** "18 of 23 trials stay in", as one types. */
function Staying({ seen, drafts, wrong }: StayingProps): JSX.Element {
  const { study } = useView();
  const { params } = study.info.value;
  const { trials, best } = seen;
  const { inside, of } = useMemo(
    () => staying(trials, params, drafts),
    [trials, params, drafts]
  );
  const lost = best !== null && !insideOf(params, drafts)(best);
  return (
    <span role="status" class="jhpo-staying">
      {wrong ? '–' : whole(inside)} of {count(of, 'trial')} stay in
      {lost && !wrong && <span class="jhpo-is-paused">, not the best one</span>}
    </span>
  );
}

function Legend({ good }: { good: readonly Trial[] }): JSX.Element {
  return (
    <span class="jhpo-dim jhpo-legend" aria-hidden="true">
      <i class="jhpo-key-tried" /> tried
      {good.length > 0 && (
        <>
          <i class="jhpo-key-well" /> best 25 % <i class="jhpo-key-best" /> best
        </>
      )}
    </span>
  );
}
