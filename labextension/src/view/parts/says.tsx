import type { JSX } from 'preact';
import { useView } from '../context';
import { failures } from '../data/tell';
import { count } from '../format';

/** What the user should know, the loudest first. */
export function Says(): JSX.Element {
  const { study, asker } = useView();
  const info = study.info.value;
  const lost = asker.lost && (info.state === 'running' || info.state === 'paused');
  const failed = failures(study.glance.value);
  const told = failed && info.message.includes(study.glance.value.trials.at(-1)?.e ?? '\0');
  return (
    <div class="jhpo-says">
      {info.unsaved && (
        <p class="jhpo-loud" role="alert">
          <b>Not saved.</b> {info.unsaved.replace(/\.?\s*$/, '.')} What is not saved is lost when the
          kernel ends.
        </p>
      )}
      {info.message && !lost && <p>{info.message}</p>}
      {lost && (
        <p class="jhpo-dim">
          Its finished trials are stored. If the kernel has ended, the cell goes on with{' '}
          <code>--resume</code> on its first line.
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
