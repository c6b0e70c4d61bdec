/** Holds the place of an extension of an editor, and fetches it when there is something for it. */
import { Compartment, type EditorState, type Extension } from '@codemirror/state';
import { ViewPlugin, type EditorView, type ViewUpdate } from '@codemirror/view';
import { isTuned, mayBeLiteral } from './tuned';

/** `fetch` gives the extension; it is called when a cell is tuned, or a value could be. */
export function waiting(fetch: () => Promise<Extension>): Extension {
  const place = new Compartment();
  return place.of(
    ViewPlugin.define(view => {
      const waits = new Waiting(view, fetch, extension => place.reconfigure(extension));
      waits.look(view.state);
      return waits;
    })
  );
}

type Effect = ReturnType<Compartment['reconfigure']>;

class Waiting {
  private fetching = false;
  private gone = false;

  constructor(
    private readonly view: EditorView,
    private readonly fetch: () => Promise<Extension>,
    private readonly instead: (extension: Extension) => Effect
  ) {}

  update({ state, docChanged, selectionSet }: ViewUpdate): void {
    if (docChanged || selectionSet) {
      this.look(state);
    }
  }

  look(state: EditorState): void {
    if (!this.fetching && (isTuned(state) || mayBeLiteral(state))) {
      this.fetching = true;
      void this.exchange();
    }
  }

  destroy(): void {
    this.gone = true;
  }

  private async exchange(): Promise<void> {
    try {
      const extension = await this.fetch();
      if (!this.gone) {
        this.view.dispatch({ effects: this.instead(extension) });
      }
    } catch (error) {
      this.fetching = false; // the server may be back with the next key
      console.error('jupyter-hpo: the help in %%tune cells could not be loaded', error);
    }
  }
}
