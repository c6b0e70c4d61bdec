import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { copyText } from './clipboard';

const SHOWN = 1800; // ms

interface Props {
  label: string;
  text: () => string | Promise<string>;
  title?: string;
  class?: string;
  /** among the buttons of a toolbar */
  name?: string;
}

/** A button that copies, and says so in its own place without becoming wider. */
export function CopyButton({ label, text, title, name, class: more = '' }: Props): JSX.Element {
  const [said, say] = useState('');
  useEffect(() => {
    const timer = said ? setTimeout(() => say(''), SHOWN) : undefined;
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    say((await copyText(await text())) ? 'Copied' : 'Not allowed');
  };
  return (
    <>
      <button
        type="button"
        class={`jhpo-button jhpo-copy ${more}`}
        title={title}
        data-name={name}
        onClick={copy}
      >
        <span class={said ? 'jhpo-gone' : ''}>{label}</span>
        {said && <span class="jhpo-over">{said}</span>}
      </button>
      <span class="jhpo-unseen" role="status">
        {said}
      </span>
    </>
  );
}
