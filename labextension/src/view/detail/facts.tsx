import { Fragment, type JSX } from 'preact';
import { useView } from '../context';
import { valueOf, type Column, type Trial } from '../data/study';
import { value } from '../format';
import type { Scalar } from '../protocol';
import { facts, logged } from './words';

/** Its values, with those of the default and of the best trial where they are others. */
export function Parameters({ trial }: { trial: Trial }): JSX.Element {
  const { study } = useView();
  const { best, baseline } = study.glance.value;
  const others = [
    { title: 'default', trial: baseline },
    { title: 'best', trial: best }
  ].filter(other => other.trial !== null && other.trial.n !== trial.n);
  const columns = study.columns.value.filter(column =>
    [trial, ...others.map(other => other.trial!)].some(each => valueOf(each, column) !== undefined)
  );
  return (
    <table class="jhpo-pairs">
      <thead>
        <tr>
          <th scope="col">
            <span class="jhpo-unseen">hyperparameter</span>
          </th>
          <th scope="col">value</th>
          {others.map(({ title }) => (
            <th scope="col" key={title}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {columns.map(column => (
          <tr key={column.name}>
            <th scope="row">{column.name}</th>
            <td>{held(trial, column)}</td>
            {others.map(other => (
              <td key={other.title} class="jhpo-dim">
                {unlessSame(held(other.trial!, column), held(trial, column))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function unlessSame(told: string, other: string): string {
  return told === other ? 'same' : told;
}

function held(trial: Trial, column: Column): string {
  const is = valueOf(trial, column);
  return is === undefined ? '–' : value(is);
}

/** When and how long it ran, what it took. */
export function Facts({ trial }: { trial: Trial }): JSX.Element {
  const { study } = useView();
  return <Pairs pairs={facts(trial, study.heard.value.now)} />;
}

/** What the cell has logged of it. */
export function Logged({ log }: { log: Record<string, Scalar> }): JSX.Element | null {
  const pairs = Object.entries(log).map(([name, is]) => [name, logged(is)] as [string, string]);
  return pairs.length === 0 ? null : (
    <>
      <h4 class="jhpo-part-title">logged</h4>
      <Pairs pairs={pairs} />
    </>
  );
}

function Pairs({ pairs }: { pairs: readonly [string, string][] }): JSX.Element {
  return (
    <dl class="jhpo-facts">
      {pairs.map(([name, told]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{told}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
