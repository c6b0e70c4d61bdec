/** A study of the list. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { launchIcon } from '@jupyterlab/ui-components';
import type { JSX } from 'preact';
import { STUDY_MARKS } from '../../view/format';
import { isLive, share, verbs, type Listed, type Verb } from '../studies/brief';
import { spark } from '../studies/spark';
import { bestWords, progressWords, savedWords, sentence, stateWord } from './words';

const WIDTH = 64;
const HEIGHT = 20;
const ICONS = {
  pause: 'M3 2h3.5v12H3zM9.5 2H13v12H9.5z',
  resume: 'M4 2l9 6-9 6z',
  stop: 'M3 3h10v10H3z'
} as const;

export interface Acts {
  open(study: Listed): void;
  ask(study: Listed, what: Verb): void;
}

interface Props {
  study: Listed;
  acts: Acts;
  trans: TranslationBundle;
  /** why it did not do what it was asked to */
  problem: string;
}

export function Item({ study, acts, trans, problem }: Props): JSX.Element {
  const live = isLive(study);
  const names = { pause: trans.__('Pause'), resume: trans.__('Resume'), stop: trans.__('Stop') };
  const can = verbs(study);
  const telling = study.broken || study.state === 'failed' || (live && study.state === 'paused');
  const told = problem || (telling ? study.message : '');
  return (
    <li>
      <div
        class={`jp-HpoStudy jp-mod-${study.broken ? 'broken' : study.state}${live ? ' jp-mod-live' : ''}`}
        role="group"
        aria-label={sentence(study, trans)}
        data-uid={study.uid}
        tabIndex={-1}
        onMouseDown={event => event.detail > 1 && event.preventDefault()} // it would select a word
        onDblClick={() => acts.open(study)}
      >
        <div class="jp-HpoStudy-top">
          <span class="jp-HpoStudy-mark" aria-hidden="true">
            {study.broken ? '✕' : STUDY_MARKS[study.state]}
          </span>
          <span class="jp-HpoStudy-name" title={study.name}>
            {study.name}
          </span>
          {study.run > 1 && <span class="jp-HpoStudy-run">{trans.__('run %1', study.run)}</span>}
          <span class="jp-HpoStudy-buttons">
            {can.map(what => (
              <Button key={what} name={names[what]} onClick={() => acts.ask(study, what)}>
                <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
                  <path class="jp-icon3" fill="#616161" d={ICONS[what]} />
                </svg>
              </Button>
            ))}
            {!study.broken && (
              <Button name={trans.__('Open')} onClick={() => acts.open(study)}>
                <span
                  class="jp-HpoStudy-icon"
                  aria-hidden="true"
                  dangerouslySetInnerHTML={{ __html: launchIcon.svgstr }}
                />
              </Button>
            )}
          </span>
        </div>
        {!study.broken && <Best study={study} trans={trans} />}
        {!study.broken && (
          <div class="jp-HpoStudy-state">
            <span class="jp-HpoStudy-word">{stateWord(study, trans)}</span>
            {' · '}
            {[progressWords(study, trans), savedWords(study, trans)].filter(Boolean).join(' · ')}
          </div>
        )}
        {told && (
          <div class="jp-HpoStudy-message" role={problem ? 'alert' : undefined} title={told}>
            {told}
          </div>
        )}
        {live && <Bar study={study} />}
      </div>
    </li>
  );
}

function Button(props: { name: string; onClick: () => void; children: JSX.Element }): JSX.Element {
  const act = (event: MouseEvent): void => {
    event.stopPropagation();
    props.onClick();
  };
  return (
    <button
      type="button"
      class="jp-HpoStudy-button"
      aria-label={props.name}
      title={props.name}
      tabIndex={-1}
      onClick={act}
      onDblClick={event => event.stopPropagation()}
    >
      {props.children}
    </button>
  );
}

function Best({ study, trans }: { study: Listed; trans: TranslationBundle }): JSX.Element {
  const drawn = spark(study, WIDTH, HEIGHT);
  const [value, of] = bestWords(study, trans);
  return (
    <div class="jp-HpoStudy-best">
      {drawn && (
        <svg class="jp-HpoStudy-spark" width={WIDTH} height={HEIGHT} aria-hidden="true">
          <path d={drawn.path} />
          <circle cx={drawn.end[0]} cy={drawn.end[1]} r="2" />
        </svg>
      )}
      <span class="jp-HpoStudy-value" title={`${value} ${of}`}>
        {value && <b>{value}</b>} {of}
      </span>
    </div>
  );
}

function Bar({ study }: { study: Listed }): JSX.Element | null {
  const done = share(study);
  return done === null ? null : (
    <div class="jp-HpoStudy-bar" aria-hidden="true">
      <div style={{ width: `${Math.round(done * 1000) / 10}%` }} />
    </div>
  );
}
