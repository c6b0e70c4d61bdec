import type { JSX } from 'preact';

const PATHS = {
  pause: 'M1 1h3v8H1zM6 1h3v8H6z',
  resume: 'M1.5 .5 9.5 5l-8 4.5z',
  skip: 'M1 1l6 4-6 4zM7.5 1H9v8H7.5z',
  stop: 'M1 1h8v8H1z'
} as const;

/** A mark beside a word, which says it all. */
export function Icon({ name }: { name: keyof typeof PATHS }): JSX.Element {
  return (
    <svg class="jhpo-icon" viewBox="0 0 10 10" width="9" height="9" aria-hidden="true">
      <path d={PATHS[name]} fill="currentColor" />
    </svg>
  );
}
