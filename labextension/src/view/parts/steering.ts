/** What can be asked of a study now, and what it is at; the same rules as `view/buttons.py`. */
import { isUnfinished } from '../data/study';
import type { Info, Verb } from '../protocol';

/** Whether there is nothing more to steer here. */
export function isOver(info: Info): boolean {
  return !info.live || !isUnfinished(info.state);
}

export interface Steering {
  toggle: 'pause' | 'resume';
  /** what cannot be asked for now: as little as possible */
  off: Readonly<Record<'toggle' | 'skip' | 'stop' | 'shape', boolean>>;
}

/** `running`: the trial under way; `shape` stands for what only matters to trials to come. */
export function steering(info: Info, running: number | undefined): Steering {
  const paused = info.state === 'paused';
  const stopping = info.asked === 'stop';
  return {
    toggle: paused ? 'resume' : 'pause',
    off: {
      toggle: stopping,
      skip: stopping || (paused && running === undefined),
      stop: stopping,
      shape: stopping
    }
  };
}

/** What a study that was asked to do something is at: "pausing…". */
export function doing(asked: Info['asked'] | Verb, running: number | undefined): string {
  switch (asked) {
    case 'pause':
      return 'pausing…';
    case 'resume':
      return 'resuming…';
    case 'stop':
      return 'stopping…';
    case 'skip':
      return running === undefined ? 'skipping…' : `ending trial ${running}…`;
    default:
      return '';
  }
}
