import { Notification as Toast } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { bestWords, progressWords, stateWord } from '../panel/words';
import type { Listed } from '../studies/brief';

/** Ask the browser for its leave, if it has not been asked; it may want that to follow a click. */
export function askLeave(trans: TranslationBundle): void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'default') {
    return;
  }
  Toast.emit(trans.__('Allow desktop notifications, to be told when a long study ends.'), 'info', {
    autoClose: false,
    actions: [
      {
        label: trans.__('Allow'),
        displayType: 'accent',
        callback: () => void Notification.requestPermission()
      }
    ]
  });
}

/** Tell on the desktop that a study has ended; a click brings `show`. */
export function notify(study: Listed, trans: TranslationBundle, show: () => void): void {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') {
    return;
  }
  const [value, of] = bestWords(study, trans);
  const how = study.state === 'failed' ? study.message : progressWords(study, trans);
  const body = [how, value && trans.__('best %1 %2', value, of)].filter(Boolean).join(' · ');
  const title = trans.__('Study %1: %2', study.name, stateWord(study, trans));
  // by its tag, two pages that show the same study tell it once
  const told = new Notification(title, { body, tag: `jupyter-hpo-${study.uid}` });
  told.onclick = () => {
    window.focus();
    show();
    told.close();
  };
}
