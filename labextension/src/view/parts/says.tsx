import type { JSX } from 'preact';
import { useView } from '../context';
import { isUnfinished } from '../data/study';
import { failures } from '../data/tell';
import { count } from '../format';

/** What the user should know, the loudest first. */
export function Says(): JSX.Element {
  const { study, asker } = useView();
  const info = study.info.value;
  const unfinished = isUnfinished(info.state);
  const lost = unfinished && asker.lost;
  const failed = failures(study.glance.value);
  const told = failed && info.message.includes(study.glance.value.trials.at(-1)?.e ?? '\0');
  return (
    <div class="jhpo-says">
      {info.unsaved && (
        <p class="jhpo-loud" role="alert">
          <b>Not saved.</b> {info.unsaved.replace(/\.?\s*$/, '.')} What is not saved is lost when the
          kernel ends; with --store PATH a study is kept elsewhere.
        </p>
      )}
      {info.message && !unfinished && <p>{info.message}</p>}
      {lost && (
        <p class="jhpo-dim">
          {info.stored && !info.unsaved
            ? 'Its finished trials are stored: the cell goes on with --resume on its first line.'
            : 'It was not stored: what is shown here is all there is of it.'}
        </p>
      )}
      {failed && !told && (
        <p>
          <span class="jhpo-is-failed" aria-hidden="true">
            ✕{' '}
          </span>
          {failed}
        </p>
      )}
      {info.queue.length > 0 && <p>{count(info.queue.length, 'trial')} of yours to come.</p>}
      {info.notes.map(note => (
        <p class="jhpo-dim" key={note}>
          {note}
        </p>
      ))}
    </div>
  );
}
