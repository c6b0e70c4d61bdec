/** The marks of the states: each has a shape of its own, whatever its colour. */
import type { Study } from '../data/study';
import { unended } from '../data/tell';
import { STATES } from '../format';
import type { State } from '../protocol';
import type { Palette } from '../theme';
import { bar, chevron, cross, dot, ring, square } from './marks';
import type { Key, Pen } from './scene';

const MARKS: Readonly<Record<State, (pen: Pen, x: number, y: number) => void>> = {
  FAIL: (pen, x, y) => cross(pen, x, y),
  PRUNED: bar,
  SKIPPED: chevron,
  INTERRUPTED: square,
  RUNNING: (pen, x, y) => dot(pen, x, y, 3.5),
  WAITING: (pen, x, y) => ring(pen, x, y, 3, 1.5),
  COMPLETE: (pen, x, y) => ring(pen, x, y, 3, 1)
};

/** The mark of a trial without a value, in the state's shape and colour. */
export function stateMark(pen: Pen, state: State, x: number, y: number, colours: Palette): void {
  const under = state === 'RUNNING' || state === 'WAITING';
  const colour = state === 'FAIL' ? colours.red : under ? colours.blue : colours.dot;
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  MARKS[state](pen, x, y);
}

/** Keys of the states other than complete that occur. */
export function stateKeys(study: Study, colours: Palette): Key[] {
  const { counts } = study.glance.value;
  return (['FAIL', 'PRUNED', 'SKIPPED', 'INTERRUPTED', 'WAITING', 'RUNNING'] as const)
    .filter(state => counts[state] > 0)
    .map(state => ({
      text: state === 'RUNNING' ? unended(study.info.value, '') : STATES[state][0],
      mark: (pen, x, y) => stateMark(pen, state, x, y, colours)
    }));
}
