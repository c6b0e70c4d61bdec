/** What the panel says of a study. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { metric, number, real } from '../../view/format';
import { isLive, type Listed } from '../studies/brief';

export function stateWord({ live, state, elsewhere }: Listed, trans: TranslationBundle): string {
  switch (live?.asked) {
    case 'pause':
      return trans.__('pausing…');
    case 'stop':
      return trans.__('stopping…');
  }
  if (elsewhere && state === 'running') {
    return trans.__('running in another kernel');
  }
  const words = {
    running: trans.__('running'),
    paused: trans.__('paused'),
    finished: trans.__('finished'),
    stopped: trans.__('stopped'),
    failed: trans.__('failed')
  };
  return words[state];
}

/** "12 of 40 trials", "40 trials". */
export function progressWords({ done, aim, state }: Listed, trans: TranslationBundle): string {
  const whole = aim === null || (state === 'finished' && done === aim);
  return whole
    ? trans._n('%1 trial', '%1 trials', done)
    : trans._n('%2 of %1 trial', '%2 of %1 trials', aim!, done);
}

/** That it is lost with its kernel; "" if it is not. */
export function savedWords({ live }: Listed, trans: TranslationBundle): string {
  return live && !live.stored ? trans.__('not saved') : '';
}

/** "0.0123 val_loss", or that there is none. */
export function bestWords(study: Listed, trans: TranslationBundle): [value: string, of: string] {
  const name = metric(study.metric);
  return study.best === null
    ? ['', isLive(study) ? trans.__('no value of %1 yet', name) : trans.__('no value of %1', name)]
    : [number(real(study.best)), name];
}

/** All of it in a sentence, for who does not see it. */
export function sentence(study: Listed, trans: TranslationBundle): string {
  const [value, of] = bestWords(study, trans);
  const best = value ? trans.__('best %1 %2', value, of) : of;
  const parts = [title(study, trans), stateWord(study, trans)];
  const more = study.broken ? [study.message] : [progressWords(study, trans), savedWords(study, trans), best];
  return [...parts, ...more].filter(Boolean).join(', ');
}

/** The study's name, and which run of it where there are several. */
export function title({ name, run }: Pick<Listed, 'name' | 'run'>, trans: TranslationBundle): string {
  return run > 1 ? trans.__('%1, run %2', name, run) : name;
}
