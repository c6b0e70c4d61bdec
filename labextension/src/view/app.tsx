import type { JSX } from 'preact';
import { useView } from './context';
import { Detail } from './detail/detail';
import { Output } from './detail/output';
import { Controls } from './parts/controls';
import { Header } from './parts/header';
import { Says } from './parts/says';
import { TipBox } from './parts/tip';
import { Plots } from './plots/tabs';
import { Table } from './table/table';

/** Everything there is to see of a study. */
export function App(): JSX.Element {
  const { study } = useView();
  if (!study.ready.value) {
    return <div class="jhpo-wait">Waiting for the study…</div>;
  }
  return (
    <section aria-label={`Study ${study.info.value.name}`}>
      <Header />
      <Controls />
      <Says />
      <Plots />
      <Table />
      <Detail />
      <Output />
      <TipBox />
    </section>
  );
}
