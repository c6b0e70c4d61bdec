import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Props {
  title: string;
  close: () => void;
  submit: () => void;
  /** beside the title */
  head?: ComponentChildren;
  children: ComponentChildren;
}

/** A form under the toolbar. Escape closes it, from whichever field. */
export function Frame({ title, close, submit, head, children }: Props): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => {
    const first = form.current?.querySelector<HTMLElement>('.jhpo-fields :is(input, select)');
    first?.focus({ preventScroll: true });
  }, []);
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    submit();
    form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.preventDefault();
      close();
    }
  };
  return (
    <form
      ref={form}
      class="jhpo-form"
      aria-label={title}
      noValidate
      autocomplete="off"
      onSubmit={onSubmit}
      onKeyDown={onKeyDown}
    >
      <div class="jhpo-form-head">
        <h3 class="jhpo-form-title">{title}</h3>
        {head}
        <CloseButton close={close} />
      </div>
      {children}
    </form>
  );
}

export function CloseButton({ close }: { close: () => void }): JSX.Element {
  return (
    <button type="button" class="jhpo-close" aria-label="Close" title="Close (Esc)" onClick={close}>
      ✕
    </button>
  );
}

/** What a form's request came to. */
export interface Outcome {
  text: string;
  failed: boolean;
}

export function OutcomeLine({ outcome }: { outcome: Outcome | null }): JSX.Element {
  return (
    <div class="jhpo-outcome">
      <span role="status">{outcome && !outcome.failed ? outcome.text : ''}</span>
      {outcome?.failed && (
        <span role="alert" class="jhpo-problem">
          <span aria-hidden="true">✕ </span>
          {outcome.text}
        </span>
      )}
    </div>
  );
}
