/** Puts a view into an element of the page, in a shadow tree: no style gets in or out. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import uplot from 'uplot/dist/uPlot.min.css';
import { App } from './app';
import { ViewContext } from './context';
import { Asker, type Host } from './data/host';
import { Study } from './data/study';
import { Ui } from './data/ui';
import detail from './detail/detail.css';
import forms from './parts/forms/forms.css';
import canvas from './plots/canvas.css';
import plots from './plots/plots.css';
import base from './style.css';
import table from './table/table.css';
import { onTheme, palette } from './theme';

export function mount(el: HTMLElement, host: Host): () => void {
  const shadow = el.attachShadow({ mode: 'open' });
  const style = document.createElement('style');
  style.textContent = [uplot, base, forms, plots, canvas, table, detail].join('\n');
  const root = document.createElement('div');
  root.className = 'jhpo';
  shadow.append(style, root);
  // keys pressed here are not commands of the notebook: `x` would cut the cell
  el.dataset['lmSuppressShortcuts'] = 'true';
  for (const event of ['keydown', 'keyup', 'keypress'] as const) {
    root.addEventListener(event, each => each.stopPropagation());
  }

  const study = new Study();
  const asker = new Asker(host);
  const ui = new Ui(palette(root));
  let shown = false;
  const sizes = new ResizeObserver(([entry]) => {
    const width = entry?.contentRect.width ?? 0;
    if (width > 0) {
      ui.width.value = width;
      if (!shown) {
        ui.palette.value = palette(root); // an element that is not on a page has no colours
      }
    }
    shown = width > 0;
  });
  sizes.observe(root);
  const stops = [
    onTheme(() => (ui.palette.value = palette(root))),
    host.listen(message => {
      asker.hear(message);
      if (!study.take(message)) {
        asker.hello();
      }
    }),
    effect(() => ui.belongTo(study.info.value.uid)),
    () => sizes.disconnect(),
    () => ui.dispose()
  ];
  render(
    <ViewContext.Provider value={{ study, ui, asker }}>
      <App />
    </ViewContext.Provider>,
    root
  );
  asker.hello();
  return () => {
    stops.forEach(stop => stop());
    render(null, root);
    shadow.replaceChildren();
  };
}
